package k0s_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubetrace"
	"kubetrace/platform/k0s"
	"kubetrace/tracing"
)

func secretKey(name, key string) *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
}

func ExampleCluster() {
	base := []byte("apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nmetadata:\n  name: k0s\nspec:\n  api:\n    sans: [k0s.example.com] # ours\n")
	in := tracing.TracingSpec{KubernetesVersion: "v1.36.3+k0s.0", Kubelet: tracing.KubeletSpec{Disabled: true}}
	in.Collector.Exporter.Endpoint = "otlp.example.com:4317"
	result, err := k0s.Cluster(in, base, k0s.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.Text))
	node, err := k0s.Node(in, kubetrace.ControlPlane, k0s.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range node.Files {
		fmt.Println(file.Path)
	}
	// Output:
	// apiVersion: k0s.k0sproject.io/v1beta1
	// kind: ClusterConfig
	// metadata:
	//   name: k0s
	// spec:
	//   api:
	//     sans: [k0s.example.com] # ours
	//     extraArgs:
	//       tracing-config-file: /etc/k0s/tracing-config.yaml
	//   storage:
	//     etcd:
	//       extraArgs:
	//         distributed-tracing-address: 127.0.0.1:4317
	//         distributed-tracing-sampling-rate: "10000"
	//         distributed-tracing-service-name: etcd
	//         enable-distributed-tracing: "true"
	// /etc/k0s/tracing-config.yaml
	// /etc/kubetrace/collector/config.yaml
	// /etc/systemd/system/kubetrace-collector.service
}
