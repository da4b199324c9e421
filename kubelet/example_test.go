package kubelet_test

import (
	"errors"
	"fmt"

	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// The fragment holds nothing but tracing, so that as a drop-in it leaves the
// node's other settings alone.
func ExampleConfiguration() {
	config, err := kubelet.Configuration(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := tracing.Marshal(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// apiVersion: kubelet.config.k8s.io/v1beta1
	// kind: KubeletConfiguration
	// tracing:
	//   endpoint: 127.0.0.1:4317
	//   samplingRatePerMillion: 10000
}

// A kubelet that cannot be traced is no failure: the error says why there is
// nothing.
func ExampleConfiguration_notGenerated() {
	_, err := kubelet.Configuration(tracing.TracingSpec{KubernetesVersion: "1.24"})
	var not *tracing.NotGeneratedError
	if errors.As(err, &not) {
		fmt.Println(not.Component, "depends on", not.Field)
	}
	// Output:
	// kubelet depends on kubeletVersion
}

func ExampleKubeadmPatch() {
	patch, err := kubelet.KubeadmPatch(tracing.TracingSpec{KubernetesVersion: "1.28", KubeletVersion: "1.26"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(patch.Kubelet.FeatureGates)
	// Output:
	// map[KubeletTracing:true]
}
