package kind

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/fielderrors"
)

// InvalidClusterError says that the user's cluster does not go together with the
// spec, with all of its problems. errors.As finds each *field.Error in it.
type InvalidClusterError struct {
	// Errors are the problems. Each Field is a path in the v1alpha4.Cluster, or
	// hostDir.
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidClusterError) Error() string { return fielderrors.Text("kind cluster", e.Errors) }

// Unwrap returns each problem, a *field.Error.
func (e *InvalidClusterError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }
