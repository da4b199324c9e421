// Package gates reads the value of the flag --feature-gates.
package gates

import (
	"fmt"
	"strconv"
	"strings"
)

// Flag is the name of the flag, the one whose values are merged.
const Flag = "feature-gates"

// Gate is one Name=true of the flag's value.
type Gate struct {
	Name string
	On   bool
}

// String returns the gate as the flag has it.
func (g Gate) String() string { return fmt.Sprintf("%s=%t", g.Name, g.On) }

// Is says whether this is the gate of a name, which newer releases also take with the
// component before it.
func (g Gate) Is(name string) bool { return strings.TrimPrefix(g.Name, "kube:") == name }

// Parse returns the gates of a value, in their order. Empty parts are passed
// over, as Kubernetes does.
// Source: k8s.io/component-base featuregate/feature_gate.go, Set.
func Parse(value string) ([]Gate, error) {
	var all []Gate
	for _, pair := range strings.Split(value, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		on, err := strconv.ParseBool(strings.TrimSpace(text))
		if name = strings.TrimSpace(name); err != nil || name == "" {
			return nil, fmt.Errorf("%q is no feature gate: write it as Name=true or Name=false", pair)
		}
		all = append(all, Gate{name, on})
	}
	return all, nil
}
