package otelcol

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// headerEnv and the number of a header is the variable that holds it.
const headerEnv = "KUBETRACE_HEADER_"

// buffer is how many bytes a connection reads or writes at a time. 512 spans are
// half of that when they are compressed. The collector's own default, 512 KiB for
// each connection, is a tenth of the memory that it takes for a node.
const buffer = 64 << 10

// Exporter returns the name and settings of an exporter, without its queue,
// timeout and retries.
//
// Without keepalive a gRPC connection whose other end has vanished, a node that
// lost its power, is used until the kernel gives it up, after a quarter of an
// hour. With it the kernel waits for its timeout alone (TCP_USER_TIMEOUT). Servers
// close connections that are asked more often than every five minutes. HTTP has
// settings of its own for that.
// https://github.com/grpc/proposal/blob/master/A18-tcp-user-timeout.md
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
func Exporter(spec tracing.ExporterSpec, release tracing.CollectorRelease) (string, Section) {
	name := release.GRPCExporter
	settings := Section{"endpoint": Literal(spec.Endpoint), "compression": spec.Compression, "write_buffer_size": buffer}
	if spec.Protocol == "http" {
		name = release.HTTPExporter
		// For HTTP/2, which nothing else takes off a dead connection.
		settings["http2_read_idle_timeout"], settings["http2_ping_timeout"] = "30s", "20s"
	} else {
		settings["keepalive"] = Section{"time": "6m", "timeout": "20s"}
	}
	if tls := exporterTLS(spec); len(tls) > 0 {
		settings["tls"] = tls
	}
	if headers := exporterHeaders(spec, release); len(headers) > 0 {
		settings["headers"] = headers
	}
	return name, settings
}

// Queue returns the exporter's queue in memory.
func Queue(s tracing.Sizing) Section {
	return Section{
		"enabled":       true,
		"sizer":         "items",
		"queue_size":    s.QueueSize,
		"num_consumers": s.Consumers,
	}
}

// exporterTLS returns the exporter's TLS settings. There are none for HTTP in
// plain text, which the URL's scheme says.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/configtls
func exporterTLS(spec tracing.ExporterSpec) Section {
	settings := Section{}
	if spec.Insecure && spec.Protocol == "grpc" {
		settings["insecure"] = true
	}
	if spec.TLS == nil {
		return settings
	}
	settings = TLS(TLSFiles(spec.TLS))
	if spec.TLS.ServerName != "" {
		settings["server_name_override"] = Literal(spec.TLS.ServerName)
	}
	return settings
}

// exporterHeaders returns the exporter's headers. The names are keys, which the
// collector does not expand; validation keeps $ out of them.
func exporterHeaders(spec tracing.ExporterSpec, release tracing.CollectorRelease) Section {
	settings := Section{}
	for i, header := range spec.Headers {
		if header.SecretKeyRef == nil {
			settings[header.Name] = Literal(header.Value)
			continue
		}
		value := "${env:" + headerEnv + strconv.Itoa(i) + "}"
		if release.HeadersAreYAML {
			// Nowhere else: it keeps a $$ of the Secret from becoming a $.
			value += Nothing
		}
		settings[header.Name] = value
	}
	return settings
}

// HeaderEnv returns the variables of the headers that Secrets hold.
func HeaderEnv(spec tracing.ExporterSpec) []corev1.EnvVar {
	var env []corev1.EnvVar
	for i, header := range spec.Headers {
		if header.SecretKeyRef != nil {
			env = append(env, corev1.EnvVar{
				Name:      headerEnv + strconv.Itoa(i),
				ValueFrom: &corev1.EnvVarSource{SecretKeyRef: header.SecretKeyRef},
			})
		}
	}
	return env
}
