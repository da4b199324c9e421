package tracing

import "testing"

func TestReleaseOf(t *testing.T) {
	for version, want := range map[string]string{"v1.29.1": "1.29", "1.37": "", "v1.22.17+x": "1.22", "1.21.4": "", "v1.38.0": "", "2.29": "", "mine": "", "": ""} {
		got, ok := ReleaseOf(version)
		if got.Kubernetes != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t", version, got.Kubernetes, ok)
		}
	}
}

func TestReadsTracingConfiguration(t *testing.T) {
	for minor, want := range map[uint][3]bool{22: {true}, 26: {true}, 27: {true, true}, 33: {true, true}, 34: {true, true, true}, 37: {true, true, true}} {
		release := releaseAt(numbers{1, minor})
		got := [3]bool{release.ReadsTracingConfiguration(tracingV1Alpha1), release.ReadsTracingConfiguration(tracingV1Beta1), release.ReadsTracingConfiguration(tracingV1)}
		if got != want || release.ReadsTracingConfiguration("") {
			t.Errorf("1.%d: got %v, want %v", minor, got, want)
		}
	}
}
