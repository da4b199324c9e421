package setting

import (
	"strconv"
	"strings"

	"kubetrace/tracing"
)

// The samplers of OTEL_TRACES_SAMPLER, beside those that we write and
// the default, parentbased_always_on.
const (
	samplerOn   = "always_on"
	samplerOff  = "always_off"
	samplerRate = "traceidratio"
)

// floods says what a sampler does that is too generous.
const floods = "each call without a trace context is traced, so each poll of a kubelet that is not traced"

// sampler is what OpenTelemetry makes of OTEL_TRACES_SAMPLER and its argument.
type sampler struct {
	parent   bool    // it follows the caller's decision, where there is one
	rate     float64 // of the other calls
	readsArg bool
}

func (s sampler) same(other sampler) bool { return s.parent == other.parent && s.rate == other.rate }

// samplerOf returns the sampler of the values of the two variables, empty where they are
// not set. Without a sampler that is known, or a rate that is one, calls are traced
// unless the caller does not sample them.
// Source: go.opentelemetry.io/otel/sdk trace/sampler_env.go (v1.21.0:57, v1.47.0).
func samplerOf(name, arg string) sampler {
	rate, err := strconv.ParseFloat(strings.TrimSpace(arg), 64)
	if err != nil || !(0 <= rate && rate <= 1) {
		rate = 1
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case samplerOn:
		return sampler{rate: 1}
	case samplerOff:
		return sampler{}
	case samplerRate:
		return sampler{rate: rate, readsArg: true}
	case samplerParent:
		return sampler{parent: true}
	case samplerParentRate:
		return sampler{parent: true, rate: rate, readsArg: true}
	}
	return sampler{parent: true, rate: 1} // parentbased_always_on
}

// judgeSampler judges the sampler and its argument. Others that come to the same as the
// spec's are as good.
func judgeSampler(r tracing.Resolved, given []Written) (all []Verdict) {
	wanted := map[string]Setting{}
	for _, s := range variablesOf(r) {
		wanted[s.Name] = s
	}
	value := func(name string) (int, string) {
		at := lastVariable(given, name)
		if at < 0 {
			return at, ""
		}
		return at, given[at].Value
	}
	at, name := value(tracesSampler)
	argAt, arg := value(tracesSampleArg)
	wantName, wantArg := wanted[tracesSampler], wanted[tracesSampleArg]
	if wantName.Name == "" {
		return nil // it goes by its file
	}
	have, want := samplerOf(name, arg), samplerOf(wantName.Value, wantArg.Value)
	class, cure := judgeRates(have, want)

	// Of a sampler that is ours the argument is at fault.
	ours := have.parent && have.readsArg && want.readsArg
	v := Verdict{At: at, Class: class, Name: wantName.Name, Value: wantName.Value, Cure: "Write " + wantName.Value + cure}
	switch {
	case at < 0:
		v.Class, v.Default, v.Cure = OtherValue, have.same(want), setVariable(wantName)+cure
	case ours || class == Same:
		v.Class, v.Cure = Same, ""
	}
	all = append(all, v)

	v = Verdict{At: argAt, Class: class, Name: wantArg.Name, Value: wantArg.Value, Default: have.same(want)}
	switch {
	case argAt < 0 && (!want.readsArg || have.same(want) && at >= 0):
		return all
	case argAt < 0:
		v.Class, v.Cure = OtherValue, setVariable(wantArg)+cure
	case have.same(want) && have.readsArg: // also where ours has none
		v.Class, v.Name, v.Value = Same, tracesSampleArg, arg
	case have.same(want) && at >= 0, !want.readsArg:
		v.Class, v.Name, v.Value = Harmless, "", "" // nothing reads it
	case ours:
		v.Cure = "Write " + wantArg.Value + cure
	case samplerOf(samplerParentRate, arg).same(want):
		v.Class = Same // once the sampler is ours
	default:
		v.Class, v.Cure = OtherValue, "Write "+wantArg.Value+", or change the spec"
	}
	return append(all, v)
}

// judgeRates says what one sampler does in place of another, as the end of a sentence.
func judgeRates(have, want sampler) (Class, string) {
	switch {
	case have.same(want):
		return Same, ""
	case !have.parent && have.rate == 1:
		return OtherValue, ": with this one each poll of the kubelet is traced, whether the kubelet samples it or not"
	case !have.parent:
		return Silent, ": with this one containerd does not ask whether the kubelet samples a call, and most or all of what it does is missing"
	case have.rate == 0:
		return Silent, ": without a rate nothing is sampled that does not come with a sampled trace"
	case have.rate == 1:
		return OtherValue, ": as it is " + floods
	}
	return OtherValue, ", or change the spec"
}
