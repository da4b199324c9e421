package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The truth table, read from upstream release by release. It is written out so
// that a row which changes by accident, through a table that holds "from then
// on", is seen.
func TestAll(t *testing.T) {
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
	want := []Kubernetes{
		// Kubernetes, Preview, TracingConfigurationAPIVersion, TracingConfigurationStrict, APIServerTracing, KubeletTraced, KubeletTracing, KubeletDropIn,
		// KubeletCallsJoined, KubeletSkew, TraceContext, LeakFixedIn, KubeadmAPIVersion, KubeadmOldestAPIVersion, EtcdLowest, EtcdHighest, EtcdTraced,
		// EtcdFlagPrefix, EtcdSamplingRateFlag
		{"1.22", "", alpha1, false, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.0", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.23", "", alpha1, false, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.1", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.24", "", alpha1, false, required, false, unknown, none, false, 2, forces, "", beta3, beta2, "3.5.3", "3.5.6", "3.5", "3.6", false, old, false},
		{"1.25", "", alpha1, false, required, true, required, none, false, 3, forces, "", beta3, beta2, "3.5.4", "3.5.10", "3.5", "3.6", false, old, false},
		{"1.26", "", alpha1, false, required, true, required, none, false, 3, ignored, "", beta3, beta2, "3.5.6", "3.5.12", "3.5", "3.6", true, old, false},
		{"1.27", "", beta1, false, optional, true, optional, none, true, 3, ignored, "", beta3, beta3, "3.5.7", "3.5.15", "3.5", "3.6", true, old, false},
		{"1.28", "", beta1, false, optional, true, optional, harmful, false, 3, ignored, "", beta3, beta3, "3.5.9", "3.5.16", "3.5", "3.6", true, old, false},
		{"1.29", "", beta1, false, optional, true, optional, env, false, 3, ignored, "1.29.10", beta3, beta3, "3.5.10", "3.5.16", "3.5", "3.6", true, old, false},
		{"1.30", "", beta1, false, optional, true, optional, plain, true, 3, ignored, "1.30.6", beta3, beta3, "3.5.12", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.31", "", beta1, false, optional, true, optional, plain, true, 3, ignored, "1.31.2", beta4, beta3, "3.5.15", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.32", "", beta1, true, optional, true, optional, plain, true, 3, ignored, "", beta4, beta3, "3.5.16", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.33", "", beta1, true, optional, true, optional, plain, true, 3, privileged, "", beta4, beta3, "3.5.21", "3.5.24", "3.5", "3.6", true, old, true},
		{"1.34", "", beta1, true, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.4", "3.6.6", "3.5", "", true, plainFlags, true},
		{"1.35", "", beta1, true, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.6", "3.6.8", "3.5", "", true, plainFlags, true},
		{"1.36", "", beta1, true, locked, true, locked, plain, true, 3, privileged, "", beta4, beta3, "3.6.8", "3.7.0", "3.6", "", true, plainFlags, true},
		{"1.37", "", beta1, true, unknown, true, locked, plain, true, 3, privileged, "", beta4, beta4, "3.7.0", "3.7.1", "3.6", "", true, plainFlags, true},
		{"1.38", "1.38.0-beta.0", beta1, true, unknown, true, unknown, plain, true, 3, privileged, "", beta4, beta4, "3.7.1", "3.7.1", "3.6", "", true, plainFlags, true},
	}
	got := All()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
	got[0].Kubernetes, got[0].EtcdFlagPrefix = "changed", "changed"
	if diff := cmp.Diff(want, All()); diff != "" {
		t.Errorf("All after a caller's change (-want +got):\n%s", diff)
	}
}

// TestPreview says that the newest row alone may be a preview, and of its own minor.
func TestPreview(t *testing.T) {
	rows := All()
	for i, row := range rows {
		if row.Preview != "" && (i < len(rows)-1 || must(t, row.Preview).Minor() != row.Kubernetes) {
			t.Errorf("the preview of %s is %s", row.Kubernetes, row.Preview)
		}
	}
}

func TestKubernetesOf(t *testing.T) {
	for version, want := range map[string]string{"v1.29.1": "1.29", "1.37": "", "v1.22.17+x": "1.22", "1.21.4": "", "v1.38.0": "1.38", "v1.39.0": "", "2.29": "", "mine": "", "": ""} {
		got, ok := KubernetesOf(version)
		if got.Kubernetes != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t", version, got.Kubernetes, ok)
		}
	}
}

func TestSinceBeforeItsFirstRow(t *testing.T) {
	if got := kubeadmAPI.at(numbers{1, 21}); got != "" {
		t.Errorf("a release before the table has %q", got)
	}
}

func TestKubernetesAt(t *testing.T) {
	for text, want := range map[string]struct {
		row     string
		support Support
	}{
		"0.9": {"", SupportTooOld}, "1.21.99": {"", SupportTooOld},
		"1.22": {"1.22", SupportKnown}, "v1.37.9": {"1.37", SupportKnown}, "v1.38.0-beta.0": {"1.38", SupportKnown},
		"1.39": {"1.38", SupportNewer}, "1.40.9": {"1.38", SupportNewer},
		"1.41": {"", SupportTooNew}, "1.99": {"", SupportTooNew}, "2.0": {"", SupportTooNew}, "2.30.1": {"", SupportTooNew},
	} {
		row, support := KubernetesAt(must(t, text))
		if row.Kubernetes != want.row || support != want.support {
			t.Errorf("%s: got %q, %s, want %v", text, row.Kubernetes, support, want)
		}
	}
	if oldest, newest, latest := Bounds(); oldest != "1.22" || newest != "1.38" || latest != "1.40" {
		t.Errorf("bounds are %s, %s and %s", oldest, newest, latest)
	}
}

// Examples in messages name a release that is out.
func TestNewestReleased(t *testing.T) {
	row, support := KubernetesAt(must(t, NewestReleased()))
	if row.Preview != "" || support != SupportKnown {
		t.Errorf("%s is %s, preview %q", NewestReleased(), support, row.Preview)
	}
	for _, later := range All() {
		if later.Kubernetes > NewestReleased() && later.Preview == "" {
			t.Errorf("%s is released too", later.Kubernetes)
		}
	}
}
