package news

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/release"
)

// TestComparisons says which releases are compared with which, before and after a candidate
// of the release that the tables call a preview, and the release itself.
func TestComparisons(t *testing.T) {
	rows := []release.Kubernetes{{Kubernetes: "1.36"}, {Kubernetes: "1.37"}, {Kubernetes: "1.38", Preview: "1.38.0-beta.0"}}
	pins := func(preview, next string) []Pin {
		return []Pin{
			{Name: "Kubernetes 1.36", Pinned: "v1.36.3", Served: "v1.36.9"},
			{Name: "Kubernetes 1.37", Pinned: "v1.37.2", Served: "v1.37.2"},
			{Name: "Kubernetes 1.38", Pinned: "v1.38.0-rc.0", Served: preview},
			{Name: "Kubernetes 1.39", Served: next},
			{Name: "kind", Pinned: "v0.33.0", Served: "v0.34.0"},
		}
	}
	of := func(versions ...string) (all []comparison) {
		for i := 0; i < len(versions); i += 2 {
			all = append(all, comparison{"Kubernetes", versions[i], versions[i+1]})
		}
		return all
	}
	for name, test := range map[string]struct {
		pins []Pin
		want []comparison
	}{
		"the beta":      {pins("v1.38.0-beta.0", ""), of("v1.37.2", "v1.38.0-beta.0")},
		"a candidate":   {pins("v1.38.0-rc.0", ""), of("v1.37.2", "v1.38.0-rc.0", "v1.38.0-beta.0", "v1.38.0-rc.0")},
		"it is out":     {pins("v1.38.0", ""), of("v1.37.2", "v1.38.0", "v1.38.0-beta.0", "v1.38.0")},
		"the one after": {pins("v1.38.0-beta.0", "v1.39.0-alpha.1"), of("v1.37.2", "v1.38.0-beta.0", "v1.37.2", "v1.39.0-alpha.1", "v1.38.0-beta.0", "v1.39.0-alpha.1")},
		"nothing of it": {pins("", ""), nil},
		"etcd": {
			[]Pin{{Name: "etcd 3.6", Pinned: "v3.6.1", Served: "v3.6.2"}, {Name: "etcd 3.7", Pinned: "v3.7.3", Served: "v3.7.3"}, {Name: "etcd 3.8", Served: "v3.8.0-alpha.0"}},
			[]comparison{{"etcd", "v3.7.3", "v3.8.0-alpha.0"}},
		},
	} {
		if diff := cmp.Diff(test.want, comparisons(test.pins, rows, "3.7"), cmp.AllowUnexported(comparison{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestRead says that a page is made where a release is listed whose modules are refused.
func TestRead(t *testing.T) {
	r, dir := record(t), judges(t)
	recorded{dir: dir}.write(t, "", "", filepath.Join("..", Tables, "a.go"), "package release\n\n// Source: k8s.io/kubernetes "+constants+"\nvar A = 1\n")
	r.versions[kubernetes] = []string{"v1.37.2", "v1.99.0"}
	r.versions[etcd] = []string{"v3.7.3"}
	r.refused = kubernetes + "@v1.99.0"
	r.write(t, kubernetes, "v1.37.2", constants, constantsText("3.7.1", "36", "37"))
	r.write(t, kind, "v0.33.0", imageFile, "package defaults\n\nconst Image = \"kindest/node:v1.29.14\"\n")
	page, err := Read(t.Context(), dir, "2026-11-30", r, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	// Its kubeadm, and what is compared with it.
	if len(page.Notes) < 2 || len(page.Comparisons) > 0 || len(page.Etcds) != 2 {
		t.Errorf("the notes are %q, the comparisons %v, the kubeadms %v", page.Notes, page.Comparisons, page.Etcds)
	}
	if diff := cmp.Diff(Pin{Name: "kindest/node 1.29", Pinned: "v1.29.14", Served: "v1.29.14"}, page.Pins[len(page.Pins)-1]); diff != "" {
		t.Errorf("the node image (-want +got):\n%s", diff)
	}
}

// TestPage says that docs/news.md was written after the mod files.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/news.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(text), "\n## kubeadm's etcd")
	_, table, _ = strings.Cut(table, "|---|---|---|---|---|")
	got := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \| (\S+|none) \| (\S+) \| (\S+|not served) \| .*\|$`).FindAllStringSubmatch(table, -1) {
		if name := row[1]; row[3] != "–" && !strings.HasPrefix(name, "kindest/node ") {
			got[name] = row[3]
		}
	}
	// What nothing is served of has the rows of what is pinned.
	pins, err := Pins(t.Context(), root, nothing{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, pin := range pins {
		if pin.Pinned != "" {
			want[pin.Name] = pin.Pinned
		}
	}
	// A module of the collector has a row where it is not as the others.
	maps.DeleteFunc(got, func(name, version string) bool {
		if !strings.Contains(name, "/") {
			return false
		}
		pinned, err := versionsOf(root, name, []string{collectorFile})
		return err == nil && slices.Equal(pinned, []string{version})
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/news.md is older than the mod files: run make news (-mod files +page):\n%s", diff)
	}
}
