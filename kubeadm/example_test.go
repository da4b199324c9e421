package kubeadm_test

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/apiserver"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// A program's own gates are merged with those of tracing: kubeadm would let one
// list replace the other.
func ExampleMerge() {
	traced, err := apiserver.KubeadmPatch(tracing.TracingSpec{KubernetesVersion: "1.26"})
	if err != nil {
		fmt.Println(err)
		return
	}
	own := &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{
		Args: []kubeadm.Arg{{Name: "feature-gates", Value: "KMSv2=true"}},
	}}
	merged, err := kubeadm.Merge(own, traced)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(merged.APIServer.Args)
	// Output:
	// [--tracing-config-file=/etc/kubernetes/tracing-config.yaml --feature-gates=KMSv2=true,APIServerTracing=true]
}

func ExampleConflictError() {
	_, err := kubeadm.Merge(
		&kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageTag: "3.5.11-0"}},
		&kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageTag: "3.5.12-0"}},
	)
	var conflict *kubeadm.ConflictError
	if errors.As(err, &conflict) {
		fmt.Println(conflict.Setting, conflict.First, conflict.Second)
	}
	// Output:
	// etcd.local.imageTag 3.5.11-0 3.5.12-0
}

// The same patch is a map up to v1beta3 and a list in v1beta4.
func ExampleMarshal() {
	patch := &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{
		Args: []kubeadm.Arg{{Name: "distributed-tracing-address", Value: "127.0.0.1:4317"}},
	}}
	for _, apiVersion := range []string{kubeadm.V1Beta3, kubeadm.V1Beta4} {
		text, err := kubeadm.Marshal(patch, apiVersion)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(string(text))
	}
	// Output:
	// apiVersion: kubeadm.k8s.io/v1beta3
	// etcd:
	//   local:
	//     extraArgs:
	//       distributed-tracing-address: 127.0.0.1:4317
	// kind: ClusterConfiguration
	// apiVersion: kubeadm.k8s.io/v1beta4
	// etcd:
	//   local:
	//     extraArgs:
	//     - name: distributed-tracing-address
	//       value: 127.0.0.1:4317
	// kind: ClusterConfiguration
}

// v1beta3 has no environment variables, so they become a static-pod patch.
func ExamplePatchFiles() {
	patch := &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{Env: []corev1.EnvVar{{Name: "ETCD_MAX_TXN_OPS", Value: "256"}}}}
	files, err := kubeadm.PatchFiles(patch, kubeadm.V1Beta3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, content := range files {
		fmt.Println(name)
		fmt.Print(content)
	}
	// Output:
	// etcd-env+strategic.yaml
	// spec:
	//   containers:
	//   - env:
	//     - name: ETCD_MAX_TXN_OPS
	//       value: "256"
	//     name: etcd
}
