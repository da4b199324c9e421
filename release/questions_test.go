package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// must reads a version that is one.
func must(t *testing.T, text string) Version {
	t.Helper()
	version, ok := ParseVersion(text)
	if !ok {
		t.Fatalf("%q is no version", text)
	}
	return version
}

func TestLeaks(t *testing.T) {
	for version, want := range map[string]bool{
		"1.28.9": false, "1.29": true, "1.29.9": true, "1.29.10": false, "1.30.5": true, "1.30.6": false, "1.31.1": true, "1.31.2": false, "1.32": false,
	} {
		row, _ := KubernetesAt(must(t, version))
		if got := row.Leaks(must(t, version)); got != want {
			t.Errorf("%s: got %t", version, got)
		}
	}
}

func TestKubeletFits(t *testing.T) {
	for _, test := range []struct {
		kubelet, controlPlane string
		want                  bool
	}{
		{"1.34", "1.34", true},
		{"1.34.9", "1.34.1", true},
		{"1.31", "1.34", true},
		{"1.30", "1.34", false},
		{"1.24", "1.26", true},
		{"1.24", "1.27", false},
		{"1.35", "1.34", false},
		{"1.37", "1.38", true},
		{"1.21", "1.22", false},
		{"1.37", "2.37", false},
	} {
		if got := KubeletFits(must(t, test.kubelet), must(t, test.controlPlane)); got != test.want {
			t.Errorf("kubelet %s, control plane %s: got %t", test.kubelet, test.controlPlane, got)
		}
	}
}

func TestKubeadmAndEtcd(t *testing.T) {
	for _, test := range []struct {
		kubernetes, etcd string
		installs, starts bool
	}{
		{"1.29", "3.5.9", false, true},
		{"1.29", "3.5.10", true, true},
		{"1.29", "3.5.16", true, true},
		{"1.29", "3.5.17", false, true},
		{"1.33", "3.6.99", false, true},
		{"1.33", "3.7.0", false, false},
		{"1.33", "3.4.9", false, false},
		{"1.35", "3.5.0", false, true},
		{"1.35", "3.9.0", false, true},
		{"1.36", "3.5.99", false, false},
		{"1.36", "3.7.0", true, true},
	} {
		row, _ := KubernetesAt(must(t, test.kubernetes))
		if installs, starts := row.InstallsEtcd(must(t, test.etcd)), row.StartsEtcd(must(t, test.etcd)); installs != test.installs || starts != test.starts {
			t.Errorf("kubeadm %s, etcd %s: got %t, %t", test.kubernetes, test.etcd, installs, starts)
		}
	}
}

func TestDefaultEtcd(t *testing.T) {
	for version, want := range map[string]Etcd{
		"1.25": {From: "3.5.4", FlagPrefix: "experimental-"},
		"1.29": {From: "3.5.10", Traced: true, FlagPrefix: "experimental-", RootSampling: RootSamplingNone},
		"1.30": {From: "3.5.12", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate},
		"1.36": {From: "3.6.8", Traced: true, SamplingRateFlag: true, RootSampling: RootSamplingRate},
	} {
		row, _ := KubernetesAt(must(t, version))
		if diff := cmp.Diff(want, row.DefaultEtcd()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
}

func TestJaegerMajor(t *testing.T) {
	for version, want := range map[string]uint{"1.34.9": 0, "1.35.0": 1, "1.76.0": 1, "2.20.0": 2, "3.0.0": 0} {
		if major, known := JaegerMajor(must(t, version)); known != (want > 0) || known && major != want {
			t.Errorf("Jaeger %s: got %d, %t", version, major, known)
		}
	}
}
