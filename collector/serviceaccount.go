package collector

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// ServiceAccount returns the account of the collector's pods. It mounts no
// token and needs no role, since the collector never asks the API server. The
// error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where
// the collector is disabled.
func ServiceAccount(spec tracing.TracingSpec) (*corev1.ServiceAccount, error) {
	return generate.Object(spec, tracing.ComponentCollector, ServiceAccountFor)
}

// ServiceAccountFor is ServiceAccount of a spec that is resolved already, or
// nil.
func ServiceAccountFor(r tracing.Resolved) *corev1.ServiceAccount {
	if r.NotGenerated(tracing.ComponentCollector) != nil {
		return nil
	}
	spec := r.Spec().Collector
	mount := false
	return &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   objectMeta(spec, spec.Name),
		AutomountServiceAccountToken: &mount,
	}
}
