package collector

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	if why := resolved.NotGenerated(tracing.ComponentCollector); why != nil {
		return nil, why
	}
	namespace := NamespaceFor(resolved)
	if namespace == nil {
		return nil, &tracing.NotGeneratedError{Component: tracing.ComponentCollector, Field: "collector.manageNamespace", Reason: "the namespace is not kubetrace's to manage"}
	}
	return namespace, nil
}

// NamespaceFor is Namespace of a spec that is resolved already, or nil.
func NamespaceFor(r tracing.Resolved) *corev1.Namespace {
	spec := r.Spec().Collector
	if r.NotGenerated(tracing.ComponentCollector) != nil || !*spec.ManageNamespace {
		return nil
	}
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
