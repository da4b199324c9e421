package readback_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"kubetrace/internal/readback"
)

func TestObjects(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a good one", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n", ""},
		{"an unknown field", "apiVersion: v1\nkind: Namespace\nmetadata:\n  nam: a\n", "unknown field"},
		{"a field twice", "apiVersion: v1\nkind: Namespace\nkind: Namespace\n", "already set"},
		{"the wrong case", "apiVersion: v1\nkind: Namespace\nMetadata: {}\n", "unknown field"},
		{"an unknown kind", "apiVersion: v1\nkind: Secret\n", "none of the kinds"},
		{"a null", "apiVersion: v1\nkind: Namespace\nmetadata:\n  creationTimestamp: null\n", "null"},
		{"a list for a map", "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: a\n", "cannot unmarshal array"},
		{"a map for a list", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    a: b\n", "cannot unmarshal object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := readback.Objects([]byte("apiVersion: v1\nkind: ConfigMap\n---\n" + test.text))
			switch {
			case test.want == "" && (err != nil || len(objects) != 2):
				t.Errorf("got %d objects and %v, want 2", len(objects), err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

func TestBundle(t *testing.T) {
	good := &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Namespace\n")}
	for name, file := range map[string]*fstest.MapFile{
		"empty":       {},
		"no line end": {Data: []byte("apiVersion: v1\nkind: Namespace")},
		"no YAML":     {Data: []byte("{")},
	} {
		if _, err := readback.Bundle(fstest.MapFS{"a.yaml": good, "b.yaml": file}); err == nil || !strings.Contains(err.Error(), "b.yaml") {
			t.Errorf("%s: got %v, want an error of b.yaml", name, err)
		}
	}
	read, err := readback.Bundle(fstest.MapFS{"a.yaml": good, "README.md": {}})
	if err != nil || len(read) != 1 || len(read["a.yaml"]) != 1 {
		t.Errorf("got %v and %v, want one object of a.yaml", read, err)
	}
}
