package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The truth table, read from upstream release by release. It is written out so
// that a row which changes by accident, through a table that holds "from then
// on", is seen.
func TestReleases(t *testing.T) {
	const (
		alpha1     = "apiserver.config.k8s.io/v1alpha1"
		beta1      = "apiserver.config.k8s.io/v1beta1"
		beta2      = "kubeadm.k8s.io/v1beta2"
		beta3      = "kubeadm.k8s.io/v1beta3"
		beta4      = "kubeadm.k8s.io/v1beta4"
		unknown    = GateUnknown
		required   = GateRequired
		optional   = GateOptional
		locked     = GateLocked
		none       = DropInNone
		harmful    = DropInHarmful
		env        = DropInEnv
		plain      = DropInPlain
		forces     = TraceContextForcesSampling
		ignored    = TraceContextIgnored
		privileged = TraceContextPrivileged
		old        = "experimental-"
		plainFlags = ""
	)
	want := []Release{
		// Kubernetes, TracingConfigurationAPIVersion, APIServerTracing, KubeletTraced, KubeletTracing, KubeletDropIn,
		// KubeletCallsJoined, KubeletSkew, TraceContext, LeakFixedIn, KubeadmAPIVersion, KubeadmOldestAPIVersion, EtcdLowest, EtcdHighest, EtcdTraced,
		// EtcdFlagPrefix, EtcdSamplingRateFlag
		{"1.22", alpha1, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.0", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.23", alpha1, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.1", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.24", alpha1, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.3", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.25", alpha1, required, true, required, none, false, 3, forces, "", beta3, beta2, "3.5.4", "3.5.10", "3.5", "3.6", false, old, false},
		{"1.26", alpha1, required, true, required, none, false, 3, ignored, "", beta3, beta2, "3.5.6", "3.5.12", "3.5", "3.6", true, old, false},
		{"1.27", beta1, optional, true, optional, none, true, 3, ignored, "", beta3, beta3, "3.5.7", "3.5.15", "3.5", "3.6", true, old, false},
		{"1.28", beta1, optional, true, optional, harmful, false, 3, ignored, "", beta3, beta3, "3.5.9", "3.5.16", "3.5", "3.6", true, old, false},
		{"1.29", beta1, optional, true, optional, env, false, 3, ignored, "1.29.10", beta3, beta3, "3.5.10", "3.5.16", "3.5", "3.6", true, old, false},
		{"1.30", beta1, optional, true, optional, plain, true, 3, ignored, "1.30.6", beta3, beta3, "3.5.12", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.31", beta1, optional, true, optional, plain, true, 3, ignored, "1.31.2", beta4, beta3, "3.5.15", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.32", beta1, optional, true, optional, plain, true, 3, ignored, "", beta4, beta3, "3.5.16", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.33", beta1, optional, true, optional, plain, true, 3, privileged, "", beta4, beta3, "3.5.21", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.34", beta1, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.4", "3.6.6", "3.5", "", true, plainFlags, true},
		{"1.35", beta1, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.6", "3.6.8", "3.5", "", true, plainFlags, true},
		{"1.36", beta1, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.8", "3.7.0", "3.6", "", true, plainFlags, true},
		{"1.37", beta1, unknown, true, locked, plain, true, 3, privileged, "", beta4, beta4, "3.7.0", "3.7.0", "3.6", "", true, plainFlags, true},
	}
	got := Releases()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Releases (-want +got):\n%s", diff)
	}
	got[0].Kubernetes, got[0].EtcdFlagPrefix = "changed", "changed"
	if diff := cmp.Diff(want, Releases()); diff != "" {
		t.Errorf("Releases after a caller's change (-want +got):\n%s", diff)
	}
}

// Flags are written for the whole range of a release, so it may not reach from
// an etcd without the plain spelling (3.5) to one without the experimental (3.7).
func TestDefaultEtcdRanges(t *testing.T) {
	for _, row := range defaultEtcd {
		from, lowest, highest := row.from.minor(), row.value.lowest, row.value.highest
		if highest.before(lowest) {
			t.Errorf("Kubernetes %s: etcd %s is above %s", from, lowest, highest)
		}
		if lowest.before(numbers{3, 6}) && !highest.before(numbers{3, 7}) {
			t.Errorf("Kubernetes %s: no spelling fits both etcd %s and %s", from, lowest, highest)
		}
	}
	if len(defaultEtcd) != len(Releases()) {
		t.Errorf("there are %d ranges for %d releases: a kubeadm never keeps the range of the one before", len(defaultEtcd), len(Releases()))
	}
}

func TestNewerThanTheTables(t *testing.T) {
	rows := Releases()
	newest := rows[len(rows)-1]
	for version, minor := range map[string]string{"1.38": "1.38", "v1.38.0-alpha.1": "1.38", "99.99.99": "99.99"} {
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

func TestSinceBeforeItsFirstRow(t *testing.T) {
	if got := kubeadmAPI.at(numbers{1, 21}); got != "" {
		t.Errorf("a release before the table has %q", got)
	}
}

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
			if releaseAt(numbers{1, test.minor}).KubeadmReads("kubeadm.k8s.io/" + version) {
				got = append(got, version)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("1.%d (-want +got):\n%s", test.minor, diff)
		}
	}
	if releaseAt(numbers{1, 37}).KubeadmReads("") {
		t.Error("nothing is no version")
	}
}
