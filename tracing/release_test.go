package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewerThanTheTables(t *testing.T) {
	rows := Releases()
	newest := rows[len(rows)-1]
	for version, minor := range map[string]string{"1.39": "1.39", "v1.39.0-alpha.1": "1.39", "1.40.2": "1.40"} {
		r := resolved(t, `kubernetesVersion: "`+version+`"`)
		if diff := cmp.Diff(newest, r.ControlPlane()); diff != "" {
			t.Errorf("%s is not treated as the newest row (-want +got):\n%s", version, diff)
		}
		if diff := cmp.Diff(newest, r.OldestKubelet()); diff != "" {
			t.Errorf("the kubelet of %s is not treated as the newest row (-want +got):\n%s", version, diff)
		}
		if got := r.KubernetesMinor(); got != minor {
			t.Errorf("%s has the minor %q, want %q", version, got, minor)
		}
		if len(r.Warnings) == 0 || r.Warnings[0].Code != WarnNewerRelease {
			t.Errorf("%s gives no warning first that it is newer: %v", version, r.Warnings)
		}
	}
}

// A release candidate has what its release has.
func TestReleaseCandidate(t *testing.T) {
	for _, version := range []string{"1.34.0-rc.1", "v1.34.0-alpha.0", "1.34.9+vendor.1", "1.34"} {
		r := resolved(t, `kubernetesVersion: "`+version+`"`)
		if got := r.ControlPlane().Kubernetes; got != "1.34" {
			t.Errorf("%s is in the row of %s", version, got)
		}
	}
}
