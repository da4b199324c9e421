package etcd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	generated "kubetrace/etcd"
	"kubetrace/tracing"
)

// release is one row of the matrix.
type release struct {
	version string // "3.5.10"
	build   func() (*Program, error)
}

// The first and the last release of each row of the library's table of etcd, as
// far as they are served, and of each minor.
var releases = []release{
	pinned("3.5.4"),
	pinned("3.5.5"),
	pinned("3.5.10"),
	pinned("3.5.11"),
	pinned("3.5.15"),
	pinned("3.5.35"),
	pinned("3.6.0"),
	pinned("3.6.16"),
	pinned("3.7.0"),
	pinned("3.7.1"),
	pinned("3.7.3"),
	pinned("3.8.0-alpha.0"),
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

// TestEveryRowIsJudged says that each row of the library's table is judged at its
// beginning and just before it, where that is another patch, and at two of its
// releases at least.
func TestEveryRowIsJudged(t *testing.T) {
	judged := map[string]bool{}
	ofRow := map[string]int{}
	for _, r := range releases {
		judged[r.version] = true
		ofRow[r.row().From]++
	}
	for i, row := range tracing.EtcdReleases() {
		if i == 0 {
			continue // is refused, and 3.5.4 shows why
		}
		if ofRow[row.From] < 2 {
			t.Errorf("the row from %s on has %d releases, want 2: pin another", row.From, ofRow[row.From])
		}
		edges := []string{row.From}
		if n := numbers(row.From); n[2] > 0 {
			edges = append(edges, fmt.Sprintf("%d.%d.%d", n[0], n[1], n[2]-1))
		}
		for _, edge := range edges {
			if !judged[edge] {
				t.Errorf("a row begins at %s, and %s is not judged: pin it", row.From, edge)
			}
		}
	}
}

// judge marks a test as the proof of a cell of the matrix and returns the
// program that proves it.
func (r release) judge(t *testing.T, column string) *Program {
	t.Helper()
	t.Attr("component", "etcd")
	t.Attr("release", r.version)
	t.Attr("judge", column)
	t.Attr("by", "v"+r.version) // Build makes sure of it
	program, err := r.build()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// row returns what the library's table says of the release.
func (r release) row() tracing.EtcdRelease {
	var found tracing.EtcdRelease
	for _, row := range tracing.EtcdReleases() {
		if compare(row.From, r.version) <= 0 {
			found = row
		}
	}
	return found
}

// compare compares two versions of three numbers. A pre-release counts as its release.
func compare(a, b string) int { return slices.Compare(numbers(a), numbers(b)) }

func numbers(version string) []int {
	var all []int
	release, _, _ := strings.Cut(version, "-")
	for text := range strings.SplitSeq(release, ".") {
		number, err := strconv.Atoi(text)
		if err != nil {
			panic(version + " is not a version: " + err.Error())
		}
		all = append(all, number)
	}
	return all
}

// named is a spec with an etcd of that version.
func named(version string) tracing.TracingSpec {
	numbers, _, _ := strings.Cut(version, "-") // a spec names no pre-release
	return tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: numbers}}
}

// resolve resolves a spec that has to be valid.
func resolve(t *testing.T, spec tracing.TracingSpec) tracing.Resolved {
	t.Helper()
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// medium is one of the ways to give etcd its settings.
type medium struct {
	name     string
	endpoint string // for otlpsink.Listen, with the test's own name in place of %s
	settings func(tracing.Resolved) (flags, env []string)
}

// The ways, each with one of the two kinds of endpoint.
var (
	byFlags     = medium{"by flags", "127.0.0.1:0", func(r tracing.Resolved) (flags, env []string) { return flagsOf(r), nil }}
	byVariables = medium{"by variables", "unix-abstract:///%s", func(r tracing.Resolved) (flags, env []string) { return nil, variablesOf(r) }}
	byFile      = medium{"by file", "127.0.0.1:0", nil} // see fileOf
	media       = []medium{byFlags, byVariables, byFile}
)

// flagsOf returns what the library generates, as it stands in a command.
func flagsOf(r tracing.Resolved) []string {
	var flags []string
	for _, arg := range generated.ArgsFor(r) {
		flags = append(flags, arg.String())
	}
	return flags
}

// fileOf writes what the library generates into a configuration file, beside what
// etcd needs of everything else, since it then goes by the file alone, and returns
// the flag that names it.
func fileOf(t *testing.T, r tracing.Resolved) []string {
	t.Helper()
	dir := t.TempDir()
	fields := generated.ConfigFileFor(r)
	if len(fields) == 0 {
		return nil
	}
	for name, value := range map[string]any{
		"name": "judged", "data-dir": filepath.Join(dir, "data"), "logger": "zap",
		"listen-client-urls": "http://127.0.0.1:0", "advertise-client-urls": "http://127.0.0.1:1",
		"listen-peer-urls": "http://127.0.0.1:0", "initial-advertise-peer-urls": "http://127.0.0.1:1",
		"initial-cluster": "judged=http://127.0.0.1:1", "unsafe-no-fsync": true, "heartbeat-interval": 10, "election-timeout": 100,
	} {
		fields[name] = value
	}
	text, err := tracing.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "etcd.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--config-file=" + file}
}

// give returns the settings of a release in the way of the medium.
func (m medium) give(t *testing.T, r tracing.Resolved) (flags, env []string) {
	t.Helper()
	if m.settings == nil {
		return fileOf(t, r), nil
	}
	return m.settings(r)
}

// variablesOf returns what the library generates, as it stands in an
// environment.
func variablesOf(r tracing.Resolved) []string {
	var variables []string
	for _, variable := range generated.EnvFor(r) {
		variables = append(variables, variable.Name+"="+variable.Value)
	}
	return variables
}
