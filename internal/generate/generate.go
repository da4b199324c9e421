// Package generate holds the one way from a spec to an output that every
// generating package takes.
package generate

import "kubetrace/tracing"

// Object resolves the spec and makes one output of a component. Where there is
// none it returns nil and a *tracing.NotGeneratedError.
func Object[T any](spec tracing.TracingSpec, c tracing.Component, makeFor func(tracing.Resolved) T) (T, error) {
	why := func(r tracing.Resolved) *tracing.NotGeneratedError { return r.NotGenerated(c) }
	return Unless(spec, why, makeFor)
}

// Unless is Object of an output that there may be none of for more reasons than
// its component has. why returns nil where there is one.
func Unless[T any](spec tracing.TracingSpec, why func(tracing.Resolved) *tracing.NotGeneratedError, makeFor func(tracing.Resolved) T) (T, error) {
	var none T
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return none, err
	}
	if not := why(resolved); not != nil {
		return none, not
	}
	return makeFor(resolved), nil
}

// List resolves the spec and makes a list, which is empty where the component
// has no output.
func List[T any](spec tracing.TracingSpec, makeFor func(tracing.Resolved) []T) ([]T, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return makeFor(resolved), nil
}
