package etcd_test

import (
	"fmt"

	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// kubeadm 1.29 may run an etcd that has no flag for the sampling rate, so it is
// written only for an image that has.
func ExampleArgs() {
	everything := int32(1_000_000)
	args, err := etcd.Args(tracing.TracingSpec{
		KubernetesVersion:      "1.29.1",
		SamplingRatePerMillion: &everything,
		Etcd:                   tracing.EtcdSpec{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, arg := range args {
		fmt.Println(arg)
	}
	// Output:
	// --experimental-enable-distributed-tracing=true
	// --experimental-distributed-tracing-address=127.0.0.1:4317
	// --experimental-distributed-tracing-service-name=etcd
	// --experimental-distributed-tracing-sampling-rate=1000000
}

// An etcd that kubeadm does not run can be given its settings as environment
// variables.
func ExampleEnv() {
	env, err := etcd.Env(tracing.TracingSpec{
		KubernetesVersion: "1.34",
		Etcd:              tracing.EtcdSpec{External: true, Version: "3.6.4"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, variable := range env {
		fmt.Printf("%s=%s\n", variable.Name, variable.Value)
	}
	// Output:
	// ETCD_ENABLE_DISTRIBUTED_TRACING=true
	// ETCD_DISTRIBUTED_TRACING_ADDRESS=127.0.0.1:4317
	// ETCD_DISTRIBUTED_TRACING_SERVICE_NAME=etcd
	// ETCD_DISTRIBUTED_TRACING_SAMPLING_RATE=10000
}

func ExampleKubeadmPatch() {
	patch, err := etcd.KubeadmPatch(tracing.TracingSpec{KubernetesVersion: "1.37"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := kubeadm.Marshal(patch, kubeadm.V1Beta4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// apiVersion: kubeadm.k8s.io/v1beta4
	// etcd:
	//   local:
	//     extraArgs:
	//     - name: enable-distributed-tracing
	//       value: "true"
	//     - name: distributed-tracing-address
	//       value: 127.0.0.1:4317
	//     - name: distributed-tracing-service-name
	//       value: etcd
	//     - name: distributed-tracing-sampling-rate
	//       value: "10000"
	// kind: ClusterConfiguration
}
