package apply

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/gateway"
	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// Deletions returns the objects to delete from a cluster that is no longer to be
// traced, those that were applied last first: of the collector, the gateway and the
// development backend. Stop the components from sending before, or their spans are
// lost. Namespaces are among them only where kubetrace made them, and so are never
// somebody else's. Objects of the same names may be deleted whatever is in them.
//
// The error is a *tracing.InvalidSpecError.
func Deletions(spec tracing.TracingSpec) ([]runtime.Object, error) {
	return generate.List(spec, DeletionsFor)
}

// DeletionsFor is Deletions of a spec that is resolved already.
func DeletionsFor(r tracing.Resolved) []runtime.Object {
	all := slices.Concat(backend.ObjectsFor(r), gateway.ObjectsFor(r), collector.ObjectsFor(r))
	slices.Reverse(all)
	return all
}
