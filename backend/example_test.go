package backend_test

import (
	"fmt"

	"kubetrace/backend"
	"kubetrace/tracing"
)

func ExampleObjects() {
	for _, endpoint := range []string{"", "otlp.example.com:4317"} {
		spec := tracing.TracingSpec{KubernetesVersion: "1.34"}
		spec.Collector.Exporter.Endpoint = endpoint
		objects, err := backend.Objects(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q: %d objects\n", endpoint, len(objects))
	}
	// Output:
	// "": 3 objects
	// "otlp.example.com:4317": 0 objects
}

func ExampleDeployment() {
	deployment, err := backend.Deployment(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deployment.Namespace, *deployment.Spec.Template.Spec.SecurityContext.RunAsNonRoot)
	// Output:
	// kubetrace-backend true
}

func ExampleService() {
	service, err := backend.Service(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, port := range service.Spec.Ports {
		fmt.Println(port.Name, port.Port)
	}
	// Output:
	// otlp-grpc 4317
}
