package apply_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/tracing"
)

// entry is a line of an index of testdata/corpus.
type entry struct {
	File, From, To, What string
	Spec                 tracing.TracingSpec
}

// fits returns the specs of the releases that a file fits.
func (e entry) fits() (specs []tracing.TracingSpec) {
	within := false
	for _, release := range tracing.Releases() {
		within = within || release.Kubernetes == e.From
		if within {
			spec := *e.Spec.DeepCopy()
			spec.KubernetesVersion = release.Kubernetes
			specs = append(specs, spec)
		}
		within = within && release.Kubernetes != e.To
	}
	return specs
}

// TestCorpus adds tracing to what people write, for every release that it fits,
// twice, and undoes it. kubetrace/conformance has the releases judge the same.
func TestCorpus(t *testing.T) {
	folders, err := filepath.Glob("testdata/corpus/*/index.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, index := range folders {
		text, err := os.ReadFile(index)
		if err != nil {
			t.Fatal(err)
		}
		var entries []entry
		if err := yaml.UnmarshalStrict(text, &entries); err != nil {
			t.Fatal(err)
		}
		files += len(entries)
		for _, e := range entries {
			before, err := os.ReadFile(filepath.Join(filepath.Dir(index), e.File))
			if err != nil {
				t.Fatal(err)
			}
			specs := e.fits()
			if len(specs) == 0 {
				t.Errorf("%s fits no release", e.File)
			}
			for _, spec := range specs {
				t.Run(filepath.Base(filepath.Dir(index))+"/"+e.File+"/"+spec.KubernetesVersion, func(t *testing.T) { checkFile(t, spec, before) })
			}
		}
	}
	if files < 60 {
		t.Errorf("there are %d files, and at least 60 are promised", files)
	}
}

func checkFile(t *testing.T, spec tracing.TracingSpec, before []byte) {
	options := apply.Options{HostDir: "/out"}
	added, err := apply.Documents(spec, before, options)
	if err != nil {
		t.Fatal(err)
	}
	again, err := apply.Documents(spec, added.Text, options)
	if err != nil {
		t.Fatalf("the second time: %v\n%s", err, added.Text)
	}
	if len(again.Receipt.Edits) > 0 || !bytes.Equal(again.Text, added.Text) {
		t.Errorf("the second time it edits %+v", again.Receipt.Edits)
	}
	undone, err := apply.Undo(added.Text, added.Receipt)
	if err != nil || !bytes.Equal(undone, before) {
		t.Errorf("undone it is %q, %v", undone, err)
	}
	removed, err := apply.Remove(spec, added.Text, options)
	if err != nil {
		t.Fatalf("remove: %v\n%s", err, added.Text)
	}
	if back, err := apply.Undo(removed.Text, removed.Receipt); err != nil || !bytes.Equal(back, added.Text) {
		t.Errorf("put back it is %q, %v", back, err)
	}
	// Without its settings a document takes them again.
	if relaid, err := apply.Documents(spec, removed.Text, options); err != nil {
		t.Errorf("after a removal: %v\n%s", err, removed.Text)
	} else if third, err := apply.Documents(spec, relaid.Text, options); err != nil || len(third.Receipt.Edits) > 0 {
		t.Errorf("after a removal: %v %+v", err, third.Receipt.Edits)
	}
}

// TestNoColon forgets a colon behind every line of some files: the line is to be
// named, or the one behind it where what is wrong shows there.
func TestNoColon(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/k*/*a*-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	faults := 0
	for _, file := range files[:min(10, len(files))] {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		for i := 1; i < len(lines); i++ {
			spaces := len(lines[i-1]) - len(strings.TrimLeft(lines[i-1], " "))
			broken := strings.Join(lines[:i], "") + strings.Repeat(" ", spaces) + "serverURL \"a:6443\"\n" + strings.Join(lines[i:], "")
			_, err := apply.Documents(tracing.TracingSpec{KubernetesVersion: "1.34"}, []byte(broken), apply.Options{HostDir: "/out"})
			var syntax *apply.SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), "':'") {
				continue // within a text, a comment or brackets it is another fault, or none
			}
			faults++
			if syntax.Line != i+1 && syntax.Line != i+2 {
				t.Errorf("%s, line %d: %v", file, i+1, err)
			}
		}
	}
	if faults < 100 {
		t.Errorf("there were only %d faults", faults)
	}
}
