package tracing

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/fielderrors"
)

// InvalidSpecError says that a spec cannot be used, with all of its problems.
// [Load] and [Resolve] return it. errors.As finds each *field.Error in it:
//
//	var problem *field.Error
//	if errors.As(err, &problem) { … }
type InvalidSpecError struct {
	// Errors are the problems, in the order of the spec's fields. Each Field is
	// the JSON path of a field of TracingSpec.
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidSpecError) Error() string { return fielderrors.Text("TracingSpec", e.Errors) }

// Unwrap returns each problem, a *field.Error.
func (e *InvalidSpecError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }

// NotGeneratedError says that a valid spec has no such output: it disables it,
// or the release cannot do it. The functions that return one object return it
// beside a nil object.
type NotGeneratedError struct {
	// Component is what there is no output for.
	Component Component
	// Field is the path of the spec's field that decided it.
	Field string
	// Reason says why, as a sentence without its full stop.
	Reason string
}

// Error returns the component, the field and the reason.
func (e *NotGeneratedError) Error() string {
	return fmt.Sprintf("nothing is generated for %s: %s: %s", e.Component, e.Field, e.Reason)
}
