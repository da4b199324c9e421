package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllEtcd(t *testing.T) {
	want := []Etcd{
		{From: "3.5.0", Traced: false, FlagPrefix: "experimental-", SamplingRateFlag: false, RootSampling: RootSamplingAll},
		{From: "3.5.5", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: false, RootSampling: RootSamplingNone},
		{From: "3.5.11", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate},
		{From: "3.6.0", Traced: true, FlagPrefix: "", SamplingRateFlag: true, RootSampling: RootSamplingRate},
	}
	got := AllEtcd()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("AllEtcd (-want +got):\n%s", diff)
	}
	got[0].FlagPrefix = "changed"
	if diff := cmp.Diff(want, AllEtcd()); diff != "" {
		t.Errorf("AllEtcd after a caller's change (-want +got):\n%s", diff)
	}
}

func TestEtcdAt(t *testing.T) {
	for text, want := range map[string]struct {
		from    string
		support Support
	}{
		"3.4.27": {"", SupportTooOld},
		"3.5.0":  {"3.5.0", SupportKnown}, "3.5.4": {"3.5.0", SupportKnown},
		"3.5.5": {"3.5.5", SupportKnown}, "3.5.10": {"3.5.5", SupportKnown},
		"3.5.11": {"3.5.11", SupportKnown}, "3.5.99": {"3.5.11", SupportKnown},
		"3.6.0": {"3.6.0", SupportKnown}, "3.7.99": {"3.6.0", SupportKnown},
		"3.8.0": {"3.6.0", SupportNewer}, "4.0.0": {"3.6.0", SupportNewer},
	} {
		version, ok := ParseVersion(text)
		if got, support := EtcdAt(version); !ok || got.From != want.from || support != want.support {
			t.Errorf("etcd %s is in the row from %q, %s, want %v", text, got.From, support, want)
		}
	}
}
