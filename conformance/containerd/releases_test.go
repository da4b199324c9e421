package containerd

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	table "kubetrace/release"
)

// release is one row of the matrix.
type release struct {
	version string // "1.7.18"
	build   func() (*Program, error)
}

// Releases of each side of each boundary of the library's table, as far as they are
// served: of 1.6.32 to 1.6.39 that is 1.6.36.
var releases = []release{
	pinned("1.6.31"),
	pinned("1.6.36"),
	pinned("1.7.15"),
	pinned("1.7.18"),
	pinned("1.7.35"),
	pinned("2.0.13"),
	pinned("2.3.4"),
	pinned("2.4.2"),
}

// pinned builds a release once, for all tests of it.
func pinned(version string) release {
	return release{version, sync.OnceValues(func() (*Program, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
		defer cancel()
		return Build(ctx, ".", version)
	})}
}

// TestEveryPinIsJudged says that no pin lies about that no test builds.
func TestEveryPinIsJudged(t *testing.T) {
	pins, err := filepath.Glob("v*.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range releases {
		pins = slices.DeleteFunc(pins, func(pin string) bool { return pin == "v"+r.version+".mod" })
	}
	if len(pins) > 0 {
		t.Errorf("%v: add them to the table of releases, or delete them", pins)
	}
}

// TestEveryRowIsJudged says that each row of the library's table is judged.
func TestEveryRowIsJudged(t *testing.T) {
	judged := map[string]bool{}
	for _, r := range releases {
		judged[r.row(t).From] = true
	}
	for _, row := range table.AllContainerd() {
		if !judged[row.From] {
			t.Errorf("no release of the row from %s on is judged: pin one", row.From)
		}
	}
}

// row returns what the library's table says of the release.
func (r release) row(t *testing.T) table.Containerd {
	t.Helper()
	row, known := table.ContainerdOf(r.version)
	if !known {
		t.Fatalf("the library does not know containerd %s", r.version)
	}
	return row
}

// judge marks a test as the proof of a cell of the matrix and returns the program that
// proves it.
func (r release) judge(t *testing.T, column string) *Program {
	t.Helper()
	t.Attr("component", "containerd")
	t.Attr("release", r.version)
	t.Attr("judge", column)
	t.Attr("by", "v"+r.version) // Build makes sure of it
	program, err := r.build()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
