package k3s

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/fielderrors"
)

// InvalidConfigError says that a node's config.yaml does not go together with the spec,
// with all of its problems. errors.As finds each *field.Error in it.
type InvalidConfigError struct {
	// Errors are the problems. Each Field is a path in the file, "etcd-arg[0]", or
	// config.yaml for the whole.
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidConfigError) Error() string { return fielderrors.Text("config.yaml", e.Errors) }

// Unwrap returns each problem, a *field.Error.
func (e *InvalidConfigError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }
