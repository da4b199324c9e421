package tracing_test

import (
	"errors"
	"fmt"
	"log"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	tracingapi "k8s.io/component-base/tracing/api/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/tracing"
)

func ExampleResolve() {
	resolved, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.36"})
	if err != nil {
		log.Fatal(err)
	}
	release := resolved.ControlPlane()
	fmt.Println("etcd", release.EtcdLowest, "to", release.EtcdHighest)
	fmt.Println("components send to", resolved.ComponentEndpoint())
	fmt.Println("the collector sends to", resolved.Exporter().Endpoint)
	// Output:
	// etcd 3.6.8 to 3.7.0
	// components send to 127.0.0.1:4317
	// the collector sends to dns:///kubetrace-jaeger.kubetrace-backend.svc:4317
}

func ExampleResolve_invalid() {
	_, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: "localhost:4317"})
	var problem *field.Error
	if errors.As(err, &problem) {
		fmt.Println(problem.Field)
		fmt.Println(problem.Detail)
	}
	// Output:
	// endpoint
	// localhost may be 127.0.0.1 or ::1, and the collector listens on one of them: write 127.0.0.1:4317 or [::1]:4317
}

func ExampleLoad() {
	spec, err := tracing.Load([]byte(`
kubernetesVersion: "1.34"
samplingRatePerMillion: 1000000
collector:
  exporter:
    endpoint: otlp.example.com:4317
`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.KubernetesVersion, *spec.SamplingRatePerMillion, spec.Collector.Exporter.Endpoint)
	// Output: 1.34 1000000 otlp.example.com:4317
}

func ExampleLoad_strict() {
	_, err := tracing.Load([]byte("kubernetesVersion: 1.30"))
	fmt.Println(err)
	// Output: invalid TracingSpec: kubernetesVersion: Invalid value: 1.3: write the value in quotes: without them YAML reads 1.30 as the number 1.3, and yes as true
}

func ExampleReleases() {
	for _, release := range tracing.Releases() {
		if release.APIServerTracing == tracing.GateRequired {
			fmt.Println(release.Kubernetes, "needs the gate", tracing.GateNameAPIServer)
		}
	}
	// Output:
	// 1.22 needs the gate APIServerTracing
	// 1.23 needs the gate APIServerTracing
	// 1.24 needs the gate APIServerTracing
	// 1.25 needs the gate APIServerTracing
	// 1.26 needs the gate APIServerTracing
}

func ExampleMarshal() {
	endpoint := "127.0.0.1:4317"
	text, err := tracing.Marshal(kubeletv1beta1.KubeletConfiguration{
		TypeMeta: metav1.TypeMeta{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"},
		Tracing:  &tracingapi.TracingConfiguration{Endpoint: &endpoint},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output:
	// apiVersion: kubelet.config.k8s.io/v1beta1
	// kind: KubeletConfiguration
	// tracing:
	//   endpoint: 127.0.0.1:4317
}

func ExampleWarning() {
	resolved, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.31.1"})
	if err != nil {
		log.Fatal(err)
	}
	for _, warning := range resolved.Warnings {
		if warning.Code == tracing.WarnMemoryLeak {
			fmt.Printf("%s: %s\n", warning.Release, warning.Cure)
		}
	}
	// Output:
	// kube-apiserver and kubelet 1.31.1: Move to 1.31.2 or later
}

func ExampleTracingSpec_Validate() {
	spec := tracing.TracingSpec{KubernetesVersion: "1.34", ClusterName: " prod"}
	spec.Etcd.ImageTag = "latest"
	for _, problem := range spec.Validate() {
		fmt.Println(problem)
	}
	// Output:
	// clusterName: Invalid value: " prod": write at most 253 bytes of printable characters, without spaces at the ends, such as "prod-eu-1"
	// etcd.imageTag: Invalid value: "latest": this tag names no version of etcd, and its flags depend on it: write etcd.version too
}
