package clusterapi_test

import (
	"fmt"

	configv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"

	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

// The control plane and the workers of a cluster.
func Example() {
	spec := tracing.TracingSpec{KubernetesVersion: "1.36"}
	var controlPlane controlplanev1.KubeadmControlPlane // yours
	var workers configv1.KubeadmConfigTemplate

	traced, warnings, err := clusterapi.ControlPlane(spec, &controlPlane)
	if err != nil {
		fmt.Println(err)
		return
	}
	tracedWorkers, more, err := clusterapi.Config(spec, &workers)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range append(traced.Spec.KubeadmConfigSpec.Files, tracedWorkers.Spec.Template.Spec.Files...) {
		fmt.Println(file.Path)
	}
	for _, warning := range append(warnings, more...) {
		fmt.Println(warning.Path)
	}
	// Output:
	// /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml
	// /etc/kubernetes/tracing-config.yaml
	// /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml
	// metadata.name
}

// A setting that contradicts the spec is an error with its path.
func ExampleControlPlane_conflict() {
	var controlPlane controlplanev1.KubeadmControlPlane
	controlPlane.Spec.Version = "v1.33.4"
	_, _, err := clusterapi.ControlPlane(tracing.TracingSpec{KubernetesVersion: "1.34"}, &controlPlane)
	fmt.Println(err)
	// Output:
	// invalid KubeadmControlPlane: spec.version: Invalid value: "v1.33.4": this is Kubernetes 1.33 and the spec says 1.34: make them agree
}
