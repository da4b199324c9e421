package collector

import (
	"maps"
	"slices"

	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

type section = otelcol.Section

// config returns the collector's configuration.
func config(r tracing.Resolved) section { return configOf(r, exporter) }

// configOf returns the configuration with an exporter.
func configOf(r tracing.Resolved, exporter func(tracing.Resolved) (string, section)) section {
	exporterName, settings := exporter(r)
	extensions := extensions(r)
	return section{
		"receivers": section{"otlp": section{"protocols": section{"grpc": receiver(r)}}},
		"processors": section{
			"memory_limiter": otelcol.MemoryLimiter(r.Sizing()),
			"resource/node":  section{"attributes": attributes(r)},
		},
		"exporters":  section{exporterName: settings},
		"extensions": extensions,
		"service": section{
			"extensions": slices.Sorted(maps.Keys(extensions)),
			"telemetry":  otelcol.Telemetry(r.LoopbackHost(), r.Spec().Collector.MetricsPort),
			"pipelines": section{"traces": section{
				"receivers": []string{"otlp"},
				// The limiter comes first: it refuses what has cost nothing yet.
				"processors": []string{"memory_limiter", "resource/node"},
				"exporters":  []string{exporterName},
			}},
		},
	}
}

// receiver returns how the collector listens. It is never on an address that
// another node reaches.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/confignet
func receiver(r tracing.Resolved) section {
	transport, endpoint := r.Listener()
	settings := otelcol.Receiver(endpoint)
	if transport != "tcp" {
		settings["transport"] = transport
	}
	return settings
}

// attributes returns what is added to every span's resource.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/resourceprocessor
func attributes(r tracing.Resolved) []section {
	// The collector reads a value that is one variable and nothing else as
	// YAML: a node called 1234 would become a number, one called null would
	// keep the collector from starting. Two variables side by side are always
	// text; the second is empty.
	const node = "${env:" + nodeNameEnv + "}" + otelcol.Nothing
	list := []section{{"key": "k8s.node.name", "value": node, "action": "upsert"}}
	if cluster := r.Spec().ClusterName; cluster != "" {
		list = append(list, section{"key": "k8s.cluster.name", "value": otelcol.Literal(cluster), "action": "upsert"})
	}
	// Only where the component sent none, as kube-apiserver does.
	return append(list, section{"key": "service.instance.id", "value": node, "action": "insert"})
}

// exporter returns the name and settings of the exporter.
func exporter(r tracing.Resolved) (string, section) {
	name, settings := exporterTo(r, r.Exporter())
	if r.NotGenerated(tracing.ComponentGateway) == nil {
		// The gateway's Service has the address of every replica.
		settings["balancer_name"] = "round_robin"
		// The gateway gives a request 55 seconds.
		settings["timeout"] = "60s"
	}
	return name, settings
}

// exporterTo returns the name and settings of an exporter to somewhere.
func exporterTo(r tracing.Resolved, where tracing.ExporterSpec) (string, section) {
	name, settings := otelcol.Exporter(where, r.CollectorRelease())
	settings["timeout"] = "30s"
	// Never give up: the queue's length is the bound.
	settings["retry_on_failure"] = section{"enabled": true, "initial_interval": "5s", "max_interval": "30s", "max_elapsed_time": "0s"}
	settings["sending_queue"] = sendingQueue(r)
	return name, settings
}

// extensions returns what stands beside the pipeline.
func extensions(r tracing.Resolved) section {
	all := section{"health_check": section{"endpoint": otelcol.HostPort(r.LoopbackHost(), r.Spec().Collector.HealthPort)}}
	if r.Sizing().Disk > 0 {
		all[queueStorage] = fileStorage(r)
	}
	return all
}
