package setting_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/setting"
	"kubetrace/release"
	"kubetrace/tracing"
)

const (
	otlp    = `plugins."io.containerd.tracing.processor.v1.otlp".`
	tracer  = `plugins."io.containerd.internal.v1.tracing".`
	withTwo = `{kubernetesVersion: "1.34", containerd: {version: "2.3"}}`
	byRate  = `{kubernetesVersion: "1.34", containerd: {version: "2.3", samplingRatePerMillion: 10000}}`
	byAll   = `{kubernetesVersion: "1.34", containerd: {version: "2.3", samplingRatePerMillion: 1000000}}`
	onAName = `{kubernetesVersion: "1.34", endpoint: "unix-abstract:///kubetrace", containerd: {version: "2.3"}}`
	byTOML  = `{kubernetesVersion: "1.34", containerd: {version: 1.7.15}}`
	byCRIO  = `{kubernetesVersion: "1.34", crio: {version: "1.34"}}`
)

// lines are settings as a file has them.
func lines(all []setting.Setting) (texts []string) {
	for _, s := range all {
		texts = append(texts, s.Name+"="+s.Value)
	}
	return texts
}

func TestOfRuntimes(t *testing.T) {
	endpoint, protocol := "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
	tables := []string{otlp + "endpoint=127.0.0.1:4317", otlp + "protocol=grpc", otlp + "insecure=true"}
	for _, test := range []struct {
		spec      string
		component tracing.Component
		want      []string
	}{
		{`kubernetesVersion: "1.34"`, tracing.ComponentContainerd, nil},
		{`kubernetesVersion: "1.34"`, tracing.ComponentCRIO, nil},
		{withTwo, tracing.ComponentContainerd, []string{endpoint, protocol, "OTEL_TRACES_SAMPLER=parentbased_always_off"}},
		{byRate, tracing.ComponentContainerd, []string{endpoint, protocol, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.01"}},
		{`{kubernetesVersion: "1.34", containerd: {version: "2.3", samplingRatePerMillion: 1}}`, tracing.ComponentContainerd,
			[]string{endpoint, protocol, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.000001"}},
		{onAName, tracing.ComponentContainerd, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://unix-abstract:/kubetrace", protocol, "OTEL_TRACES_SAMPLER=parentbased_always_off"}},
		{byTOML, tracing.ComponentContainerd, append(tables, tracer+"sampling_ratio=0")},
		{`{kubernetesVersion: "1.34", containerd: {version: 1.6.31, samplingRatePerMillion: 1000000}}`, tracing.ComponentContainerd, append(tables, tracer+"sampling_ratio=1")},
		{`{kubernetesVersion: "1.34", endpoint: "unix-abstract:///kubetrace", crio: {version: "1.34", samplingRatePerMillion: 5}}`, tracing.ComponentCRIO,
			[]string{"crio.tracing.enable_tracing=true", "crio.tracing.tracing_endpoint=unix-abstract:///kubetrace", "crio.tracing.tracing_sampling_rate_per_million=5"}},
	} {
		if diff := cmp.Diff(test.want, lines(setting.Of(resolved(t, test.spec), test.component))); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.component, test.spec, diff)
		}
	}
}

// unsettled are the classes of what is not as wanted, by name.
func unsettled(t *testing.T, verdicts []setting.Verdict, given []setting.Written) map[string]setting.Class {
	t.Helper()
	all := map[string]setting.Class{}
	for _, v := range verdicts {
		if v.Settled() || v.Default {
			continue
		}
		name := v.Name
		if v.At >= 0 {
			name = given[v.At].Name
		}
		if v.Cure == "" {
			t.Errorf("%s has no cure", name)
		}
		all[name] = v.Class
	}
	return all
}

func TestJudgeContainerdVariables(t *testing.T) {
	const url, protocol, sampler, arg = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
	good := func(more ...string) []string {
		return append([]string{url + "=http://127.0.0.1:4317", protocol + "=grpc", sampler + "=parentbased_always_off"}, more...)
	}
	type classes = map[string]setting.Class
	for _, test := range []struct {
		name, spec string
		given      []string
		want       classes
	}{
		{"as wanted", withTwo, good("PATH=/bin"), classes{}},
		{"nothing", withTwo, nil, classes{url: setting.Missing, protocol: setting.Missing, sampler: setting.OtherValue}},
		{"a slash", withTwo, good(url + "=http://127.0.0.1:4317/"), classes{}},
		{"no URL", withTwo, good(url + "=127.0.0.1:4317"), classes{url: setting.Silent}},
		{"another port", withTwo, good(url + "=http://127.0.0.1:4318"), classes{url: setting.Silent}},
		{"TLS", withTwo, good(url + "=https://127.0.0.1:4317"), classes{url: setting.Silent}},
		{"another machine", withTwo, good(url + "=http://10.0.0.1:4317"), classes{url: setting.Exposed}},
		{"a socket as the kubelet has it", onAName, good(url + "=unix-abstract:///kubetrace"), classes{url: setting.Silent}},
		{"a socket", onAName, good(url + "=http://unix-abstract:/kubetrace"), classes{}},
		{"another socket", onAName, good(url + "=http://unix-abstract:/other"), classes{url: setting.Silent}},
		{"HTTP", withTwo, good(protocol + "=http/protobuf"), classes{protocol: setting.Silent}},
		{"of traces alone", withTwo, []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", sampler + "=parentbased_always_off"}, classes{}},
		{"one that wins", withTwo, good("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://10.0.0.1:4317"), classes{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": setting.Exposed}},
		{"containerd's own advice", withTwo, good(sampler+"=traceidratio", arg+"=1.0"), classes{sampler: setting.OtherValue}},
		{"all", withTwo, good(sampler + "=always_on"), classes{sampler: setting.OtherValue}},
		{"a rate of all", withTwo, good(sampler+"=traceidratio", arg+"=0.5"), classes{sampler: setting.Silent}},
		{"none of all", withTwo, good(sampler+"=traceidratio", arg+"=0"), classes{sampler: setting.Silent}},
		{"the default", withTwo, good(sampler + "=parentbased_always_on"), classes{sampler: setting.OtherValue}},
		{"the same in other words", withTwo, good(sampler+"=parentbased_traceidratio", arg+"= 0.0"), classes{}},
		{"in capitals", withTwo, good(sampler + "= ParentBased_Always_Off"), classes{}},
		{"without an argument it is 1", withTwo, good(sampler + "=parentbased_traceidratio"), classes{sampler: setting.OtherValue}},
		{"all, in other words", byAll, good(sampler + "=parentbased_always_on"), classes{}},
		{"all, and an argument that nothing reads", byAll, good(sampler+"=parentbased_always_on", arg+"=0.1"), classes{}},
		{"all, by an argument that is none", byAll, good(sampler+"=parentbased_traceidratio", arg+"=2"), classes{}},
		{"all, by default", byAll, good(sampler + "="), classes{sampler: setting.Silent, arg: setting.OtherValue}},
		{"a typo", withTwo, good(sampler + "=parentbased_never"), classes{sampler: setting.OtherValue}},
		{"by the rate of nobody", withTwo, good(sampler+"=parentbased_traceidratio", arg+"=0.5"), classes{sampler: setting.OtherValue}},
		{"an argument that nothing reads", withTwo, good(arg + "=1"), classes{}},
		{"the rate in other words", byRate, good(sampler+"=parentbased_traceidratio", arg+"=0.010"), classes{}},
		{"another rate", byRate, good(sampler+"=parentbased_traceidratio", arg+"=1"), classes{arg: setting.OtherValue}},
		{"no rate", byRate, good(), classes{sampler: setting.Silent, arg: setting.OtherValue}},
		{"no argument", byRate, good(sampler + "=parentbased_traceidratio"), classes{arg: setting.OtherValue}},
		{"an argument that is none", byRate, good(sampler+"=parentbased_traceidratio", arg+"=1%"), classes{arg: setting.OtherValue}},
		{"an argument of nothing", byRate, good(sampler+"=parentbased_traceidratio", arg+"=0"), classes{arg: setting.Silent}},
		{"the argument of another sampler", byRate, good(sampler+"=traceidratio", arg+"=0.01"), classes{sampler: setting.Silent}},
		{"switched off", withTwo, good("OTEL_SDK_DISABLED=true"), classes{"OTEL_SDK_DISABLED": setting.Void}},
		{"not switched off", withTwo, good("OTEL_SDK_DISABLED=false", "OTEL_SERVICE_NAME=mine"), classes{}},
		{"to the console", withTwo, good("OTEL_TRACES_EXPORTER=console"), classes{"OTEL_TRACES_EXPORTER": setting.Void}},
		{"a certificate", withTwo, good("OTEL_EXPORTER_OTLP_CERTIFICATE=/ca.pem"), classes{"OTEL_EXPORTER_OTLP_CERTIFICATE": setting.Silent}},
	} {
		given := written(test.given...)
		got := unsettled(t, setting.JudgeContainerdVariables(resolved(t, test.spec), given), given)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// plugins are the tables of tracing of a config.toml.
func plugins(endpoint, protocol string, insecure bool, ratio any) map[string]any {
	return map[string]any{"plugins": map[string]any{
		"io.containerd.tracing.processor.v1.otlp": map[string]any{"endpoint": endpoint, "protocol": protocol, "insecure": insecure},
		"io.containerd.internal.v1.tracing":       map[string]any{"sampling_ratio": ratio},
	}}
}

func TestJudgeContainerdTOML(t *testing.T) {
	type classes = map[string]setting.Class
	for _, test := range []struct {
		name string
		tree map[string]any
		want classes
	}{
		{"as wanted", plugins("127.0.0.1:4317", "grpc", true, 0.0), classes{}},
		{"nothing", nil, classes{otlp + "endpoint": setting.Missing, otlp + "protocol": setting.Missing, otlp + "insecure": setting.Missing, tracer + "sampling_ratio": setting.OtherValue}},
		{"the guides'", plugins("http://127.0.0.1:4318", "http/protobuf", false, 1.0), classes{otlp + "endpoint": setting.Silent, otlp + "protocol": setting.Silent, otlp + "insecure": setting.Silent, tracer + "sampling_ratio": setting.OtherValue}},
		{"another machine", plugins("10.0.0.1:4317", "grpc", true, int64(0)), classes{otlp + "endpoint": setting.Exposed}},
	} {
		given := setting.ReadTOML(test.tree, tracing.ComponentContainerd)
		got := unsettled(t, setting.JudgeContainerdTOML(resolved(t, byTOML), given), given)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestContainerdVoid(t *testing.T) {
	for _, test := range []struct {
		name string
		tree map[string]any
		want map[string]setting.Class
	}{
		{"what containerd prints", plugins("", "", false, 1.0), map[string]setting.Class{}},
		{"an endpoint", plugins("x:4318", "", false, 1.0), map[string]setting.Class{otlp + "endpoint": setting.Void}},
		{"what we wrote", plugins("127.0.0.1:4317", "grpc", true, 0.0), map[string]setting.Class{otlp + "endpoint": setting.Void, otlp + "protocol": setting.Void, otlp + "insecure": setting.Void, tracer + "sampling_ratio": setting.Void}},
		{"a rate", plugins("", "", true, 0.5), map[string]setting.Class{otlp + "insecure": setting.Void, tracer + "sampling_ratio": setting.Void}},
		{"no table", map[string]any{"plugins": "none"}, map[string]setting.Class{}},
	} {
		given := setting.ReadTOML(test.tree, tracing.ComponentContainerd)
		if diff := cmp.Diff(test.want, unsettled(t, setting.ContainerdVoid(given), given)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestJudgeCRIO(t *testing.T) {
	const enable, endpoint, rate = "crio.tracing.enable_tracing", "crio.tracing.tracing_endpoint", "crio.tracing.tracing_sampling_rate_per_million"
	table := func(fields map[string]any) map[string]any {
		return map[string]any{"crio": map[string]any{"tracing": fields}}
	}
	type classes = map[string]setting.Class
	for _, test := range []struct {
		name   string
		fields map[string]any
		want   classes
	}{
		{"as wanted", map[string]any{"enable_tracing": true, "tracing_endpoint": "127.0.0.1:4317", "tracing_sampling_rate_per_million": int64(0)}, classes{}},
		{"the default rate", map[string]any{"enable_tracing": true, "tracing_endpoint": "127.0.0.1:4317"}, classes{}},
		{"nothing", nil, classes{enable: setting.Missing, endpoint: setting.Missing}},
		{"off", map[string]any{"enable_tracing": false, "tracing_endpoint": "0.0.0.0:4317", "tracing_sampling_rate_per_million": int64(1000000)},
			classes{enable: setting.Silent, endpoint: setting.OtherValue, rate: setting.OtherValue}},
		{"a rate that is none", map[string]any{"enable_tracing": true, "tracing_endpoint": "127.0.0.1:4317", "tracing_sampling_rate_per_million": int64(-1)}, classes{rate: setting.OtherValue}},
	} {
		given := setting.ReadTOML(table(test.fields), tracing.ComponentCRIO)
		got := unsettled(t, setting.JudgeCRIO(resolved(t, byCRIO), given), given)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestContainerdFits(t *testing.T) {
	for _, test := range []struct {
		spec, version string
		want          bool
	}{
		{withTwo, "2.4.2", true}, {withTwo, "1.7.18", true}, {withTwo, "1.7.35", true}, {withTwo, "1.7.15", false},
		{byTOML, "1.7.0", true}, {byTOML, "1.7.18", false}, {byTOML, "2.0.0", false},
		{`{kubernetesVersion: "1.34", containerd: {version: "1.7"}}`, "1.7.15", true},
		{`{kubernetesVersion: "1.34", containerd: {version: "1.7"}}`, "1.7.18", true},
	} {
		row, known := release.ContainerdOf(test.version)
		if !known {
			t.Fatal(test.version)
		}
		if got := setting.ContainerdFits(resolved(t, test.spec), row); got != test.want {
			t.Errorf("%s with %s: got %t", test.version, test.spec, got)
		}
	}
}

func TestJudgeContainerdUnfit(t *testing.T) {
	const both, floods = `write the minor release alone, "1.7"`, "each call without a trace context is traced"
	for _, test := range []struct {
		spec, version string
		want          setting.Class
		says, not     string
	}{
		{byTOML, "1.7.22", setting.OtherValue, floods, ""},
		{byTOML, "1.7.35", setting.OtherValue, both, ""},
		{byTOML, "1.7.18", setting.Silent, both, floods},
		{byTOML, "2.0.1", setting.Silent, both, floods},
		{withTwo, "1.7.14", setting.Silent, both, floods},
		{withTwo, "1.6.20", setting.Silent, "another form", both},
		{`{kubernetesVersion: "1.34", containerd: {version: 1.6.31, samplingRatePerMillion: 5}}`, "1.7.22", setting.Silent, "another form", both},
		{`{kubernetesVersion: "1.34", containerd: {version: 1.7.15, samplingRatePerMillion: 5}}`, "1.7.22", setting.Silent, both, floods},
		{`{kubernetesVersion: "1.34", endpoint: "127.0.0.1:5317", containerd: {version: 1.7.15}}`, "1.7.22", setting.Silent, both, floods},
	} {
		row, _ := release.ContainerdOf(test.version)
		class, cure := setting.JudgeContainerdUnfit(resolved(t, test.spec), row)
		if class != test.want || !strings.Contains(cure, test.says) || test.not != "" && strings.Contains(cure, test.not) {
			t.Errorf("%s with %s: %s, %s", test.version, test.spec, class, cure)
		}
	}
}

func TestContainerdReadsTOML(t *testing.T) {
	for spec, want := range map[string]bool{
		`kubernetesVersion: "1.34"`: false, withTwo: false, byTOML: true,
		`{kubernetesVersion: "1.34", containerd: {version: "1.7"}}`:  true,
		`{kubernetesVersion: "1.34", containerd: {version: 1.7.18}}`: false,
		`{kubernetesVersion: "1.34", containerd: {version: 1.7.35}}`: true,
	} {
		if got := setting.ContainerdReadsTOML(resolved(t, spec)); got != want {
			t.Errorf("%s: got %t", spec, got)
		}
	}
}

func TestContainerdFallback(t *testing.T) {
	tables := setting.ReadTOML(plugins("http://a:4317", "grpc", true, 0.5), tracing.ComponentContainerd)
	for _, test := range []struct {
		name        string
		environment []string
		want        []string
	}{
		{"no variable", nil, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_INSECURE=true", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.5"}},
		{"variables of traces", []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://b:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_TRACES_INSECURE=false", "OTEL_TRACES_SAMPLER_ARG=1"}, nil},
		{"empty variables", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_TRACES_SAMPLER=always_off"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317", "OTEL_EXPORTER_OTLP_INSECURE=true"}},
	} {
		var got []string
		for _, w := range setting.ContainerdFallback(written(test.environment...), tables) {
			got = append(got, w.Name+"="+w.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestReadEnvironment(t *testing.T) {
	want := written("A=b", "C=d=e", "F=")
	for _, text := range []string{"A=b\nC=d=e\r\nF=\nnone\n", "A=b\x00C=d=e\x00F=\x00"} {
		if diff := cmp.Diff(want, setting.ReadEnvironment(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
