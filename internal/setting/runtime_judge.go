package setting

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/unitedit"
	"kubetrace/release"
	"kubetrace/tracing"
)

// ContainerdFits says whether a containerd goes by one of the forms that a spec writes.
func ContainerdFits(r tracing.Resolved, row release.Containerd) bool {
	return r.ContainerdVariables() && row.Variables || r.ContainerdTOML() && row.TOML && !row.Variables
}

// JudgeContainerdVariables judges the environment of a containerd that goes by it.
// Source: github.com/containerd/containerd/v2 pkg/tracing/plugin/otlp.go (v2.3.4:33), and
// what the exporters and the sampler of OpenTelemetry read (seen with 1.6.36, 1.7.35,
// 2.0.13 and 2.4.2).
func JudgeContainerdVariables(r tracing.Resolved, given []Written) []Verdict {
	all := JudgeVariables(given)
	for _, w := range variablesOf(r) {
		at := lastVariable(given, w.Name)
		switch w.Name {
		case tracesSampler, tracesSampleArg:
			continue // together, below
		case otlpEndpoint, otlpProtocol:
			if own := lastVariable(given, tracesOwn(w.Name)); own >= 0 {
				at = own // which wins
			}
		}
		v := Verdict{At: at, Class: Missing, Name: w.Name, Value: w.Value, Cure: setVariable(w)}
		if at >= 0 {
			v.Name = given[at].Name
			v.Class, v.Cure = judgeVariable(r, w, given[at].Value)
		}
		all = append(all, v)
	}
	all = append(all, judgeSampler(r, given)...)
	for i, v := range all {
		if v.At < 0 || v.Name == "" || given[v.At].As == given[v.At].Name {
			continue
		}
		// What ContainerdFallback found in config.toml.
		cure := strings.TrimPrefix(v.Cure, "Write "+v.Value)
		switch {
		case v.Class == Same:
			all[i].Class, cure = OtherValue, ": containerd 2.0 does not read it here any more"
		case v.Name == otlpEndpoint && listensAtDefault(r) && isNoURL(given[v.At].Value) && isInsecure(given):
			all[i].Class, cure = OtherValue, ": without http:// containerd does not read the one here, and sends to localhost:4317, where the collector happens to listen"
		}
		all[i].Cure = setVariable(Setting{Name: v.Name, Value: v.Value}) + cure
	}
	for at, w := range given {
		switch {
		case w.Name == UnsetEnvironment && takesAway(all, w.Value):
			all = append(all, Verdict{At: at, Class: Void, Cure: "Take it out: systemd takes the variable away last, wherever it is set"})
		case !isSet(w):
		case w.Name == "OTEL_SDK_DISABLED" && !isFalse(w.Value):
			all = append(all, Verdict{At: at, Class: Void, Cure: "Take it out: it switches tracing off"})
		case w.Name == "OTEL_TRACES_EXPORTER" && w.Value != "otlp":
			all = append(all, Verdict{At: at, Class: Void, Cure: "Take it out: containerd knows otlp alone, and is not traced with another"})
		}
	}
	return all
}

// UnsetEnvironment is the name of what a systemd unit takes away: of NAME, or of
// NAME=value where it has that value.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#UnsetEnvironment=
const UnsetEnvironment = "UnsetEnvironment"

// JudgeContainerdUnfit judges a containerd for whose form the spec has nothing, see
// [ContainerdFits]. One that takes from the tables of 1.7 what no variable says drops
// their rate of 0; what it makes of any other is not what the kubelet samples.
func JudgeContainerdUnfit(r tracing.Resolved, row release.Containerd) (Class, string) {
	version := r.Spec().Containerd.Version
	cure := "this one goes by another form of the settings than " + version
	class := Silent
	if row.Variables && row.TOML && r.ContainerdSamplingRate() == 0 && listensAtDefault(r) {
		class, cure = OtherValue, cure+", of which it does not take the rate: "+floods
	}
	tables := row
	if r.ContainerdTOML() {
		tables, _ = release.ContainerdOf(version)
	}
	if tables.FollowsParent { // as 1.6.31 does not
		cure += `. Where nodes have both, write the minor release alone, "1.7", which generates both forms`
	}
	return class, cure
}

// listensAtDefault says whether the collector listens where the exporter sends to that
// has no endpoint which it can read, localhost:4317.
// Source: go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc of containerd
// 1.7.19 to 1.7.35, internal/envconfig/envconfig.go (WithURL, v1.19.0:101) and
// internal/otlpconfig/options.go (NewGRPCConfig, v1.19.0:110).
func listensAtDefault(r tracing.Resolved) bool {
	host, port, err := net.SplitHostPort(r.ComponentEndpoint())
	return err == nil && port == "4317" && net.ParseIP(host).IsLoopback()
}

func isNoURL(text string) bool {
	_, err := url.Parse(text)
	return err != nil
}

// isInsecure says whether the exporter sends in plain text without a URL that says so.
func isInsecure(given []Written) bool {
	at := lastVariable(given, otlpInsecure)
	if own := lastVariable(given, tracesOwn(otlpInsecure)); own >= 0 {
		at = own
	}
	return at >= 0 && strings.EqualFold(strings.TrimSpace(given[at].Value), "true")
}

// takesAway says whether one of the variables that are wanted is unset.
func takesAway(wanted []Verdict, unset string) bool {
	name, value, exact := strings.Cut(unset, "=")
	return slices.ContainsFunc(wanted, func(v Verdict) bool { return v.Name == name && (!exact || v.Value == value) })
}

// setVariable says where a variable is set: kubetrace.NodeFileContainerd.
func setVariable(s Setting) string {
	return "Write " + unitedit.Assignment(s.Name, s.Value) + " below [Service] into /etc/systemd/system/containerd.service.d/90-kubetrace.conf, and run systemctl daemon-reload && systemctl restart containerd"
}

func variablesOf(r tracing.Resolved) []Setting {
	return slices.DeleteFunc(Of(r, tracing.ComponentContainerd), func(s Setting) bool { return s.Kind != Variable })
}

// lastVariable is the index of a variable that is set, or -1.
func lastVariable(given []Written, name string) int {
	for at := len(given) - 1; at >= 0; at-- {
		if given[at].Name == name && isSet(given[at]) {
			return at
		}
	}
	return -1
}

// tracesOwn is the variable of traces that wins over one of all signals.
func tracesOwn(name string) string {
	return strings.Replace(name, "OTLP_", "OTLP_TRACES_", 1)
}

func isFalse(text string) bool {
	on, err := strconv.ParseBool(text)
	return err == nil && !on
}

// judgeVariable judges the value of the endpoint or the protocol.
func judgeVariable(r tracing.Resolved, want Setting, have string) (Class, string) {
	switch {
	case have == want.Value:
		return Same, ""
	case want.Name == otlpEndpoint:
		return judgeURL(r, have)
	}
	return Silent, "Write " + want.Value + ": the collector listens for gRPC"
}

// judgeURL judges an endpoint that is a URL.
func judgeURL(r tracing.Resolved, have string) (Class, string) {
	write := "Write " + r.EndpointURL()
	parsed, err := url.Parse(have)
	switch {
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https":
		return Silent, write + ": containerd reads a URL with http:// here, and sends elsewhere without it"
	case parsed.Scheme == "https":
		return Silent, write + ": with https:// containerd speaks TLS, and the collector does not"
	}
	address := parsed.Host
	if address == "unix-abstract:" {
		address = "unix-abstract://" + parsed.Path
	}
	class, cure := JudgeEndpoint(r, address)
	return class, strings.ReplaceAll(cure, r.ComponentEndpoint(), r.EndpointURL())
}

// JudgeContainerdTOML judges the tables of a config.toml that containerd goes by, of
// version 2 or later; see [OldConfig].
func JudgeContainerdTOML(r tracing.Resolved, given []Written) []Verdict {
	all := judgeTOML(r, tracing.ComponentContainerd, given, func(s Setting, have string) (Class, string) {
		switch {
		case s.Key == ContainerdEndpoint:
			return JudgeEndpoint(r, have)
		case s.Key == ContainerdProtocol:
			return Silent, "Write grpc: the collector listens for nothing else"
		case s.Key == ContainerdInsecure:
			return Silent, "Write true: without it containerd speaks TLS, and the collector does not"
		case have == "0":
			return Silent, "Write " + s.Value + ": without a rate nothing is sampled that does not come with a sampled trace"
		}
		return OtherValue, "Write " + s.Value + ", or change the spec"
	})
	for i, v := range all {
		if v.Class == Missing && strings.HasSuffix(v.Name, ContainerdRatio) { // it is 1 by itself
			all[i].Class, all[i].Default, all[i].Cure = OtherValue, v.Value == "1", v.Cure+": without it "+floods
		}
	}
	return all
}

// OldConfig says what to do with a config.toml of version 1.
// Source: github.com/containerd/containerd cmd/containerd/command/config.go (v1.7.15:46,
// which reads the names of version 1 and prints those of 2, but not in the two lists) and
// services/server/config/config.go (ValidateV2, v1.7.15:99; LoadConfig, v1.7.15:228, which names all files in
// imports, also the one that it read first).
const OldConfig = "In version 1 containerd does not know the tables by these names. Run containerd config dump > new.toml, which prints it in version 2 with all that it imports. Take out its line imports, write the names in its disabled_plugins and required_plugins in full, such as io.containerd.grpc.v1.cri for cri, and put it in place of this file"

// JudgeCRIO judges the table of tracing of CRI-O's configuration.
func JudgeCRIO(r tracing.Resolved, given []Written) []Verdict {
	return judgeTOML(r, tracing.ComponentCRIO, given, func(s Setting, have string) (Class, string) {
		switch s.Key {
		case CRIOEnable:
			return Silent, "Write true: without it CRI-O is not traced"
		case CRIOEndpoint:
			return JudgeEndpoint(r, have)
		}
		class, cure := JudgeRate(have, s.Value)
		if class == RefusesToStart { // CRI-O takes any whole number
			class, cure = OtherValue, "Write "+s.Value+", or change the spec"
		}
		return class, cure
	})
}

func judgeTOML(r tracing.Resolved, component tracing.Component, given []Written, judge func(Setting, string) (Class, string)) []Verdict {
	var all []Verdict
	for _, s := range Of(r, component) {
		if s.Kind != Field {
			continue
		}
		v := Verdict{At: slices.IndexFunc(given, func(w Written) bool { return w.Name == s.Name }), Name: s.Name, Value: s.Value, Class: Missing}
		v.Cure = fmt.Sprintf("Write %s = %s into the file, and restart the service", s.Name, tomlLiteral(TOMLValue(s)))
		switch {
		case v.At < 0:
			v.Default = s.Key == CRIORate && s.Value == "0"
		case given[v.At].Value == s.Value:
			v.Class, v.Cure = Same, ""
		default:
			v.Class, v.Cure = judge(s, given[v.At].Value)
		}
		all = append(all, v)
	}
	return all
}

func tomlLiteral(value any) string {
	if text, ok := value.(string); ok {
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}

// ContainerdVoid says what of the tables of tracing in a config.toml a containerd passes
// over: all, where it goes by variables. An empty value is as good as none, and those
// that containerd 1.x prints as its default are no wish of anybody's.
func ContainerdVoid(given []Written) []Verdict {
	var all []Verdict
	for at, w := range given {
		printed := w.Value == "" || w.As == ContainerdInsecure && w.Value == "false" || w.As == ContainerdRatio && w.Value == "1"
		if !printed {
			all = append(all, Verdict{At: at, Class: Void, Cure: "Take it out: this containerd goes by the variables OTEL_… of its environment alone"})
		}
	}
	return all
}
