package apply_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"

	"kubetrace/apply"
	"kubetrace/internal/edit"
	"kubetrace/tracing"
)

var fuzzedVersions = []string{"1.22", "1.26", "1.29", "1.33", "1.34", "1.37"}

// ours are the parts of a document that may change.
var ours = map[string]bool{
	"etcd": true, "apiServer": true, "controllerManager": true, "scheduler": true, // of a ClusterConfiguration
	"nodeRegistration": true, "tracing": true, "featureGates": true, "spec": true,
	"nodes": true, "kubeadmConfigPatches": true, "kubeadmConfigPatchesJSON6902": true, // of a kind cluster
	"apiVersion": true, "endpoint": true, "samplingRatePerMillion": true, // of a TracingConfiguration
}

// FuzzDocuments says that a document that is changed in any way is refused, or
// gets tracing so that twice is once, and is undone to the byte; and that what is not of
// tracing stays.
func FuzzDocuments(f *testing.F) {
	for i, test := range added {
		f.Add([]byte(test.before), byte(i), false)
		f.Add([]byte(test.after), byte(i), true)
	}
	corpus, _ := filepath.Glob("testdata/corpus/*/*")
	for i, name := range corpus {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, byte(i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text []byte, version byte, overwrite bool) {
		spec := tracing.TracingSpec{KubernetesVersion: fuzzedVersions[int(version)%len(fuzzedVersions)]}
		options := apply.Options{HostDir: "/out", Overwrite: overwrite}
		before := bytes.Clone(text)
		got, err := apply.Documents(spec, text, options)
		if !bytes.Equal(before, text) {
			t.Fatal("the text was written into")
		}
		var syntax *apply.SyntaxError
		if errors.As(err, &syntax) && (syntax.Line < 1 || syntax.Column < 1) {
			t.Fatalf("no place: %v", err)
		}
		if err != nil {
			if got.Text != nil {
				t.Fatalf("an error and a text: %v", err)
			}
			_, _ = apply.Remove(spec, text, options) // must not panic
			return
		}
		undone, err := apply.Undo(got.Text, got.Receipt)
		if err != nil || !bytes.Equal(undone, text) {
			t.Fatalf("undone to %q, %v", undone, err)
		}
		again, err := apply.Documents(spec, got.Text, options)
		if err != nil || !bytes.Equal(again.Text, got.Text) || len(again.Receipt.Edits) > 0 {
			t.Fatalf("the second time %v: %q after %q", err, again.Text, got.Text)
		}
		was, is := read(t, text), read(t, got.Text)
		if len(is) < len(was) || len(is) > len(was)+1 {
			t.Fatalf("%d documents became %d", len(was), len(is))
		}
		for i := range was {
			a, isMap := was[i].(map[string]any)
			b, _ := is[i].(map[string]any)
			if !isMap {
				if !reflect.DeepEqual(was[i], is[i]) {
					t.Fatalf("%v became %v", was[i], is[i])
				}
				continue
			}
			for key := range a {
				if !ours[key] && !reflect.DeepEqual(a[key], b[key]) {
					t.Fatalf("%s was %v and is %v", key, a[key], b[key])
				}
			}
		}
		removed, err := apply.Remove(spec, got.Text, options)
		if err != nil {
			return // what an anchor shares cannot be taken out
		}
		if back, err := apply.Undo(removed.Text, removed.Receipt); err != nil || !bytes.Equal(back, got.Text) {
			t.Fatalf("put back %q, %v", back, err)
		}
	})
}

// read reads a stream as who reads it does: kubeadm line by line, so that the last line
// has an end.
func read(t *testing.T, text []byte) []any {
	t.Helper()
	all := readWhole(t, text)
	for _, document := range all {
		if tree, _ := document.(map[string]any); edit.IsKubeadm(tree) && !bytes.HasSuffix(text, []byte("\n")) {
			return readWhole(t, append(bytes.Clone(text), '\n'))
		}
	}
	return all
}

func readWhole(t *testing.T, text []byte) []any {
	t.Helper()
	var all []any
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		if err := decoder.Decode(&document); err != nil {
			return all
		}
		all = append(all, document)
	}
}

// FuzzUndo says that a receipt of a text that has changed is refused or undone,
// and never breaks anything.
func FuzzUndo(f *testing.F) {
	f.Add([]byte("kind: x"), 3, "tracing", "a\nb")
	f.Fuzz(func(t *testing.T, text []byte, at int, now, before string) {
		for _, test := range added {
			got, err := apply.Documents(test.spec, []byte(test.before), hostDir)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = apply.Undo(text, got.Receipt)
			i := max(0, at) % (len(got.Text) + 1)
			changed := append(append(append([]byte{}, got.Text[:i]...), now...), got.Text[i:]...)
			if undone, err := apply.Undo(changed, got.Receipt); err == nil && len(undone) != len(test.before)+len(now) {
				t.Fatalf("%q became %q", changed, undone)
			}
		}
		_, _ = apply.Undo(text, apply.Receipt{Edits: []apply.Edit{{From: at, To: at, Old: before, At: at, New: now}, {At: -at, New: before, Before: now, After: now}}})
	})
}
