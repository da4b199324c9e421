package k3s_test

import (
	"fmt"

	"kubetrace"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

func ExampleNode() {
	node, err := k3s.Node(tracing.TracingSpec{KubernetesVersion: "v1.33.11+k3s1"}, kubetrace.ControlPlane, k3s.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range node.Files {
		fmt.Println(file.Path, file.Permissions())
	}
	fmt.Print(string(node.Files[0].Content))
	// Output:
	// /etc/rancher/k3s/config.yaml.d/90-kubetrace.yaml 0644
	// /etc/rancher/k3s/tracing-config.yaml 0644
	// /var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-kubetrace.conf 0644
	// etcd-arg+:
	// - enable-distributed-tracing=true
	// - distributed-tracing-address=127.0.0.1:4317
	// - distributed-tracing-service-name=etcd
	// - distributed-tracing-sampling-rate=10000
	// kube-apiserver-arg+:
	// - tracing-config-file=/etc/rancher/k3s/tracing-config.yaml
}

func ExampleConfig() {
	base := []byte("cluster-init: true\nkube-apiserver-arg:\n  - v=2 # mine\n")
	result, err := k3s.Config(tracing.TracingSpec{KubernetesVersion: "1.36.2", Etcd: tracing.EtcdSpec{Disabled: true}}, kubetrace.ControlPlane, base, k3s.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.Text))
	// Output:
	// cluster-init: true
	// kube-apiserver-arg:
	//   - v=2 # mine
	//   - tracing-config-file=/etc/rancher/k3s/tracing-config.yaml
}
