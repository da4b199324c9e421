package apply

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace"
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
	r, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return DeletionsFor(r)
}

// DeletionsFor is Deletions of a spec that is resolved already.
func DeletionsFor(r tracing.Resolved) ([]runtime.Object, error) {
	bundle, err := kubetrace.GenerateFor(r)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(bundle.Backend, bundle.Gateway, bundle.Collector)
	slices.Reverse(all)
	return all, nil
}
