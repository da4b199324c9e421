package otelcol

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// headerEnv and the number of a header is the variable that holds it.
const headerEnv = "KUBETRACE_HEADER_"

// Exporter returns the name and settings of an exporter, without its queue,
// timeout and retries.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
func Exporter(spec tracing.ExporterSpec, release tracing.CollectorRelease) (string, Section) {
	name := release.GRPCExporter
	if spec.Protocol == "http" {
		name = release.HTTPExporter
	}
	settings := Section{"endpoint": Literal(spec.Endpoint), "compression": spec.Compression}
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
		"enabled":    true,
		"sizer":      "items",
		"queue_size": s.QueueSize,
		// All three are set, as an empty batch has no defaults before 0.138.
		"batch": Section{"flush_timeout": "200ms", "min_size": s.BatchMin, "max_size": s.BatchMax},
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
