package release

import "testing"

func TestReadsTracingConfiguration(t *testing.T) {
	for minor, want := range map[uint][3]bool{22: {true}, 26: {true}, 27: {true, true}, 33: {true, true}, 34: {true, true, true}, 37: {true, true, true}} {
		row := kubernetesAt(numbers{1, minor})
		got := [3]bool{row.ReadsTracingConfiguration(tracingV1Alpha1), row.ReadsTracingConfiguration(tracingV1Beta1), row.ReadsTracingConfiguration(tracingV1)}
		if got != want || row.ReadsTracingConfiguration("") {
			t.Errorf("1.%d: got %v, want %v", minor, got, want)
		}
	}
}
