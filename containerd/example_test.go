package containerd_test

import (
	"fmt"

	"kubetrace/containerd"
	"kubetrace/tracing"
)

func ExampleServiceDropIn() {
	dropIn, err := containerd.ServiceDropIn(tracing.TracingSpec{KubernetesVersion: "1.37", Containerd: &tracing.ContainerdSpec{Version: "2.3"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(dropIn.Marshal()))
	// Output:
	// [Service]
	// Environment="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317"
	// Environment="OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
	// Environment="OTEL_TRACES_SAMPLER=parentbased_always_off"
}

// Some releases of containerd 1.7 read their config.toml instead.
func ExampleConfigFile() {
	config, err := containerd.ConfigFile(tracing.TracingSpec{KubernetesVersion: "1.30", Containerd: &tracing.ContainerdSpec{Version: "1.7.15"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(config.Marshal()))
	// Output:
	// [plugins."io.containerd.tracing.processor.v1.otlp"]
	//   endpoint = "127.0.0.1:4317"
	//   protocol = "grpc"
	//   insecure = true
	//
	// [plugins."io.containerd.internal.v1.tracing"]
	//   sampling_ratio = 0.0
}
