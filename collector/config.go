package collector

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"kubetrace/tracing"
)

// section is a part of the collector's configuration, whose keys are those of
// the collector's own documentation.
type section map[string]any

// configText returns the collector's configuration as YAML.
func configText(r tracing.Resolved) string {
	text, _ := tracing.Marshal(config(r)) // maps of strings, numbers and booleans always marshal
	return string(text)
}

// config returns the collector's configuration.
func config(r tracing.Resolved) section {
	exporterName, exporter := exporter(r)
	extensions, sizing := extensions(r), r.Sizing()
	return section{
		"receivers": section{"otlp": section{"protocols": section{"grpc": receiver(r)}}},
		"processors": section{
			// https://github.com/open-telemetry/opentelemetry-collector/tree/main/processor/memorylimiterprocessor
			"memory_limiter": section{
				"check_interval":         "1s",
				"limit_percentage":       sizing.CollectPercent,
				"spike_limit_percentage": sizing.CollectPercent - sizing.RefusePercent,
			},
			"resource/node": section{"attributes": attributes(r)},
		},
		"exporters":  section{exporterName: exporter},
		"extensions": extensions,
		"service": section{
			"extensions": slices.Sorted(maps.Keys(extensions)),
			"telemetry": section{
				"logs": section{"level": "info", "encoding": "json"},
				"metrics": section{"readers": []section{
					{"pull": section{"exporter": section{"prometheus": section{"host": r.LoopbackHost(), "port": r.Spec().Collector.MetricsPort}}}},
				}},
			},
			"pipelines": section{"traces": section{
				"receivers": []string{"otlp"},
				// The limiter comes first: it refuses what has cost nothing yet.
				"processors": []string{"memory_limiter", "resource/node"},
				"exporters":  []string{exporterName},
			}},
		},
	}
}

// extensions returns what stands beside the pipeline.
func extensions(r tracing.Resolved) section {
	all := section{"health_check": section{"endpoint": hostPort(r.LoopbackHost(), r.Spec().Collector.HealthPort)}}
	if r.Sizing().Disk > 0 {
		all[queueStorage] = fileStorage(r)
	}
	return all
}

// receiver returns how the collector listens. It is never on an address that
// another node reaches.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/confignet
func receiver(r tracing.Resolved) section {
	transport, endpoint := r.Listener()
	if transport == "tcp" {
		return section{"endpoint": endpoint}
	}
	return section{"endpoint": endpoint, "transport": transport}
}

// attributes returns what is added to every span's resource.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/resourceprocessor
func attributes(r tracing.Resolved) []section {
	// The collector reads a value that is one variable and nothing else as
	// YAML: a node called 1234 would become a number, one called null would
	// keep the collector from starting. Two variables side by side are always
	// text; the second is empty.
	const node = "${env:" + nodeNameEnv + "}" + nothing
	list := []section{{"key": "k8s.node.name", "value": node, "action": "upsert"}}
	if cluster := r.Spec().ClusterName; cluster != "" {
		list = append(list, section{"key": "k8s.cluster.name", "value": literal(cluster), "action": "upsert"})
	}
	// Only where the component sent none, as kube-apiserver does.
	return append(list, section{"key": "service.instance.id", "value": node, "action": "insert"})
}

// exporter returns the name and settings of the exporter.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
func exporter(r tracing.Resolved) (string, section) {
	spec, release := r.Exporter(), r.CollectorRelease()
	name := release.GRPCExporter
	if spec.Protocol == "http" {
		name = release.HTTPExporter
	}
	settings := section{
		"endpoint":    literal(spec.Endpoint),
		"compression": spec.Compression,
		"timeout":     "10s",
		// Never give up: the queue's length is the bound.
		"retry_on_failure": section{"enabled": true, "initial_interval": "5s", "max_interval": "30s", "max_elapsed_time": "0s"},
		"sending_queue":    sendingQueue(r),
	}
	if tls := tlsSettings(spec); len(tls) > 0 {
		settings["tls"] = tls
	}
	if headers := headerSettings(spec, release); len(headers) > 0 {
		settings["headers"] = headers
	}
	return name, settings
}

// tlsSettings returns the exporter's TLS settings. There are none for HTTP in
// plain text, which the URL's scheme says.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/configtls
func tlsSettings(spec tracing.ExporterSpec) section {
	settings := section{}
	if spec.Insecure && spec.Protocol == "grpc" {
		settings["insecure"] = true
	}
	if spec.TLS == nil {
		return settings
	}
	for _, file := range tlsFiles(spec.TLS) {
		settings[file.setting] = tlsFolder + "/" + file.path
	}
	if spec.TLS.Cert != nil {
		// One that was renewed in its Secret is read without a restart.
		settings["reload_interval"] = "5m"
	}
	if spec.TLS.ServerName != "" {
		settings["server_name_override"] = literal(spec.TLS.ServerName)
	}
	return settings
}

// headerSettings returns the exporter's headers. The names are keys, which the
// collector does not expand; validation keeps $ out of them.
func headerSettings(spec tracing.ExporterSpec, release tracing.CollectorRelease) section {
	settings := section{}
	for i, header := range spec.Headers {
		if header.SecretKeyRef == nil {
			settings[header.Name] = literal(header.Value)
			continue
		}
		value := "${env:" + headerEnv + strconv.Itoa(i) + "}"
		if release.HeadersAreYAML {
			// Nowhere else: it keeps a $$ of the Secret from becoming a $.
			value += nothing
		}
		settings[header.Name] = value
	}
	return settings
}

// nothing is a variable that is empty. Behind another variable it makes the two
// a text, where one alone would be read as YAML.
const nothing = "${env:KUBETRACE_NOTHING:-}"

// literal keeps the collector from expanding ${…} in a text of the spec.
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

func hostPort(host string, port int32) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
