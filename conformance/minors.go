package conformance

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"kubetrace/tracing"
)

// MinorsVariable names the environment variable that holds the Kubernetes minors
// to judge, such as "1.22,1.37". Without it all are judged.
const MinorsVariable = "KUBETRACE_MINORS"

// Minors returns the Kubernetes minors to judge, oldest first.
func Minors() ([]string, error) {
	var all []string
	for _, release := range tracing.Releases() {
		all = append(all, release.Kubernetes)
	}
	chosen := strings.FieldsFunc(os.Getenv(MinorsVariable), func(r rune) bool { return r == ',' || r == ' ' })
	if len(chosen) == 0 {
		return all, nil
	}
	for _, minor := range chosen {
		if !slices.Contains(all, minor) {
			return nil, fmt.Errorf("%q, in %s or -minor, is none of the minor releases in release/kubernetes.go: %s", minor, MinorsVariable, strings.Join(all, ", "))
		}
	}
	return slices.DeleteFunc(all, func(minor string) bool { return !slices.Contains(chosen, minor) }), nil
}
