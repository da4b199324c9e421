package setting

import (
	"slices"
	"strconv"
	"strings"

	"kubetrace/release"
	"kubetrace/tracing"
)

// The variables that containerd goes by.
// https://github.com/containerd/containerd/blob/main/docs/tracing.md
const (
	otlpEndpoint    = "OTEL_EXPORTER_OTLP_ENDPOINT"
	otlpProtocol    = "OTEL_EXPORTER_OTLP_PROTOCOL"
	otlpInsecure    = "OTEL_EXPORTER_OTLP_INSECURE"
	tracesSampler   = "OTEL_TRACES_SAMPLER"
	tracesSampleArg = "OTEL_TRACES_SAMPLER_ARG"
)

// The values of these variables that follow what the kubelet has decided: alone, and
// with a rate of calls that bring no trace context.
const (
	ProtocolGRPC      = "grpc"
	samplerParent     = "parentbased_always_off"
	samplerParentRate = "parentbased_traceidratio"
)

// The tables of tracing in containerd's config.toml, below "plugins", and their keys.
// Source: tracing/plugin/otlp.go of github.com/containerd/containerd (v1.7.15:86).
const (
	containerdOTLP    = "io.containerd.tracing.processor.v1.otlp"
	containerdTracing = "io.containerd.internal.v1.tracing"

	// The keys of a setting, whose place is [TOMLPath].
	ContainerdEndpoint = "endpoint"
	ContainerdProtocol = "protocol"
	ContainerdInsecure = "insecure"
	ContainerdRatio    = "sampling_ratio"

	// DisabledPlugins is the list of plugins that containerd does not load.
	DisabledPlugins = "disabled_plugins"
)

// The table crio.tracing of CRI-O, and its keys.
// Source: pkg/config/config.go of github.com/cri-o/cri-o (v1.36.0:798).
const (
	CRIOEnable   = "enable_tracing" // and the other two keys
	CRIOEndpoint = "tracing_endpoint"
	CRIORate     = "tracing_sampling_rate_per_million"
)

// runtimeOf returns what a spec sets on a container runtime: variables, then fields of
// its file.
func runtimeOf(r tracing.Resolved, component tracing.Component) []Setting {
	var all []Setting
	field := func(key, value string) {
		all = append(all, Setting{Field, key, TOMLName(TOMLPath(key)), value})
	}
	if component == tracing.ComponentCRIO {
		field(CRIOEnable, "true")
		field(CRIOEndpoint, r.ComponentEndpoint())
		field(CRIORate, decimal(r.CRIOSamplingRate()))
		return all
	}
	rate := r.ContainerdSamplingRate()
	if r.ContainerdVariables() {
		variable := func(name, value string) { all = append(all, Setting{Variable, name, name, value}) }
		variable(otlpEndpoint, r.EndpointURL())
		variable(otlpProtocol, ProtocolGRPC)
		if rate == 0 {
			variable(tracesSampler, samplerParent)
		} else {
			variable(tracesSampler, samplerParentRate)
			variable(tracesSampleArg, ratio(rate))
		}
	}
	if r.ContainerdTOML() {
		all = append(all, ContainerdFields(r)...)
	}
	return all
}

// ContainerdFields are the fields of a config.toml that say what the spec asks of
// containerd, whether its release reads them or not.
func ContainerdFields(r tracing.Resolved) []Setting {
	field := func(key, value string) Setting { return Setting{Field, key, TOMLName(TOMLPath(key)), value} }
	return []Setting{
		field(ContainerdEndpoint, r.ComponentEndpoint()), field(ContainerdProtocol, ProtocolGRPC),
		field(ContainerdInsecure, "true"), field(ContainerdRatio, ratio(r.ContainerdSamplingRate())),
	}
}

// ratio is a rate per million as a part of one, without an exponent.
func ratio(perMillion int32) string {
	return strconv.FormatFloat(float64(perMillion)/million, 'f', -1, 64)
}

// TOMLPath returns the keys that lead to a setting of a container runtime's file.
func TOMLPath(key string) []string {
	switch key {
	case CRIOEnable, CRIOEndpoint, CRIORate:
		return []string{"crio", "tracing", key}
	case ContainerdRatio:
		return []string{"plugins", containerdTracing, key}
	}
	return []string{"plugins", containerdOTLP, key}
}

// TOMLName is a path of keys as TOML has it: plugins."a.b".c.
func TOMLName(path []string) string {
	words := slices.Clone(path)
	for i, word := range words {
		if strings.ContainsFunc(word, func(c rune) bool { return c == '.' }) {
			words[i] = strconv.Quote(word)
		}
	}
	return strings.Join(words, ".")
}

// TOMLValue returns the value of a setting as TOML has it: a truth value, a number or
// a text.
func TOMLValue(s Setting) any {
	switch s.Key {
	case CRIOEnable, ContainerdInsecure:
		return s.Value == "true"
	case CRIORate:
		n, _ := strconv.ParseInt(s.Value, 10, 64) // runtimeOf has written it
		return n
	case ContainerdRatio:
		f, _ := strconv.ParseFloat(s.Value, 64)
		return f
	}
	return s.Value
}

// ReadTOML returns what a container runtime's file says of tracing. The keys that
// containerd knows beside those of [Of], such as the service's name, are somebody's own
// and left out.
func ReadTOML(tree map[string]any, component tracing.Component) []Written {
	keys := []string{ContainerdEndpoint, ContainerdProtocol, ContainerdInsecure, ContainerdRatio}
	if component == tracing.ComponentCRIO {
		keys = []string{CRIOEnable, CRIOEndpoint, CRIORate}
	}
	var all []Written
	for _, key := range keys {
		path := TOMLPath(key)
		var value any = tree
		for _, step := range path {
			table, _ := value.(map[string]any)
			value = table[step]
		}
		if value != nil {
			all = append(all, Written{Kind: Field, Name: TOMLName(path), As: key, Value: tomlText(value)})
		}
	}
	return all
}

// ContainerdDisabled returns the plugins of tracing that a config.toml names in its list
// disabled_plugins: of the values that are there, those which keep containerd from
// sending. A file of version 1 may have their short names.
// Source: V1DisabledFilter and V2DisabledFilter of github.com/containerd/containerd
// services/server/config/config.go (v1.7.15, v1.7.35), and of
// github.com/containerd/containerd/v2 cmd/containerd/server/config/config.go
// (v2.3.4:162, which also translates the short names).
func ContainerdDisabled(tree map[string]any) []Written {
	list, _ := tree[DisabledPlugins].([]any)
	version, _ := tree["version"].(int64)
	var all []Written
	for _, value := range list {
		name, _ := value.(string)
		short := version < 2 && (name == "otlp" || name == "tracing")
		if short || name == containerdOTLP || name == containerdTracing {
			all = append(all, Written{Kind: Field, Name: DisabledPlugins, As: DisabledPlugins, Value: name})
		}
	}
	return all
}

// Enable says what to do with what [ContainerdDisabled] finds.
const Enable = "Take it out of " + DisabledPlugins + ": with it there containerd does not load its exporter of traces"

func tomlText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case int64:
		return strconv.FormatInt(value, 10)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return "something else"
}

// ReadEnvironment returns the variables of an environment: lines of NAME=value, or what
// /proc/PID/environ has.
func ReadEnvironment(text string) []Written {
	var all []Written
	for _, line := range strings.FieldsFunc(text, func(c rune) bool { return c == 0 || c == '\n' }) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r"), "="); ok {
			all = append(all, Written{Kind: Variable, Name: name, As: name, Value: value})
		}
	}
	return all
}

// CRIOConfigCommand prints the configuration that the CRI-O of a spec runs with. It is
// empty where the spec names none.
func CRIOConfigCommand(r tracing.Resolved) string {
	spec := r.Spec().CRIO
	if spec == nil {
		return ""
	}
	version, _ := release.ParseVersion(spec.Version) // which Resolve has read
	row, _ := release.CRIOAt(version)
	return row.ConfigCommand
}

// ContainerdRows are the first and the last row of the table that the containerd of a
// spec may be of, or none where it names none.
func ContainerdRows(r tracing.Resolved) []release.Containerd {
	spec := r.Spec().Containerd
	if spec == nil {
		return nil
	}
	version, _ := release.ParseVersion(spec.Version) // which Resolve has read
	oldest, newest, _ := release.ContainerdAt(version)
	return []release.Containerd{oldest, newest}
}

// ContainerdReadsTOML says whether the containerd of a spec, or one that it may be, takes
// anything from tables of tracing in its config.toml, if only what no variable says.
func ContainerdReadsTOML(r tracing.Resolved) bool {
	return slices.ContainsFunc(ContainerdRows(r), func(row release.Containerd) bool { return row.TOML })
}

// ContainerdFallback returns the variables that a containerd which goes by both forms
// takes from its config.toml, where no variable says them. Written.As is their place
// there.
// Source: github.com/containerd/containerd tracing/plugin/otlp.go (convertOTLPToEnv and
// convertToTracesEnv, v1.7.19:145 and v1.7.35).
func ContainerdFallback(environment, tables []Written) []Written {
	var all []Written
	add := func(w Written, variable, value string) {
		all = append(all, Written{Kind: Variable, Name: variable, As: w.Name, Value: value})
	}
	unset := func(variables ...string) bool {
		return !slices.ContainsFunc(variables, func(name string) bool { return lastVariable(environment, name) >= 0 })
	}
	for _, w := range tables {
		switch rate, _ := strconv.ParseFloat(w.Value, 64); {
		case w.As == ContainerdEndpoint && unset(otlpEndpoint, tracesOwn(otlpEndpoint)):
			add(w, otlpEndpoint, w.Value)
		case w.As == ContainerdProtocol && unset(otlpProtocol, tracesOwn(otlpProtocol)):
			add(w, otlpProtocol, w.Value)
		case w.As == ContainerdInsecure && w.Value == "true" && unset(otlpInsecure, tracesOwn(otlpInsecure)):
			add(w, otlpInsecure, w.Value)
		case w.As == ContainerdRatio && rate > 0 && unset(tracesSampler, tracesSampleArg):
			add(w, tracesSampler, samplerRate)
			add(w, tracesSampleArg, w.Value)
		}
	}
	return all
}
