package gateway

import (
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

type section = otelcol.Section

// The ports inside the pod. Metrics are on its loopback address, for kubectl
// port-forward and a sidecar alone.
const (
	healthPort  int32 = 13133
	metricsPort int32 = 8888
	loopback          = "127.0.0.1"
)

// config returns the gateway's configuration.
func config(r tracing.Resolved) section {
	exporterName, exporter := exporter(r)
	return section{
		"receivers":  section{"otlp": section{"protocols": section{"grpc": receiver(r)}}},
		"processors": section{"memory_limiter": otelcol.MemoryLimiter(r.GatewaySizing())},
		"exporters":  section{exporterName: exporter},
		// The kubelet asks at the pod's address.
		"extensions": section{"health_check": section{"endpoint": otelcol.HostPort("", healthPort)}},
		"service": section{
			"extensions": []string{"health_check"},
			"telemetry":  otelcol.Telemetry(loopback, metricsPort),
			"pipelines": section{"traces": section{
				"receivers":  []string{"otlp"},
				"processors": []string{"memory_limiter"},
				"exporters":  []string{exporterName},
			}},
		},
	}
}

// receiver returns how the gateway listens: on all addresses of its pod, of
// either IP family.
func receiver(r tracing.Resolved) section {
	settings := otelcol.Receiver(otelcol.HostPort("", tracing.GatewayPort))
	// A node's collector looks the Service up again when a connection ends. Without
	// an end it would never find a replica that is new. The grace is longer than a
	// request takes.
	settings["keepalive"] = section{"server_parameters": section{"max_connection_age": "10m", "max_connection_age_grace": "1m"}}
	if files := otelcol.ServerTLSFiles(r.Spec().Gateway.TLS); len(files) > 0 {
		settings["tls"] = otelcol.TLS(files)
	}
	return settings
}

// exporter returns the name and settings of the exporter. It tells the node's
// collector what the backend said, before that one's 60 seconds are over unless
// many small requests wait: what failed is kept and tried again there. By HTTP it
// is first tried again here, since what becomes of a 429 in gRPC is final for a
// node.
func exporter(r tracing.Resolved) (string, section) {
	name, settings := otelcol.Exporter(r.GatewayExporter(), r.CollectorRelease())
	queue := otelcol.Queue(r.GatewaySizing())
	queue["wait_for_result"] = true
	// All three are set, as an empty batch has no defaults before 0.138.
	sizing := r.GatewaySizing()
	queue["batch"] = section{"flush_timeout": "200ms", "min_size": sizing.BatchMin, "max_size": sizing.BatchMax}
	settings["timeout"] = "30s"
	settings["retry_on_failure"] = section{"enabled": false}
	if r.GatewayExporter().Protocol == "http" {
		settings["retry_on_failure"] = section{"enabled": true, "initial_interval": "1s", "max_interval": "5s", "max_elapsed_time": "25s"}
	}
	settings["sending_queue"] = queue
	return name, settings
}
