package collector

import (
	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// Objects returns everything the collector needs, in the order to apply it:
// Namespace (where kubetrace manages it), ServiceAccount, ConfigMap, DaemonSet.
// It is empty where the collector is disabled. Print it with
// tracing.MarshalAll. The error is a *tracing.InvalidSpecError.
func Objects(spec tracing.TracingSpec) ([]runtime.Object, error) {
	return generate.List(spec, ObjectsFor)
}

// ObjectsFor is Objects of a spec that is resolved already.
func ObjectsFor(r tracing.Resolved) []runtime.Object {
	if r.NotGenerated(tracing.ComponentCollector) != nil {
		return nil
	}
	var objects []runtime.Object
	if namespace := NamespaceFor(r); namespace != nil {
		objects = append(objects, namespace)
	}
	config := ConfigMapFor(r)
	return append(objects, ServiceAccountFor(r), config, daemonSet(r, config.Name))
}
