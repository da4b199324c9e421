package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// files returns the names of all files below a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// mustRun runs the program twice into the same folder, which must come out the
// same, and returns what it printed and wrote.
func mustRun(t *testing.T, dir string, args ...string) (printed string, config string) {
	t.Helper()
	var texts [2]string
	for i := range texts {
		var out bytes.Buffer
		if err := run(&out, append(args, "-o", dir)); err != nil {
			t.Fatalf("run %d: %v", i+1, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "kind.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		printed, texts[i] = out.String(), string(text)
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Errorf("the second run wrote something else (-first +second):\n%s", diff)
	}
	if left := files(t, filepath.Dir(dir)); len(left) != len(files(t, dir)) {
		t.Errorf("something was left beside the folder: %v", left)
	}
	return printed, texts[0]
}

func TestRunWithoutFlags(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	printed, config := mustRun(t, dir)
	want := []string{
		".kubetrace.sum", "README.md", "apiserver/tracing-config.yaml", "backend.yaml", "collector.yaml", "kind.md", "kind.yaml",
		"kubeadm/config.yaml", "kubelet/90-tracing.conf",
	}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	// The paths in what comes next are of files that are there.
	for _, word := range strings.Fields(printed + config) {
		if strings.HasPrefix(word, dir) {
			if _, err := os.Stat(strings.TrimSuffix(word, ",")); err != nil {
				t.Errorf("%s is named and not there", word)
			}
		}
	}
	at := 0 // what is to be said, in this order
	for _, want := range []string{
		"tracing 1000000 of a million requests", "kind create cluster", "rollout status daemonset/kubetrace-collector --timeout=5m",
		"rollout status deployment/kubetrace-jaeger --timeout=5m", "wait up to two and a half minutes", "create deployment traced", filepath.Join(dir, "kind.md"),
	} {
		found := strings.Index(printed[at:], want)
		if found < 0 {
			t.Fatalf("%q is not said, or not after what comes before:\n%s", want, printed)
		}
		at += found
	}
	text, err := os.ReadFile(filepath.Join(dir, "apiserver", "tracing-config.yaml"))
	if err != nil || !strings.Contains(string(text), "samplingRatePerMillion: 1000000\n") {
		t.Errorf("got the tracing file %q, %v", text, err)
	}
}

func TestRunEveryReleaseWithBase(t *testing.T) {
	base, err := filepath.Abs("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, release := range tracing.Releases() {
		if release.Preview != "" {
			continue // kind publishes no image of it: TestRunRefuses
		}
		t.Run(release.Kubernetes, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			mustRun(t, dir, "-release", release.Kubernetes)
			_, config := mustRun(t, dir, "-release", release.Kubernetes, "-base", base)
			cluster, err := kind.Load([]byte(config))
			if err != nil {
				t.Fatal(err)
			}
			var mounts []int
			for _, node := range cluster.Nodes {
				mounts = append(mounts, len(node.ExtraMounts))
			}
			if diff := cmp.Diff([]int{2, 1, 1, 1, 0}, mounts); diff != "" {
				t.Errorf("mounts of each node (-want +got):\n%s", diff)
			}
			if len(cluster.ContainerdConfigPatches) != 1 || !strings.Contains(config, "mine") {
				t.Errorf("something of the base is gone:\n%s", config)
			}
		})
	}
}

// TestRunRuntime checks that -runtime traces the containerd of the node image, in the
// form that it reads.
func TestRunRuntime(t *testing.T) {
	const variables, tables = "containerd/90-tracing.conf", "io.containerd.tracing.processor.v1.otlp"
	for _, test := range []struct {
		args []string
		want string // in kind.yaml, of these two
	}{
		{[]string{"-release", "1.34"}, ""},
		{[]string{"-release", "1.34", "-runtime"}, variables},
		{[]string{"-release", "1.29.1", "-runtime"}, tables}, // containerd 1.7.13
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			_, config := mustRun(t, filepath.Join(t.TempDir(), "out"), test.args...)
			for _, form := range []string{variables, tables} {
				if has := strings.Contains(config, form); has != (form == test.want) {
					t.Errorf("%s: %t in:\n%s", form, has, config)
				}
			}
		})
	}
}

// TestRunProtects checks that a changed kind.yaml is not written over.
func TestRunProtects(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	mustRun(t, dir)
	file := filepath.Join(dir, "kind.yaml")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(&bytes.Buffer{}, []string{"-o", dir})
	if want := file + " was changed since this program wrote it"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if text, err := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("the file is %q, %v", text, err)
	}
}

// TestRunRefuses checks that a refused run says all problems and writes
// nothing, neither a new folder nor into an old one.
func TestRunRefuses(t *testing.T) {
	specFile := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(specFile, []byte("endpoint: localhost:4317\nclusterName: ' a'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := filepath.Join(t.TempDir(), "named.yaml")
	if err := os.WriteFile(named, []byte("kubernetesVersion: 1.29.1\ncontainerd: {version: \"2.3\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"all problems of a spec", []string{"-spec", specFile, "-release", "1.3", "-rate", "2000000"}, []string{"kubernetesVersion", "endpoint", "clusterName", "samplingRatePerMillion"}},
		{"unknown flag", []string{"-rat", "1"}, []string{"flag provided but not defined: -rat"}},
		{"argument", []string{"1.29"}, []string{`unknown argument "1.29"`}},
		{"spec that is not there", []string{"-spec", "no.yaml"}, []string{"-spec", "no.yaml"}},
		{"base that is not there", []string{"-base", "no.yaml"}, []string{"-base", "no.yaml"}},
		{"base of another release", []string{"-release", "1.30", "-base", "testdata/pinned.yaml"}, []string{"nodes[0].image"}},
		{"rate beyond every number", []string{"-rate", "99999999999"}, []string{"-rate: write a whole number"}},
		{"rate out of range", []string{"-rate", "2000000"}, []string{"samplingRatePerMillion is what the flag -rate sets"}},
		{"runtime of a release without a node image", []string{"-release", "1.38", "-runtime"}, []string{"-runtime: ", "write containerd.version into the file of -spec"}},
		{"runtime of a spec with problems", []string{"-spec", specFile, "-runtime"}, []string{"endpoint", "clusterName"}},
		{"runtime of a spec that names another", []string{"-spec", named, "-runtime"}, []string{"its containerd is 1.7.13, which does not read what is made for 2.3"}},
		{"release without a node image", []string{"-release", "1.38"}, []string{"nodes[0].image", "with -base FILE, a kind cluster that has nodes[].image"}},
		{"empty folder", []string{"-o", ""}, []string{"-o: write a folder"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			var out bytes.Buffer
			err := run(&out, append([]string{"-o", dir}, test.args...))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if left := files(t, filepath.Dir(dir)); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
}
