package talos

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/edit"
	"kubetrace/internal/fielderrors"
)

// InvalidConfigError says that a machine configuration does not go together with the
// spec, with all of its problems. errors.As finds each *field.Error in it.
type InvalidConfigError struct {
	// Errors are the problems. Each Field is a path in the machine configuration, such as
	// cluster.apiServer.extraArgs[tracing-config-file].
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidConfigError) Error() string {
	return fielderrors.Text("Talos machine configuration", e.Errors)
}

// Unwrap returns each problem, a *field.Error.
func (e *InvalidConfigError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }

// InvalidOptionsError says which of the Options, or what of a spec, is not for Talos.
type InvalidOptionsError struct {
	// Errors are the problems. Each Field is one of Options, or of the spec.
	Errors field.ErrorList
}

// Error returns all problems, one a line.
func (e *InvalidOptionsError) Error() string { return fielderrors.Text("Talos", e.Errors) }

// Unwrap returns each problem, a *field.Error.
func (e *InvalidOptionsError) Unwrap() []error { return fielderrors.Unwrap(e.Errors) }

// message is what is wrong with a setting, and what to do.
func message(p edit.Problem) string {
	switch {
	case !p.Conflict:
		return p.Message
	case p.Adopt != "":
		return "the spec says " + p.Want + ": take it out, or write " + p.Adopt + " into the spec"
	case p.Message != "":
		return "the spec says " + p.Want + ": " + p.Message
	}
	return "the spec says " + p.Want + ": take it out, or change the spec"
}
