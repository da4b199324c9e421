package k3s_test

import (
	"testing"

	"kubetrace/internal/runbooktest"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

func TestRunBook(t *testing.T) {
	for _, test := range []struct {
		name, spec  string
		options     k3s.Options
		want, never []string
	}{
		{"k3s", `kubernetesVersion: v1.34.1+k3s1`, k3s.Options{}, []string{
			"# Tracing for Kubernetes v1.34.1+k3s1 in k3s\n", "## Servers\n", "## Agents\n", "systemctl restart k3s\n", "systemctl restart k3s-agent\n",
			"`/etc/rancher/k3s/config.yaml.d/90-kubetrace.yaml`, mode 0644", "- enable-distributed-tracing=true\n", "`journalctl -u k3s` on servers", "kubectl apply -f collector.yaml -f backend.yaml", "keeps k3s from starting",
			"rm -f /etc/rancher/k3s/config.yaml.d/90-kubetrace.yaml /etc/rancher/k3s/tracing-config.yaml /var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-kubetrace.conf\nsystemctl daemon-reload\nsystemctl restart k3s\n",
			"rm -f /var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-kubetrace.conf\nsystemctl daemon-reload\nsystemctl restart k3s-agent\n",
			"kubectl delete --ignore-not-found -f collector.yaml -f backend.yaml", "apply the collector when the servers are up",
			"Without `cluster-init`, or `server` pointing to a server that has it, k3s keeps its state in SQLite",
		}, []string{"kubeadm", "static Pod", "rke2", "config="}},
		{"RKE2", `{kubernetesVersion: v1.31.5+rke2r1, containerd: {version: "1.7.23"}}`, k3s.Options{Distribution: k3s.RKE2}, []string{
			"in RKE2\n", "before `rke2-server` starts", "/etc/rancher/rke2/kubetrace-kubelet.yaml", "/etc/systemd/system/rke2-agent.service.d/90-kubetrace.conf", "agent/logs/kubelet.log", "the Pod of kube-apiserver from starting",
			"rm -f /etc/rancher/rke2/config.yaml.d/90-kubetrace.yaml /etc/rancher/rke2/kubetrace-kubelet.yaml /etc/systemd/system/rke2-agent.service.d/90-kubetrace.conf\nsystemctl daemon-reload\nsystemctl restart rke2-agent\n",
			"config=/etc/rancher/rke2/kubetrace-kubelet.yaml takes the place of one that you have", "```ini\n[Service]\n", "```yaml\napiVersion: kubelet.config.k8s.io",
		}, []string{"kubeadm", "SQLite"}},
		{"SQLite, kube-apiserver alone", `{kubernetesVersion: "1.36", kubelet: {disabled: true}}`, k3s.Options{ExternalDatastore: true}, []string{"has no etcd of its own", "## Servers"}, []string{"## Agents", "etcd-arg", "keeps its state in SQLite"}},
		{"nothing", `{kubernetesVersion: "1.36", etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, collector: {disabled: true}}`, k3s.Options{}, []string{"Nothing is traced"}, []string{"## Servers", "## Undo", "## See"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, err := tracing.Load([]byte(test.spec))
			if err != nil {
				t.Fatal(err)
			}
			book, err := k3s.RunBook(in, test.options)
			if err != nil {
				t.Fatal(err)
			}
			r, err := k3s.Resolve(in, test.options)
			if err != nil {
				t.Fatal(err)
			}
			runbooktest.OfPlatform(t, book, r, test.want, test.never)
		})
	}
}
