package tracing

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
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
func (e *InvalidSpecError) Error() string {
	if len(e.Errors) == 1 {
		return "invalid TracingSpec: " + e.Errors[0].Error()
	}
	lines := []string{fmt.Sprintf("invalid TracingSpec, %d problems:", len(e.Errors))}
	for _, err := range e.Errors {
		lines = append(lines, "  "+err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each problem, a *field.Error.
func (e *InvalidSpecError) Unwrap() []error {
	errs := make([]error, len(e.Errors))
	for i, err := range e.Errors {
		errs[i] = err
	}
	return errs
}

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
