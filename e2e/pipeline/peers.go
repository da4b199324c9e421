package pipeline

import (
	"fmt"
	"net"
)

// The configurations of others, with nothing changed but addresses, and without
// receivers and pipelines that have nothing to do with traces. All export with
// gzip, which is everybody's default.

// tutorial is the collector of the tutorials: nothing but a receiver and an
// exporter. The operator runs it, which sets GOMEMLIMIT to the whole limit.
// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/manifests/collector/container.go
var tutorial = Config{
	Name: "tutorial",
	env:  func(place Place) []string { return goMemoryLimit(place, 100) },
	text: func(place Place) (string, error) {
		telemetry, err := operatorTelemetry(place)
		return fmt.Sprintf(`
receivers:
  otlp: {protocols: {grpc: {endpoint: %q}}}
exporters:
  otlp_grpc: {endpoint: %q, tls: {insecure: true}}
service:
  telemetry: %s
  pipelines:
    traces: {receivers: [otlp], exporters: [otlp_grpc]}
`, place.Receiver, place.Backend, telemetry), err
	},
}

// helm is the DaemonSet of the OpenTelemetry Collector's Helm chart, with an
// exporter in the place of debug, as its values ask for.
// https://github.com/open-telemetry/opentelemetry-helm-charts/blob/opentelemetry-collector-0.170.0/charts/opentelemetry-collector/examples/daemonset-only/rendered/configmap-agent.yaml
//
// The chart sets GOMEMLIMIT to 80 % of the limit.
// https://github.com/open-telemetry/opentelemetry-helm-charts/blob/opentelemetry-collector-0.170.0/charts/opentelemetry-collector/templates/_helpers.tpl
var helm = Config{
	Name: "helm",
	env: func(place Place) []string {
		return append(goMemoryLimit(place, 80),
			"OTEL_K8S_NODE_NAME=node-1", "OTEL_K8S_NODE_IP=127.0.0.1", "OTEL_K8S_NAMESPACE=default",
			"OTEL_K8S_POD_NAME=agent-1", "OTEL_K8S_POD_IP=127.0.0.1")
	},
	text: func(place Place) (string, error) {
		host, port, err := net.SplitHostPort(place.Metrics)
		return fmt.Sprintf(`
exporters:
  otlp_grpc: {endpoint: %q, tls: {insecure: true}}
extensions:
  health_check: {endpoint: %q}
processors:
  batch: {}
  memory_limiter: {check_interval: 5s, limit_percentage: 80, spike_limit_percentage: 25}
receivers:
  otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}
service:
  extensions: [health_check]
  pipelines:
    traces: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [otlp_grpc]}
  telemetry:
    metrics: {readers: [{pull: {exporter: {prometheus: {host: %s, port: %s}}}}]}
    resource:
      host.name: ${env:OTEL_K8S_NODE_NAME}
      k8s.namespace.name: ${env:OTEL_K8S_NAMESPACE}
      k8s.node.ip: ${env:OTEL_K8S_NODE_IP}
      k8s.node.name: ${env:OTEL_K8S_NODE_NAME}
      k8s.pod.ip: ${env:OTEL_K8S_POD_IP}
      k8s.pod.name: ${env:OTEL_K8S_POD_NAME}
`, place.Backend, place.Health, place.Receiver, place.HTTPReceiver, host, port), err
	},
}

// clusterObservability is the agent of the operator's ClusterObservability, which
// exports by HTTP.
// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/manifests/clusterobservability/config/configs/agent-collector-base.yaml
// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/manifests/clusterobservability/config/loader.go
//
// Its processors resource_detection and k8s_attributes are left out: their modules
// cannot be built here. Without them it is leaner than it really is, so what
// is compared with it has a harder time.
var clusterObservability = Config{
	Name: "clusterobservability",
	env:  func(place Place) []string { return goMemoryLimit(place, 100) },
	text: func(place Place) (string, error) {
		telemetry, err := operatorTelemetry(place)
		return fmt.Sprintf(`
receivers:
  otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}
processors:
  batch: {}
exporters:
  otlp_http: {endpoint: %q}
service:
  telemetry: %s
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [otlp_http]}
`, place.Receiver, place.HTTPReceiver, "http://"+place.HTTPBackend, telemetry), err
	},
}

// operatorTelemetry is what the operator adds to every configuration, on a free
// port in the place of 8888.
// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/otelconfig/helpers.go
func operatorTelemetry(place Place) (string, error) {
	host, port, err := net.SplitHostPort(place.Metrics)
	return fmt.Sprintf(`{metrics: {readers: [{pull: {exporter: {prometheus: {host: %s, port: %s}}}}]}}`, host, port), err
}
