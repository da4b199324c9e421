package upgrade_test

import (
	"strings"
	"testing"

	"kubetrace/tracing"
	"kubetrace/upgrade"
)

// TestExternalEtcd says that a plan begins with what it does not know of an etcd that
// kubeadm does not run, and with which release it goes by.
func TestExternalEtcd(t *testing.T) {
	for _, test := range []struct {
		name    string
		etcd    tracing.EtcdSpec
		target  upgrade.Target
		release string // of the warning, or none
	}{
		{"kubeadm's", tracing.EtcdSpec{}, upgrade.Target{KubernetesVersion: "1.34"}, ""},
		{"it stays", tracing.EtcdSpec{External: true, Version: "3.5.21"}, upgrade.Target{KubernetesVersion: "1.33"}, "etcd 3.5.21"},
		{"it follows", tracing.EtcdSpec{External: true, Version: "3.5.21"}, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.6.5"}, "etcd 3.6.5"},
		{"it is not traced", tracing.EtcdSpec{External: true, Disabled: true}, upgrade.Target{KubernetesVersion: "1.35"}, "etcd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := spec("1.32")
			s.Etcd = test.etcd
			for i, step := range plan(t, s, test.target) {
				var first tracing.Warning
				if len(step.Warnings) > 0 {
					first = step.Warnings[0]
				}
				says := first.Code == tracing.WarnEtcdExternal
				if says != (i == 0 && test.release != "") || says && first.Release != test.release {
					t.Errorf("step %d begins with %v, want %q", i, first, test.release)
				}
				if says && !strings.Contains(step.String(), "k3s, RKE2, k0s and Talos") {
					t.Errorf("the plan does not name the platforms:\n%s", step)
				}
			}
		})
	}
}
