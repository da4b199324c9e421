package kind_test

import (
	"errors"
	"strings"
	"testing"

	"kubetrace/platform/kind"
)

// TestLoad reads as kind does; more of it is in kubetrace/internal/reader.
func TestLoad(t *testing.T) {
	for _, text := range []string{"name: 123\n", "networking: {disableDefaultCNI: yes}\n", "---\nkind: Namespace\n", "nodes: [{labels: {a: 1}}]"} {
		if _, err := kind.Load([]byte(header + text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       kind.ReadError
	}{
		{"unknown field", header + "nodez: []\n", kind.ReadError{Line: 3, Field: "nodez", Message: "kind knows no such field: write nodes"}},
		{"field twice", header + "name: a\nname: b\n", kind.ReadError{Line: 4, Field: "name", Message: "it is written twice, first in line 3: take one out"}},
		{"another kind", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Pod\n", kind.ReadError{Line: 2, Field: "kind", Message: `it is "Pod", and kind reads Cluster alone: write kind: Cluster`}},
		{"another type", header + "nodes: {}\n", kind.ReadError{Line: 3, Field: "nodes", Message: "there are fields: write a list"}},
		{"no YAML", "{", kind.ReadError{Line: 1, Message: "did not find expected node content"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := kind.Load([]byte(test.text))
			var got *kind.ReadError
			if !errors.As(err, &got) || *got != test.want {
				t.Errorf("got %v, want %v", err, &test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "v1alpha4.") || strings.Contains(err.Error(), "Go ")) {
				t.Errorf("it names types of Go: %v", err)
			}
		})
	}
	_, err := kind.Load([]byte(header + "a: 1\nb: 2\n"))
	if err == nil || strings.Count(err.Error(), "take it out") != 2 {
		t.Errorf("got %v, want both problems", err)
	}
}
