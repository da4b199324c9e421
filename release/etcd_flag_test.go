package release

import "testing"

func TestEtcdAccepts(t *testing.T) {
	const plain, old = "enable-distributed-tracing", "experimental-enable-distributed-tracing"
	const rate, oldRate = "distributed-tracing-sampling-rate", "experimental-distributed-tracing-sampling-rate"
	for _, test := range []struct {
		tag, flag      string
		accepts, known bool
	}{
		{"3.5.10-0", old, true, true},
		{"3.5.10-0", plain, false, true},
		{"3.5.10-0", oldRate, false, true},
		{"v3.5.11", oldRate, true, true},
		{"3.6.0-0", old, true, true},
		{"3.6.0-0", oldRate, true, true},
		{"3.6.0-0", rate, true, true},
		{"3.7.0-0", plain, true, true},
		{"3.7.0-0", old, false, true},
		{"3.4.30-0", old, false, false},
		{"latest", plain, false, false},
		{"", plain, false, false},
	} {
		if accepts, known := EtcdAccepts(test.tag, test.flag); accepts != test.accepts || known != test.known {
			t.Errorf("etcd %s --%s: got %t, %t", test.tag, test.flag, accepts, known)
		}
	}
	if release, ok := EtcdOf("3.5.12-0"); !ok || release.From != "3.5.11" {
		t.Errorf("3.5.12-0: got %+v, %t", release, ok)
	}
}
