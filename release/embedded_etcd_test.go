package release_test

import (
	"testing"

	"kubetrace/release"
)

// TestEmbeddedEtcd holds the patches at which the flags of tracing change, written by
// hand from the sources that the tables name.
func TestEmbeddedEtcd(t *testing.T) {
	type of = func(release.Version) (string, string, bool)
	for _, test := range []struct {
		name            string
		of              of
		version         string
		lowest, highest string
		known           bool
	}{
		{"k3s", release.EtcdOfK3s, "v1.26.0+k3s1", "3.5.5", "3.5.5", true},
		{"k3s", release.EtcdOfK3s, "v1.25.16+k3s4", "3.5.4", "3.5.4", true},
		{"k3s", release.EtcdOfK3s, "1.27.14", "3.5.9", "3.5.9", true},
		{"k3s", release.EtcdOfK3s, "1.27.15", "3.5.13", "3.5.13", true},
		{"k3s", release.EtcdOfK3s, "1.28.10", "3.5.9", "3.5.9", true},
		{"k3s", release.EtcdOfK3s, "1.28.11", "3.5.13", "3.5.13", true},
		{"k3s", release.EtcdOfK3s, "1.29.5", "3.5.9", "3.5.9", true},
		{"k3s", release.EtcdOfK3s, "1.29.6", "3.5.13", "3.5.13", true},
		{"k3s", release.EtcdOfK3s, "1.30.1", "3.5.9", "3.5.9", true},
		{"k3s", release.EtcdOfK3s, "1.30.2", "3.5.13", "3.5.13", true},
		{"k3s", release.EtcdOfK3s, "1.33.10", "3.5.26", "3.5.26", true},
		{"k3s", release.EtcdOfK3s, "1.32.10", "3.5.21", "3.5.21", true},
		{"k3s", release.EtcdOfK3s, "1.32.11", "3.5.25", "3.5.26", true},
		{"k3s", release.EtcdOfK3s, "1.32.12", "3.5.26", "3.5.26", true},
		{"RKE2", release.EtcdOfRKE2, "v1.32.13+rke2r2", "3.5.26", "3.5.26", true},
		{"k3s", release.EtcdOfK3s, "1.33.7", "3.5.25", "3.5.26", true},
		{"RKE2", release.EtcdOfRKE2, "v1.33.8+rke2r1", "3.5.26", "3.5.26", true},
		{"k3s", release.EtcdOfK3s, "1.33.12", "3.6.7", "3.6.7", true},
		{"RKE2", release.EtcdOfRKE2, "v1.33.13+rke2r2", "3.6.12", "3.6.14", true},
		{"RKE2", release.EtcdOfRKE2, "v1.34.3+rke2r3", "3.6.6", "3.6.7", true},
		{"RKE2", release.EtcdOfRKE2, "v1.34.4+rke2r1", "3.6.7", "3.6.7", true},
		{"k3s", release.EtcdOfK3s, "1.34.8", "3.6.7", "3.6.7", true},
		{"RKE2", release.EtcdOfRKE2, "v1.35.0+rke2r1", "3.6.6", "3.6.7", true},
		{"RKE2", release.EtcdOfRKE2, "v1.35.1+rke2r1", "3.6.7", "3.6.7", true},
		{"k3s", release.EtcdOfK3s, "1.35.5", "3.6.7", "3.6.7", true},
		{"k3s", release.EtcdOfK3s, "1.33.11", "3.6.7", "3.6.7", true},
		{"k3s", release.EtcdOfK3s, "1.33", "3.5.21", "3.6.14", true},
		{"k3s", release.EtcdOfK3s, "1.34", "3.6.4", "3.6.14", true},
		{"k3s", release.EtcdOfK3s, "1.36.99", "3.6.14", "3.6.14", true},
		{"k3s", release.EtcdOfK3s, "1.37.1", "3.6.14", "3.6.14", false},
		{"RKE2", release.EtcdOfRKE2, "v1.25.8+rke2r1", "3.5.4", "3.5.4", true},
		{"RKE2", release.EtcdOfRKE2, "v1.25.9+rke2r1", "3.5.7", "3.5.7", true},
		{"RKE2", release.EtcdOfRKE2, "v1.33.11+rke2r1", "3.6.7", "3.6.7", true},
		{"RKE2", release.EtcdOfRKE2, "1.37", "3.6.14", "3.6.14", false},
		{"k0s", release.EtcdOfK0s, "v1.28.15+k0s.0", "3.5.10", "3.5.10", true},
		{"k0s", release.EtcdOfK0s, "v1.29.1+k0s.0", "3.5.11", "3.5.11", true},
		{"k0s", release.EtcdOfK0s, "v1.33.13+k0s.1", "3.5.33", "3.5.33", true},
		{"k0s", release.EtcdOfK0s, "v1.34.1+k0s.0", "3.6.5", "3.6.5", true},
		{"k0s", release.EtcdOfK0s, "1.26", "3.5.6", "3.5.10", true},
	} {
		version, ok := release.ParseVersion(test.version)
		if !ok {
			t.Fatalf("%s is no version", test.version)
		}
		if lowest, highest, known := test.of(version); lowest != test.lowest || highest != test.highest || known != test.known {
			t.Errorf("%s %s: got etcd %s to %s (%t), want %s to %s (%t)", test.name, test.version, lowest, highest, known, test.lowest, test.highest, test.known)
		}
	}
}
