package containerd_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/containerd"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

func spec(version string, rate int32) tracing.TracingSpec {
	return tracing.TracingSpec{KubernetesVersion: "1.34", Containerd: &tracing.ContainerdSpec{Version: version, SamplingRatePerMillion: &rate}}
}

const (
	follows = `[Service]
Environment="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317"
Environment="OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
Environment="OTEL_TRACES_SAMPLER=parentbased_always_off"
`
	rated = `[Service]
Environment="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317"
Environment="OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
Environment="OTEL_TRACES_SAMPLER=parentbased_traceidratio"
Environment="OTEL_TRACES_SAMPLER_ARG=0.00002"
`
	table = `[plugins."io.containerd.tracing.processor.v1.otlp"]
  endpoint = "127.0.0.1:4317"
  protocol = "grpc"
  insecure = true

[plugins."io.containerd.internal.v1.tracing"]
  sampling_ratio = `
)

// TestReleases has what is written on both sides of each boundary.
func TestReleases(t *testing.T) {
	for _, test := range []struct {
		version string
		rate    int32
		dropIn  string
		config  string
	}{
		{"1.6.31", 1_000_000, "", table + "1.0\n"},
		{"1.6.32", 0, follows, ""},
		{"1.6.36", 20, rated, ""},
		{"1.6", 0, follows, ""},
		{"1.7.0", 0, "", table + "0.0\n"},
		{"1.7.15", 20, "", table + "0.00002\n"},
		{"1.7.16", 0, follows, ""},
		{"1.7.18", 0, follows, ""},
		{"1.7.19", 20, rated, ""},
		{"1.7.35", 0, follows, ""},
		{"1.7", 0, follows, table + "0.0\n"},
		{"2.0", 0, follows, ""},
		{"2.4.2", 20, rated, ""},
		{"2.9", 0, follows, ""},
	} {
		t.Run(test.version, func(t *testing.T) {
			got := ""
			dropIn, err := containerd.ServiceDropIn(spec(test.version, test.rate))
			if dropIn != nil {
				got = string(dropIn.Marshal())
			}
			wantNot(t, err, test.dropIn == "")
			if diff := cmp.Diff(test.dropIn, got); diff != "" {
				t.Errorf("drop-in (-want +got):\n%s", diff)
			}
			got = ""
			config, err := containerd.ConfigFile(spec(test.version, test.rate))
			if config != nil {
				got = string(config.Marshal())
			}
			wantNot(t, err, test.config == "")
			if diff := cmp.Diff(test.config, got); diff != "" {
				t.Errorf("config.toml (-want +got):\n%s", diff)
			}
		})
	}
}

// wantNot checks the error of what there may be none of.
func wantNot(t *testing.T, err error, none bool) {
	t.Helper()
	var not *tracing.NotGeneratedError
	if errors.As(err, &not) != none || none && (not.Component != tracing.ComponentContainerd || not.Field != "containerd.version") {
		t.Errorf("error %v, want one: %t", err, none)
	}
}

// What is typed says what the settings say.
func TestSettings(t *testing.T) {
	for _, version := range []string{"1.6.31", "1.7", "2.3"} {
		for _, endpoint := range []string{"", "[::1]:4317", "unix-abstract:///kubetrace"} {
			s := spec(version, 12345)
			s.Endpoint = endpoint
			r, err := tracing.Resolve(s)
			if err != nil {
				t.Fatal(err)
			}
			given := []setting.Written{}
			for _, v := range containerd.EnvFor(r) {
				given = append(given, setting.Written{Kind: setting.Variable, Name: v.Name, As: v.Name, Value: v.Value})
			}
			verdicts := setting.JudgeContainerdVariables(r, given)
			if config := containerd.ConfigFileFor(r); config != nil {
				var tree map[string]any
				if err := toml.Unmarshal(config.Marshal(), &tree); err != nil {
					t.Fatal(err)
				}
				verdicts = append(verdicts, setting.JudgeContainerdTOML(r, setting.ReadTOML(tree, tracing.ComponentContainerd))...)
			}
			for _, v := range verdicts {
				if v.Class != setting.Same {
					t.Errorf("%s at %s: %+v", version, endpoint, v)
				}
			}
		}
	}
}

func TestDropInEscapes(t *testing.T) {
	d := containerd.DropIn{Environment: []corev1.EnvVar{{Name: "A", Value: `50% of "x\y"` + "\nz"}}}
	want := "[Service]\nEnvironment=\"A=50%% of \\\"x\\\\y\\\"\\nz\"\n"
	if diff := cmp.Diff(want, string(d.Marshal())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
