// Package generate holds the one way from a spec to an output that every
// generating package takes.
package generate

import "kubetrace/tracing"

// Object resolves the spec and makes one output of a component. Where there is
// none it returns nil and a *tracing.NotGeneratedError.
func Object[T any](spec tracing.TracingSpec, c tracing.Component, makeFor func(tracing.Resolved) *T) (*T, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	if why := resolved.NotGenerated(c); why != nil {
		return nil, why
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
