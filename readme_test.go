package kubetrace_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/release"
	"kubetrace/tracing"
)

// judgesOfReleases must all have accepted a release before README.md may call it
// proved. Package matrix of conformance writes the report.
var judgesOfReleases = []string{"kubeadm", "kube-apiserver", "kubelet", "table", "random specs", "kind's documents", "pod security", "stricter"}

// provedBy returns, by minor release, the patch whose code has judged it.
func provedBy(t *testing.T) map[string]string {
	t.Helper()
	var report struct {
		Rows []struct {
			Component, Release string
			Cells              map[string]struct {
				By     string
				Passed bool
			}
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, "docs/conformance.json")), &report); err != nil {
		t.Fatal(err)
	}
	proved := map[string]string{}
	for _, row := range report.Rows {
		if row.Component != "kubernetes" {
			continue
		}
		by := strings.TrimPrefix(row.Cells["kubeadm"].By, "v")
		for _, judge := range judgesOfReleases {
			if !row.Cells[judge].Passed {
				by = ""
			}
		}
		for _, cell := range row.Cells {
			if !cell.Passed {
				by = ""
			}
		}
		proved[row.Release] = by
	}
	return proved
}

// releaseTable returns README.md's table of releases.
func releaseTable(t *testing.T) string {
	t.Helper()
	proved := provedBy(t)
	var table strings.Builder
	for _, r := range tracing.Releases() {
		etcd, flags := r.EtcdLowest+" – "+r.EtcdHighest, r.EtcdFlagPrefix+"…"
		switch {
		case !r.EtcdTraced:
			flags = "none: name an etcd"
		case !r.EtcdSamplingRateFlag:
			flags += ", no rate"
		}
		if r.EtcdFlagPrefix == "" {
			flags = "plain"
		}
		kubelet := string(r.KubeletTracing)
		if !r.KubeletTraced {
			kubelet = "no tracing"
		}
		name, judged := r.Kubernetes, proved[r.Kubernetes]
		if r.Preview != "" {
			name += " (preview)"
			if judged != "" && judged != r.Preview {
				t.Errorf("the row of %s is that of the preview %s, and %s has judged it", r.Kubernetes, r.Preview, judged)
			}
		}
		cells := []string{
			name,
			strings.TrimPrefix(r.TracingConfigurationAPIVersion, "apiserver.config.k8s.io/"),
			string(r.APIServerTracing),
			kubelet,
			string(r.KubeletDropIn),
			strings.TrimPrefix(r.KubeadmAPIVersion, "kubeadm.k8s.io/"),
			etcd,
			flags,
			judged,
		}
		if judged == "" {
			t.Errorf("docs/conformance.json does not prove %s: run make conformance MINOR=%[1]s", r.Kubernetes)
		}
		fmt.Fprintf(&table, "| %s |\n", strings.Join(cells, " | "))
	}
	return table.String()
}

func TestReadmeReleases(t *testing.T) {
	_, rest, _ := strings.Cut(readFile(t, "README.md"), "<!-- releases:")
	_, rest, _ = strings.Cut(rest, "|---|---|---|---|---|---|---|---|---|\n")
	got, _, ok := strings.Cut(rest, "<!-- end -->")
	if !ok {
		t.Fatal("README.md has no table of releases")
	}
	if diff := cmp.Diff(releaseTable(t), got); diff != "" {
		t.Errorf("README.md's table of releases, which has to be (-want +got):\n%s\nreplace it by:\n%s", diff, releaseTable(t))
	}
}

func TestReadmeContainerd(t *testing.T) {
	_, rest, _ := strings.Cut(readFile(t, "README.md"), "<!-- containerd:")
	_, rest, _ = strings.Cut(rest, "|---|---|---|---|\n")
	got, _, _ := strings.Cut(rest, "<!-- end -->")
	var want strings.Builder
	for _, row := range release.AllContainerd() {
		reads, asks := "variables", "yes"
		switch tables := "tables of config.toml"; {
		case row.TOML && row.Variables:
			reads += ", then " + tables
		case row.TOML:
			reads = tables
		}
		if !row.FollowsParent {
			asks = "no"
		}
		fmt.Fprintf(&want, "| %s | %s | %s | %d |\n", row.From, reads, asks, row.ConfigVersion)
	}
	if diff := cmp.Diff(want.String(), got); diff != "" {
		t.Errorf("README.md's table of containerd (-want +got):\n%s", diff)
	}
}

// TestReadmeProgram checks that the program in README.md is the one that the
// tests of the examples run.
func TestReadmeProgram(t *testing.T) {
	_, program, _ := strings.Cut(readFile(t, "examples/embed/main.go"), "package main\n")
	if !strings.Contains(readFile(t, "README.md"), "```go\npackage main\n"+program+"```\n") {
		t.Error("the program in README.md is not examples/embed/main.go")
	}
	for _, line := range []string{"require kubetrace v0.0.0", "replace kubetrace => ../"} {
		for _, file := range []string{"README.md", "doc.go", "examples/embed/go.mod"} {
			if !strings.Contains(readFile(t, file), line) {
				t.Errorf("%s lacks the line %q", file, line)
			}
		}
	}
}

// TestReadmeLinks checks that every file that the documents link to is there.
func TestReadmeLinks(t *testing.T) {
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, part := range strings.Split(readFile(t, document), "](")[1:] {
			link, _, _ := strings.Cut(part, ")")
			if strings.Contains(link, "://") {
				continue
			}
			if _, err := os.Stat(link); err != nil {
				t.Errorf("%s links to %s: %v", document, link, err)
			}
		}
	}
}
