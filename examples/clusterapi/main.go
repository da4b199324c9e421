// Command clusterapi stands for a program that makes clusters with the types of Cluster
// API: it prints a KubeadmControlPlane and a KubeadmConfigTemplate of its own, with tracing
// in them, for kubectl apply. Warnings go to standard error.
//
//	go run . -release 1.36 > cluster.yaml
//
// It is a module of its own, as a program is that has these types.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	configv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"

	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

func main() {
	if err := run(os.Stdout, os.Stderr, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out, warn io.Writer, args []string) error {
	flags := flag.NewFlagSet("clusterapi", flag.ContinueOnError)
	flags.SetOutput(warn)
	version := flags.String("release", "1.36.1", "`version` of Kubernetes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	mine, workers := cluster(*version)

	spec := tracing.TracingSpec{KubernetesVersion: *version}
	controlPlane, warnings, err := clusterapi.ControlPlane(spec, mine)
	if err != nil {
		return err
	}
	template, more, err := clusterapi.Config(spec, workers)
	if err != nil {
		return err
	}

	for _, warning := range append(warnings, more...) {
		fmt.Fprintln(warn, "warning:", warning)
	}
	text, err := tracing.MarshalAll([]runtime.Object{controlPlane, template})
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// cluster is what the program had before.
func cluster(version string) (*controlplanev1.KubeadmControlPlane, *configv1.KubeadmConfigTemplate) {
	three := int32(3)
	controlPlane := &controlplanev1.KubeadmControlPlane{ObjectMeta: metav1.ObjectMeta{Name: "prod-cp"}}
	controlPlane.Spec.Replicas, controlPlane.Spec.Version = &three, "v"+version
	controlPlane.Spec.KubeadmConfigSpec.ClusterConfiguration.APIServer.CertSANs = []string{"prod.example.com"}
	controlPlane.Spec.MachineTemplate.Spec.InfrastructureRef.APIGroup = "infrastructure.cluster.x-k8s.io"
	controlPlane.Spec.MachineTemplate.Spec.InfrastructureRef.Kind = "DockerMachineTemplate"
	controlPlane.Spec.MachineTemplate.Spec.InfrastructureRef.Name = "prod-cp"
	workers := &configv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Name: "prod-md"}}
	workers.Spec.Template.Spec.PreKubeadmCommands = []string{"hostnamectl"}
	return controlPlane, workers
}
