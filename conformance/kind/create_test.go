package kubetrace

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/tracing"
)

// cell says which cell of the matrix a test proves.
func cell(t *testing.T, judge string) {
	t.Helper()
	release := strings.TrimPrefix(Version(), "v")
	t.Attr("component", "kind")
	t.Attr("release", release[:strings.LastIndex(release, ".")])
	t.Attr("judge", judge)
	t.Attr("by", Version())
}

// TestCreate has kind create every case's cluster for every release that it can
// make nodes of, and judges what kind did. KUBETRACE_KIND_RECORDS names a folder
// that keeps the records.
func TestCreate(t *testing.T) {
	cell(t, "create cluster")
	releases := tracing.Releases()
	if newest := releases[len(releases)-1].Kubernetes; !slices.Contains(Minors, newest) {
		t.Errorf("add %s to Minors", newest)
	}
	out := os.Getenv("KUBETRACE_KIND_RECORDS")
	if out == "" {
		out = t.TempDir()
	}
	recorder, err := NewRecorder(docker, out)
	if err != nil {
		t.Fatal(err)
	}
	people, err := Corpus("../../apply/testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("cases", func(t *testing.T) {
		for _, c := range slices.Concat(Cases, people) {
			for _, minor := range Minors {
				if fits, err := c.Fits(minor); err != nil {
					t.Fatal(err)
				} else if !fits {
					continue
				}
				t.Run(c.Name+" "+minor, func(t *testing.T) {
					t.Parallel()
					problems, err := recorder.Record(t.Context(), c, minor)
					if err != nil {
						t.Fatal(err)
					}
					for _, problem := range problems {
						t.Error(problem)
					}
				})
			}
		}
	})
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	checkManifest(t, filepath.Join(out, Version()))
}

// checkManifest looks for what cases.json lists: whoever reads it starts there.
func checkManifest(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	inits := 0
	for _, n := range manifest.Nodes {
		files := []string{n.Run, n.Spec}
		if n.Role != "external-load-balancer" {
			files = append(files, n.KubeadmConf)
		}
		for _, host := range n.Mounts {
			files = append(files, host)
		}
		for _, file := range files {
			if _, err := os.Stat(filepath.Join(dir, file)); file == "" || err != nil {
				t.Errorf("%s %s %s: %q: %v", n.Case, n.Minor, n.Node, file, err)
			}
		}
		if n.Kubeadm == "init" {
			inits++
			if !strings.HasPrefix(n.Release, "v"+n.Minor+".") {
				t.Errorf("%s %s %s runs %s", n.Case, n.Minor, n.Node, n.Release)
			}
		}
	}
	clusters, err := filepath.Glob(filepath.Join(dir, "*", "*", "kind.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if inits == 0 || inits != len(clusters) {
		t.Errorf("cases.json has %d clusters, and the folder %d", inits, len(clusters))
	}
}

// TestCreateFails shows that an error of the engine is one of Create.
func TestCreateFails(t *testing.T) {
	cell(t, "create cluster")
	dir := t.TempDir()
	_, err := create(t.Context(), docker, dir, "kind.yaml", &v1alpha4.Cluster{
		TypeMeta: v1alpha4.TypeMeta{APIVersion: "kind.x-k8s.io/v1alpha4", Kind: "Cluster"},
		Nodes:    []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole, Image: "kindest/node:latest"}},
	})
	if err == nil || !strings.Contains(err.Error(), "names no release") {
		t.Errorf("got %v", err)
	}
}

// TestEnvironment shows that the machine does not decide what kind does.
func TestEnvironment(t *testing.T) {
	cell(t, "create cluster")
	t.Setenv("HTTPS_PROXY", "http://proxy.example.com")
	t.Setenv("KIND_EXPERIMENTAL_PROVIDER", "podman")
	r, err := Cases[0].run(t.Context(), docker, t.TempDir(), "1.36", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, arg := range r.With.Containers[0].Args {
		if strings.Contains(arg, "proxy") {
			t.Errorf("run has %s", arg)
		}
	}
}
