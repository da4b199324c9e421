package operator_test

import (
	"fmt"

	"kubetrace/collector/operator"
	"kubetrace/tracing"
)

func ExampleObjects() {
	objects, err := operator.Objects(tracing.TracingSpec{KubernetesVersion: "1.34"})
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
	// OpenTelemetryCollector
}

func ExampleOpenTelemetryCollector() {
	resource, err := operator.OpenTelemetryCollector(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resource.Spec.Mode, resource.Spec.HostNetwork, resource.Spec.Config.Service.Pipelines["traces"].Receivers)
	// Output:
	// daemonset true [otlp]
}

func ExampleWarnings() {
	warnings, err := operator.Warnings(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, warning := range warnings {
		fmt.Println(warning.Code)
	}
	// Output:
	// OperatorRelease
	// OperatorNames
	// OperatorNoProbes
	// OperatorToken
	// OperatorPorts
	// OperatorServices
	// OperatorOthers
}
