package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validRuntimes are specs with a container runtime.
var validRuntimes = map[string]string{
	"containerd 2":               `containerd: {version: "2.3"}`,
	"containerd of a patch":      `containerd: {version: 1.7.15, samplingRatePerMillion: 0}`,
	"any containerd 1.7":         `containerd: {version: "1.7", samplingRatePerMillion: 1000000}`,
	"containerd by its rate":     `containerd: {version: 1.6.31, samplingRatePerMillion: 5}`,
	"any containerd 1.6":         `containerd: {version: "1.6"}`,
	"containerd without kubelet": `{containerd: {version: "2.0"}, kubelet: {disabled: true}}`,
	"CRI-O":                      `crio: {version: "1.34", samplingRatePerMillion: 7}`,
	"both on a socket":           `{crio: {version: 1.33.4}, containerd: {version: "1.7"}, endpoint: "unix-abstract:///a"}`,
}

func TestContainerd(t *testing.T) {
	type forms struct {
		Variables, TOML bool
		Rate            int32
	}
	for spec, want := range map[string]forms{
		`{}`:                                                        {},
		`containerd: {version: "2.3"}`:                              {Variables: true},
		`containerd: {version: 2.9.1}`:                              {Variables: true},
		`containerd: {version: 1.7.35}`:                             {Variables: true},
		`containerd: {version: 1.7.18}`:                             {Variables: true},
		`containerd: {version: 1.7.15}`:                             {TOML: true},
		`containerd: {version: 1.6.36}`:                             {Variables: true},
		`containerd: {version: "1.6"}`:                              {Variables: true},
		`containerd: {version: "1.7"}`:                              {Variables: true, TOML: true}, // either may be the one that is read
		`containerd: {version: 1.6.31, samplingRatePerMillion: 5}`:  {TOML: true, Rate: 5},
		`{samplingRatePerMillion: 9, containerd: {version: "2.0"}}`: {Variables: true}, // it follows the kubelet
		`{samplingRatePerMillion: 9, containerd: {version: "2.0", samplingRatePerMillion: 3}}`: {Variables: true, Rate: 3},
	} {
		r := resolved(t, spec)
		if diff := cmp.Diff(want, forms{r.ContainerdVariables(), r.ContainerdTOML(), r.ContainerdSamplingRate()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
	}
}

func TestRuntimeNotGenerated(t *testing.T) {
	r := resolved(t, `{}`)
	for component, path := range map[Component]string{ComponentContainerd: "containerd", ComponentCRIO: "crio"} {
		if why := r.NotGenerated(component); why == nil || why.Field != path {
			t.Errorf("%s: not generated because of %v, want %s", component, why, path)
		}
	}
	if r = resolved(t, `{containerd: {version: "2.0"}, crio: {version: "1.34", samplingRatePerMillion: 3}}`); r.NotGenerated(ComponentContainerd) != nil || r.NotGenerated(ComponentCRIO) != nil || r.CRIOSamplingRate() != 3 {
		t.Error("a runtime that is named is not generated")
	}
}

func TestEndpointURL(t *testing.T) {
	for spec, want := range map[string]string{
		`{}`:                               "http://127.0.0.1:4317",
		`endpoint: "[::1]:5000"`:           "http://[::1]:5000",
		`endpoint: "unix-abstract:///a.b"`: "http://unix-abstract:/a.b",
		`{endpoint: "otel.example.com:4317", collector: {disabled: true}}`: "http://otel.example.com:4317",
	} {
		if got := resolved(t, spec).EndpointURL(); got != want {
			t.Errorf("%s: got %s, want %s", spec, got, want)
		}
	}
}

func TestInvalidRuntimes(t *testing.T) {
	const version, rate = "containerd.version", "containerd.samplingRatePerMillion"
	checkInvalid(t, []invalidCase{
		{"containerd without a version", `containerd: {}`, []problem{{required, version, `such as "2.3"`}}},
		{"no version", `containerd: {version: latest}`, []problem{{invalid, version, "two or three numbers"}}},
		{"as a node says it", `containerd: {version: "containerd://2.3.4"}`, []problem{{invalid, version, "two or three numbers"}}},
		{"containerd without tracing", `containerd: {version: 1.5.18}`, []problem{{field.ErrorTypeNotSupported, version, "from 1.6 on"}}},
		{"another containerd", `containerd: {version: "3.0"}`, []problem{{field.ErrorTypeNotSupported, version, "2.4"}}},
		{"rate of containerd", `containerd: {version: "2.0", samplingRatePerMillion: 1000001}`, []problem{{invalid, rate, "1000000"}}},
		{"containerd that cannot follow", `containerd: {version: 1.6.31}`, []problem{{required, rate, "move to 1.6.32"}}},
		{"containerd that traces nothing", `containerd: {version: 1.6.0, samplingRatePerMillion: 0}`, []problem{{required, rate, "leave containerd out"}}},
		{"CRI-O without a version", `crio: {samplingRatePerMillion: -1}`, []problem{{invalid, "crio.samplingRatePerMillion", "1000000"}, {required, "crio.version", `such as "1.33"`}}},
		{"CRI-O without tracing", `crio: {version: 1.22.5}`, []problem{{field.ErrorTypeNotSupported, "crio.version", "from 1.23 on"}}},
		{"another CRI-O", `crio: {version: "2.0"}`, []problem{{field.ErrorTypeNotSupported, "crio.version", "1.36"}}},
	})
}
