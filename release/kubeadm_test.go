package release

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKubeadmVersions(t *testing.T) {
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
		for _, version := range []string{"v1beta1", "v1beta2", "v1beta3", "v1beta4", "v1beta5", "v1"} {
			if kubernetesAt(numbers{1, test.minor}).KubeadmReads("kubeadm.k8s.io/" + version) {
				got = append(got, version)
			}
		}
		var versions []string
		for _, version := range kubernetesAt(numbers{1, test.minor}).KubeadmVersions() {
			versions = append(versions, strings.TrimPrefix(version, "kubeadm.k8s.io/"))
		}
		if diff := cmp.Diff(test.want, versions); diff != "" {
			t.Errorf("versions of 1.%d (-want +got):\n%s", test.minor, diff)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("1.%d (-want +got):\n%s", test.minor, diff)
		}
	}
	if kubernetesAt(numbers{1, 37}).KubeadmReads("") {
		t.Error("nothing is no version")
	}
}

func TestMigrations(t *testing.T) {
	// Two releases that are still to come: the first reads v1 and writes it.
	later := append(All(),
		Kubernetes{Kubernetes: "1.39", KubeadmOldestAPIVersion: "kubeadm.k8s.io/v1beta4", KubeadmAPIVersion: "kubeadm.k8s.io/v1"},
		Kubernetes{Kubernetes: "1.42", KubeadmOldestAPIVersion: "kubeadm.k8s.io/v1", KubeadmAPIVersion: "kubeadm.k8s.io/v1"})
	for _, test := range []struct {
		from, to string
		releases []Kubernetes
		want     []string
	}{
		{"v1beta2", "1.26", All(), nil},
		{"v1beta2", "1.27", All(), []string{"1.26"}},
		{"v1beta2", "1.37", All(), []string{"1.26", "1.36"}},
		{"v1beta3", "1.37", All(), []string{"1.36"}},
		{"v1beta4", "1.29", All(), nil},
		{"v1beta1", "1.37", All(), nil},
		{"v1", "1.37", All(), nil},
		{"v1beta4", "1.39", later, nil},
		{"v1beta4", "1.42", later, []string{"1.39"}},
		{"v1beta2", "1.42", later, []string{"1.26", "1.36", "1.39"}},
		{"v1beta3", "1.37", later, []string{"1.36"}},
		{"v1", "1.37", later, nil},
	} {
		at := slices.IndexFunc(test.releases, func(k Kubernetes) bool { return k.Kubernetes == test.to })
		if diff := cmp.Diff(test.want, test.releases[at].migrations(test.releases, "kubeadm.k8s.io/"+test.from)); diff != "" {
			t.Errorf("%s for %s (-want +got):\n%s", test.from, test.to, diff)
		}
	}
	if diff := cmp.Diff([]string{"1.26", "1.36"}, kubernetesAt(numbers{1, 37}).MigrationsFrom("kubeadm.k8s.io/v1beta2")); diff != "" {
		t.Errorf("v1beta2 for 1.37 (-want +got):\n%s", diff)
	}
}
