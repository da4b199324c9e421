package clusterapi

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/edit"
	"kubetrace/internal/fielderrors"
)

// InvalidObjectError says that the user's object does not go together with the spec, with
// all of its problems. errors.As finds each *field.Error in it.
type InvalidObjectError struct {
	// Kind is that of the object.
	Kind string
	// Errors are the problems. Each Field is a path in the object, or base where there is
	// none.
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidObjectError) Error() string { return fielderrors.Text(e.Kind, e.Errors) }

// Unwrap returns each problem, a *field.Error.
func (e *InvalidObjectError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }

// invalid is the error of what is wrong with an object.
func invalid(kind string, problems []edit.Problem) *InvalidObjectError {
	return &InvalidObjectError{Kind: kind, Errors: edit.FieldErrors(problems)}
}
