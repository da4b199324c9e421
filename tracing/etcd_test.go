package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEtcdReleases(t *testing.T) {
	want := []EtcdRelease{
		{From: "3.5.0", Traced: false, FlagPrefix: "experimental-", SamplingRateFlag: false, RootSampling: RootSamplingAll},
		{From: "3.5.5", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: false, RootSampling: RootSamplingNone},
		{From: "3.5.11", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate},
		{From: "3.6.0", Traced: true, FlagPrefix: "", SamplingRateFlag: true, RootSampling: RootSamplingRate},
	}
	got := EtcdReleases()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("EtcdReleases (-want +got):\n%s", diff)
	}
	got[0].FlagPrefix = "changed"
	if diff := cmp.Diff(want, EtcdReleases()); diff != "" {
		t.Errorf("EtcdReleases after a caller's change (-want +got):\n%s", diff)
	}
}

func TestEtcdBoundaries(t *testing.T) {
	for version, from := range map[string]string{
		"3.5.0": "3.5.0", "3.5.4": "3.5.0",
		"3.5.5": "3.5.5", "3.5.10": "3.5.5",
		"3.5.11": "3.5.11", "3.5.99": "3.5.11",
		"3.6.0": "3.6.0", "3.7.0": "3.6.0", "3.8.0": "3.6.0",
	} {
		v, ok := parseVersion(version)
		if got := etcdAt(v.numbers).From; !ok || got != from {
			t.Errorf("etcd %s is in the row from %q, want %q", version, got, from)
		}
	}
}
