package talos_test

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"

	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

func ExampleConfigPatches() {
	spec := tracing.TracingSpec{KubernetesVersion: "1.36"}
	patches, err := talos.ConfigPatches(spec, talos.Options{TalosVersion: "1.13"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := talos.Marshal(patches.Worker) // talosctl gen config --config-patch-worker
	fmt.Print(string(text), err)
	// Output:
	// machine:
	//   kubelet:
	//     extraConfig:
	//       tracing:
	//         endpoint: 127.0.0.1:4317
	//         samplingRatePerMillion: 10000
	// <nil>
}

func ExampleConfig() {
	base, err := configloader.NewFromBytes([]byte(`version: v1alpha1
machine: {type: controlplane}
cluster:
  apiServer: {extraArgs: {v: "2"}}
  etcd: {extraArgs: {snapshot-count: "10000"}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	changed, err := talos.Config(tracing.TracingSpec{KubernetesVersion: "1.34"}, base, talos.Options{TalosVersion: "1.12"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(changed.Cluster().APIServer().ExtraArgs()), "flags of kube-apiserver")
	fmt.Println(len(changed.Cluster().Etcd().ExtraArgs()), "flags of etcd")
	// Output:
	// 2 flags of kube-apiserver
	// 5 flags of etcd
}
