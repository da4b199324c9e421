package collector

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// ConfigMap returns the collector's configuration under the key config.yaml.
// Its name ends in a hash of the content and it is immutable: a new
// configuration is a new ConfigMap, so that pods restart with it and a rollback
// finds the old one.
//
// The keys follow the collector's version: its OTLP exporters are called otlp
// and otlphttp before 0.144, otlp_grpc and otlp_http from then on. The error is
// a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where the
// collector is disabled.
func ConfigMap(spec tracing.TracingSpec) (*corev1.ConfigMap, error) {
	return generate.Object(spec, tracing.ComponentCollector, ConfigMapFor)
}

// ConfigMapFor is ConfigMap of a spec that is resolved already, or nil.
func ConfigMapFor(r tracing.Resolved) *corev1.ConfigMap {
	if r.NotGenerated(tracing.ComponentCollector) != nil {
		return nil
	}
	spec := r.Spec().Collector
	return otelcol.ConfigMap(objectMeta(spec, spec.Name), config(r))
}
