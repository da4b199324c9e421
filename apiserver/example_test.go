package apiserver_test

import (
	"fmt"

	"kubetrace/apiserver"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func ExampleTracingConfiguration() {
	config, err := apiserver.TracingConfiguration(tracing.TracingSpec{KubernetesVersion: "1.34"})
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
	// apiVersion: apiserver.config.k8s.io/v1beta1
	// endpoint: 127.0.0.1:4317
	// kind: TracingConfiguration
	// samplingRatePerMillion: 10000
}

// Up to 1.26 the feature gate is off by default.
func ExampleArgs() {
	for _, version := range []string{"1.26", "1.27"} {
		args, err := apiserver.Args(tracing.TracingSpec{KubernetesVersion: version})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(version, args)
	}
	// Output:
	// 1.26 [--tracing-config-file=/etc/kubernetes/tracing-config.yaml --feature-gates=APIServerTracing=true]
	// 1.27 [--tracing-config-file=/etc/kubernetes/tracing-config.yaml]
}

// The patch mounts the file that the flag names, and says which file has to be
// on every control-plane node.
func ExampleKubeadmPatch() {
	patch, err := apiserver.KubeadmPatch(tracing.TracingSpec{KubernetesVersion: "1.30.4"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := kubeadm.Marshal(patch, kubeadm.V1Beta3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	fmt.Println("file:", patch.Files[0].Path)
	// Output:
	// apiServer:
	//   extraArgs:
	//     tracing-config-file: /etc/kubernetes/tracing-config.yaml
	//   extraVolumes:
	//   - hostPath: /etc/kubernetes/tracing-config.yaml
	//     mountPath: /etc/kubernetes/tracing-config.yaml
	//     name: tracing-config
	//     pathType: File
	//     readOnly: true
	// apiVersion: kubeadm.k8s.io/v1beta3
	// kind: ClusterConfiguration
	// file: /etc/kubernetes/tracing-config.yaml
}
