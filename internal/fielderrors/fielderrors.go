// Package fielderrors is what the error types that hold field errors share.
package fielderrors

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Text returns all problems of what is invalid, one a line.
func Text(what string, errs field.ErrorList) string {
	if len(errs) == 1 {
		return "invalid " + what + ": " + errs[0].Error()
	}
	lines := []string{fmt.Sprintf("invalid %s, %d problems:", what, len(errs))}
	for _, err := range errs {
		lines = append(lines, "  "+err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors as errors.As and errors.Is want them. The type of
// upstream's own aggregate hides its members from both.
func Unwrap(errs field.ErrorList) []error {
	all := make([]error, len(errs))
	for i, err := range errs {
		all[i] = err
	}
	return all
}
