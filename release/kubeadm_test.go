package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKubeadmReads(t *testing.T) {
	for _, test := range []struct {
		minor uint
		want  []string
	}{
		{22, []string{"v1beta2", "v1beta3"}},
		{26, []string{"v1beta2", "v1beta3"}},
		{27, []string{"v1beta3"}},
		{30, []string{"v1beta3"}},
		{31, []string{"v1beta3", "v1beta4"}},
		{36, []string{"v1beta3", "v1beta4"}},
		{37, []string{"v1beta4"}},
	} {
		var got []string
		for _, version := range []string{"v1beta1", "v1beta2", "v1beta3", "v1beta4", "v1beta5"} {
			if kubernetesAt(numbers{1, test.minor}).KubeadmReads("kubeadm.k8s.io/" + version) {
				got = append(got, version)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("1.%d (-want +got):\n%s", test.minor, diff)
		}
	}
	if kubernetesAt(numbers{1, 37}).KubeadmReads("") {
		t.Error("nothing is no version")
	}
}
