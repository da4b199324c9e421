package collector

import (
	"testing"

	"kubetrace/collector/operator"
	"kubetrace/tracing"
)

// TestOperatorsConfiguration runs the configuration of the OpenTelemetryCollector,
// of which the operator makes the collector's file as it is.
func TestOperatorsConfiguration(t *testing.T) {
	for _, image := range images(t) {
		for _, test := range []struct {
			name     string
			host     string
			abstract bool
		}{
			{name: "TCP", host: ipv4},
			{name: "IPv6", host: ipv6},
			{name: "an abstract socket", host: ipv4, abstract: true},
		} {
			t.Run(test.name+", "+image.of, func(t *testing.T) {
				sink, exporterEndpoint := plainGRPC(t)
				spec := localSpec(t, test.host)
				spec.ClusterName = "east"
				if test.abstract {
					spec.Endpoint = abstractEndpoint()
				}
				spec.Collector.Image = image.name
				spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: exporterEndpoint, Insecure: true}
				judge := judgeOf(t, spec, sink)

				// The variables are those of the DaemonSet.
				container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
				container.Config = operatorsConfiguration(t, spec)
				// The operator has no probe for a loopback address, so there is no
				// health check; its metrics answer instead.
				container.Probes = []string{judge.metrics}
				for _, fault := range judge.faults(t, container) {
					t.Error(fault)
				}
			})
		}
	}
}

func operatorsConfiguration(tb testing.TB, spec tracing.TracingSpec) string {
	tb.Helper()
	resource, err := operator.OpenTelemetryCollector(spec)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := tracing.Marshal(resource.Spec.Config)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
