package collector

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// Namespace returns the collector's namespace with the Pod Security level
// "privileged", which pods in the host's network need.
//
// The error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError
// where the collector is disabled or the namespace is not kubetrace's to manage
// (CollectorSpec.ManageNamespace): a warning of Resolve then gives the command
// that labels it.
func Namespace(spec tracing.TracingSpec) (*corev1.Namespace, error) {
	return generate.Unless(spec, noNamespace, NamespaceFor)
}

// noNamespace says why there is no namespace, or returns nil.
func noNamespace(r tracing.Resolved) *tracing.NotGeneratedError {
	why := r.NotGenerated(tracing.ComponentCollector)
	if why == nil && !*r.Spec().Collector.ManageNamespace {
		return &tracing.NotGeneratedError{Component: tracing.ComponentCollector, Field: "collector.manageNamespace", Reason: "the namespace is not kubetrace's to manage"}
	}
	return why
}

// NamespaceFor is Namespace of a spec that is resolved already, or nil.
func NamespaceFor(r tracing.Resolved) *corev1.Namespace {
	if noNamespace(r) != nil {
		return nil
	}
	spec := r.Spec().Collector
	all := labels(spec)
	// https://kubernetes.io/docs/concepts/security/pod-security-standards/
	for _, mode := range []string{"enforce", "audit", "warn"} {
		all["pod-security.kubernetes.io/"+mode] = "privileged"
	}
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: spec.Namespace, Labels: all, Annotations: maps.Clone(spec.Annotations)},
	}
}
