package collector_test

import (
	"fmt"
	"strings"

	"kubetrace/collector"
	"kubetrace/tracing"
)

func ExampleObjects() {
	objects, err := collector.Objects(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, object := range objects {
		fmt.Println(object.GetObjectKind().GroupVersionKind().Kind)
	}
	// Output:
	// Namespace
	// ServiceAccount
	// ConfigMap
	// DaemonSet
}

// The exporter's settings have the names of the collector's version.
func ExampleConfigMap() {
	for _, version := range []string{"0.123.0", "0.165.0"} {
		config, err := collector.ConfigMap(tracing.TracingSpec{
			KubernetesVersion: "1.34",
			Collector: tracing.CollectorSpec{
				Version:  version,
				Exporter: tracing.ExporterSpec{Endpoint: "otlp.example.com:4317"},
			},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		lines := strings.Split(config.Data["config.yaml"], "\n")
		fmt.Println(version, strings.TrimSpace(lines[1]))
	}
	// Output:
	// 0.123.0 otlp:
	// 0.165.0 otlp_grpc:
}

func ExampleDaemonSet() {
	set, err := collector.DaemonSet(tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: "127.0.0.1:5317"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, port := range set.Spec.Template.Spec.Containers[0].Ports {
		fmt.Println(port.Name, port.HostIP, port.HostPort)
	}
	// Output:
	// otlp-grpc 127.0.0.1 5317
	// health 127.0.0.1 18133
	// metrics 127.0.0.1 18889
}

// A namespace that the spec names may be somebody's and is not generated, unless
// the spec says so.
func ExampleNamespace() {
	manage := true
	namespace, err := collector.Namespace(tracing.TracingSpec{
		KubernetesVersion: "1.34",
		Collector:         tracing.CollectorSpec{Namespace: "traces", ManageNamespace: &manage},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(namespace.Name, namespace.Labels["pod-security.kubernetes.io/enforce"])
	// Output:
	// traces privileged
}

func ExampleServiceAccount() {
	account, err := collector.ServiceAccount(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(account.Name, *account.AutomountServiceAccountToken)
	// Output:
	// kubetrace-collector false
}
