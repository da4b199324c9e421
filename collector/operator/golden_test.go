package operator_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/collector/operator"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "rewrite the files in testdata/golden, and fail")

const goldenFolder = "testdata/golden"

// goldenCases are the specs whose objects and warnings are kept, a file each.
var goldenCases = []string{"abstract socket", "full", "minimal"}

// TestGolden compares the objects with files that people read. With -update it
// rewrites them and fails, so that they are read before they are committed.
func TestGolden(t *testing.T) {
	want := map[string]string{}
	for _, name := range goldenCases {
		resolved := resolve(t, specs[name])
		text, err := tracing.MarshalAll(operator.ObjectsFor(resolved))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, warning := range operator.WarningsFor(resolved) {
			b.WriteString("# " + warning.String() + "\n")
		}
		want[strings.ReplaceAll(name, " ", "-")+".yaml"] = b.String() + string(text)
	}
	if *update {
		if err := os.RemoveAll(goldenFolder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(goldenFolder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(goldenFolder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Errorf("%s was rewritten: read the difference, then run the test without -update", goldenFolder)
	}
	kept := map[string]string{}
	files, err := os.ReadDir(goldenFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(goldenFolder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		kept[file.Name()] = string(text)
	}
	if diff := cmp.Diff(kept, want); diff != "" {
		t.Errorf("%s differs (-kept +generated); make golden rewrites it:\n%s", goldenFolder, diff)
	}
}
