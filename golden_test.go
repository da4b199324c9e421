package kubetrace_test

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "rewrite the files in testdata/golden, and fail")

const goldenFolder = "testdata/golden"

// goldenCases are the bundles under testdata/golden: a folder each, with the
// spec.yaml and every file of the bundle. A minimal spec for the releases of
// minimalCases comes on top.
var goldenCases = []string{
	"abstract-socket",
	"apiserver-only",
	"collector-disabled",
	"containerd",
	"containerd-any-1.7",
	"crio",
	"etcd-external",
	"exporter-grpc-mtls",
	"exporter-http",
	"gateway",
	"ipv6-loopback",
	"kubelet-only",
	"old-collector",
	"own-namespaces",
	"queue-on-disk",
	"skew",
	"tutorial",
}

// minimalCases returns the specs with a release alone, by case: for the oldest
// and newest release and every release that differs from the one before.
func minimalCases() map[string]string {
	cases := map[string]string{}
	releases := tracing.Releases()
	for i, release := range releases {
		if i > 0 && i < len(releases)-1 {
			same := releases[i-1]
			same.Kubernetes = release.Kubernetes
			if same == release {
				continue
			}
		}
		cases["minimal-"+release.Kubernetes] = fmt.Sprintf("kubernetesVersion: %q\n", release.Kubernetes)
	}
	return cases
}

// TestGolden compares whole bundles with files that people read. With -update
// it rewrites them and fails, so that they are read before they are committed.
func TestGolden(t *testing.T) {
	minimal := minimalCases()
	names := slices.Sorted(maps.Keys(minimal))
	for name, spec := range minimal {
		if *update {
			writeFile(t, filepath.Join(goldenFolder, name, "spec.yaml"), []byte(spec))
		}
		if got := readFile(t, filepath.Join(goldenFolder, name, "spec.yaml")); got != spec {
			t.Errorf("%s: spec.yaml is %q, want %q", name, got, spec)
		}
	}
	names = append(names, goldenCases...)
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) { testGolden(t, filepath.Join(goldenFolder, name)) })
	}
	var folders []string
	entries, err := os.ReadDir(goldenFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		folders = append(folders, entry.Name())
	}
	if diff := cmp.Diff(names, folders); diff != "" {
		t.Errorf("the cases are not the folders of %s (-cases +folders):\n%s", goldenFolder, diff)
	}
	if *update {
		t.Errorf("%s was rewritten: read the difference, then run the test without -update", goldenFolder)
	}
}

func testGolden(t *testing.T, folder string) {
	files := bundleOf(t, readFile(t, filepath.Join(folder, "spec.yaml")))
	got := contents(t, files)
	got["spec.yaml"] = readFile(t, filepath.Join(folder, "spec.yaml"))
	if *update {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		for name, content := range got {
			writeFile(t, filepath.Join(folder, name), []byte(content))
		}
	}
	if diff := cmp.Diff(contents(t, os.DirFS(folder)), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", folder, diff)
	}
	if _, err := readback.Bundle(files); err != nil {
		t.Errorf("it does not read back: %v", err)
	}
}

// TestGoldenNewestRelease fails when a release was added without a golden.
func TestGoldenNewestRelease(t *testing.T) {
	releases := tracing.Releases()
	newest := releases[len(releases)-1].Kubernetes
	if _, err := os.Stat(filepath.Join(goldenFolder, "minimal-"+newest, "README.md")); err != nil {
		t.Errorf("Kubernetes %s has no golden: run go test -run Golden -update . (%v)", newest, err)
	}
}

// bundleOf returns the files of a spec that is written as YAML.
func bundleOf(t testing.TB, specYAML string) fs.FS {
	t.Helper()
	spec, err := tracing.Load([]byte(specYAML))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// contents returns all files by name.
func contents(t testing.TB, files fs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		all[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func writeFile(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
