package operator

import (
	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/collector"
	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// Objects returns what the operator needs for the collector, in the order to
// apply it: Namespace (where kubetrace manages it), ServiceAccount,
// OpenTelemetryCollector. It is empty where the collector is disabled. Print it
// with tracing.MarshalAll. The error is a *tracing.InvalidSpecError.
//
// The ServiceAccount is that of package collector, which mounts no token. It also
// has the spec's image pull secrets, for which the resource has no field: pods
// take them from their account.
func Objects(spec tracing.TracingSpec) ([]runtime.Object, error) {
	return generate.List(spec, ObjectsFor)
}

// ObjectsFor is Objects of a spec that is resolved already.
func ObjectsFor(r tracing.Resolved) []runtime.Object {
	resource := OpenTelemetryCollectorFor(r)
	if resource == nil {
		return nil
	}
	var objects []runtime.Object
	if namespace := collector.NamespaceFor(r); namespace != nil {
		objects = append(objects, namespace)
	}
	account := collector.ServiceAccountFor(r)
	account.ImagePullSecrets = r.Spec().Collector.ImagePullSecrets
	return append(objects, account, resource)
}
