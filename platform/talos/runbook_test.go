package talos_test

import (
	"strings"
	"testing"

	"kubetrace/internal/runbooktest"
	"kubetrace/platform/talos"
)

// TestRunBook has what a run-book says, and what not.
func TestRunBook(t *testing.T) {
	for _, test := range []struct {
		name, version, spec string
		o                   talos.Options
		want, never         []string
	}{
		{"a release", "1.12", `kubernetesVersion: "1.34.1"`, talos.Options{}, []string{
			"# Tracing for Kubernetes 1.34.1 on Talos 1.12\n", "--talos-version v1.12 --config-patch-control-plane @talos-controlplane.yaml --config-patch-worker @talos-worker.yaml",
			"--mode=reboot", "nothing reboots", "inline manifests", "upgrade-k8s --to 1.34.1", "Ours has it", "etcd: {external: true, version: 3.6.7}",
			"configFile: /var/etc/kubetrace/tracing-config.yaml", "`talosctl -n NODE logs etcd`", "-distribution talos", "`enable-distributed-tracing`",
			"`cluster.etcd.extraArgs`", "kubectl delete --ignore-not-found -f collector.yaml",
		}, []string{"the spelling of etcd 3.5", "journalctl", "OTEL_", "systemctl", "kubeadm"}},
		{"etcd 3.5", "1.10", `kubernetesVersion: "1.33"`, talos.Options{WithoutManifests: true}, []string{"the spelling of etcd 3.5", "`experimental-enable-distributed-tracing`"}, []string{"inline manifests"}},
		{"1.14", "1.14", `{kubernetesVersion: "1.37", containerd: {version: "2.3"}}`, talos.Options{}, []string{"--talos-version v1.13", "Variables of the node are read at boot", "grep ^OTEL_", "logs cri`"}, nil},
		{"the kubelet alone", "1.12", `{kubernetesVersion: "1.34", etcd: {disabled: true}, apiServer: {disabled: true}}`, talos.Options{}, []string{"machine.kubelet.extraConfig.tracing"}, []string{"etcdspecs", "tracing-config-file", "etcd: {external"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !hasEnvironment(t) && strings.Contains(test.spec, "containerd") {
				t.Skip(withoutEnvironment)
			}
			test.o.TalosVersion = test.version
			text := string(must(talos.RunBook(spec(t, test.spec), test.o))(t))
			runbooktest.ReadsWell(t, text)
			for _, part := range test.want {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in\n%s", part, text)
				}
			}
			for _, part := range test.never {
				if strings.Contains(text, part) {
					t.Errorf("%q is in\n%s", part, text)
				}
			}
		})
	}
}
