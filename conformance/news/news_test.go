package news

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kubetrace/conformance/matrix"
)

const root = "../.."

// recorded are the listings of testdata/versions.txt, which go list -m -versions gave
// on 2026-11-30, and modules of which a test writes the files.
type recorded struct {
	versions map[string][]string
	dir      string
	refused  string // a module at a version that is listed
}

// nothing are no modules at all.
type nothing struct{}

func (nothing) Versions(context.Context, string) ([]string, error) { return nil, nil }

func (nothing) Dir(context.Context, string, string) (string, error) { return "", ErrNotServed }

func record(t *testing.T) recorded {
	t.Helper()
	text, err := os.ReadFile("testdata/versions.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := recorded{versions: map[string][]string{}, dir: t.TempDir()}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		r.versions[fields[0]] = fields[1:]
	}
	return r
}

func (r recorded) Versions(_ context.Context, module string) ([]string, error) {
	if _, ok := r.versions[module]; !ok {
		return nil, fmt.Errorf("%s was not recorded", module)
	}
	return r.versions[module], nil
}

func (r recorded) Dir(_ context.Context, module, version string) (string, error) {
	if module == "k8s.io/refused" || module+"@"+version == r.refused {
		return "", ErrNotServed
	}
	return filepath.Join(r.dir, module+"@"+version), nil
}

func (r recorded) write(t *testing.T, module, version, path, text string) {
	t.Helper()
	file := filepath.Join(r.dir, module+"@"+version, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// judges writes mod files as they pin two releases of everything, and a report.
func judges(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for file, line := range map[string]string{
		"conformance/judge/v1.37.mod":     "\tk8s.io/kubernetes v1.37.2\n",
		"conformance/judge/v1.36.mod":     "toolchain go1.26.9\nrequire k8s.io/kubernetes v1.36.1\n",
		"conformance/etcd/v3.6.0.mod":     "\tgo.etcd.io/etcd/server/v3 v3.6.0 // indirect\n",
		"conformance/etcd/v3.6.16.mod":    "\tgo.etcd.io/etcd/server/v3 v3.6.16 // indirect\n",
		"conformance/etcd/v3.7.3.mod":     "\tgo.etcd.io/etcd/server/v3 v3.7.3 // indirect\n",
		"conformance/kind/go.mod":         "\tsigs.k8s.io/kind v0.33.0\n",
		"conformance/kind/v0.30.mod":      "\tsigs.k8s.io/kind v0.30.0\n",
		"conformance/jaeger/go.mod":       "\tgithub.com/jaegertracing/jaeger v1.62.0 // indirect\n",
		"e2e/pins/containerd-v1.7.mod":    "\tgithub.com/containerd/containerd v1.7.18 // indirect\n",
		"e2e/pins/containerd.mod":         "\tgithub.com/containerd/containerd/v2 v2.4.1 // indirect\n",
		"conformance/containerd/v1.7.mod": "\tgithub.com/containerd/containerd v1.7.18 // indirect\n",
		"conformance/containerd/v2.4.mod": "\tgithub.com/containerd/containerd/v2 v2.4.2 // indirect\n",
		"conformance/collector/go.mod":    "\tgo.opentelemetry.io/collector/otelcol v0.162.0\n\tgo.opentelemetry.io/collector/processor v1.68.0\n\tgithub.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage v0.162.0\n",
		"conformance/collector/v0.mod":    "\tgo.opentelemetry.io/collector/otelcol v0.128.0\n",
		"conformance/go.mod":              "\tk8s.io/pod-security-admission v0.37.2\n",
		"e2e/pins/kubernetes-v1.36.mod":   "require k8s.io/kubernetes v1.36.0\n",
		"conformance/judge/tools/x.mod":   "\tk8s.io/kubernetes v1.99.0\n",
	} {
		recorded{dir: dir}.write(t, "", "", filepath.Join("..", file), line)
	}
	report := matrix.Matrix{}
	row := func(component, release string, by map[string]string) {
		cells := map[string]matrix.Cell{}
		for judge, version := range by {
			cells[judge] = matrix.Cell{By: version, Passed: true}
		}
		report.Rows = append(report.Rows, matrix.Row{Component: component, Release: release, Cells: cells})
	}
	row("kubernetes", "1.36", map[string]string{"kubeadm": "v1.36.1", "kubelet": "v1.36.0", "pod security": "v0.36.0"})
	row("kubernetes", "1.37", map[string]string{"kubeadm": "v1.37.2", "pod security": "v0.37.2"})
	row("etcd", "3.6.0", map[string]string{"starts": "v3.6.0"})
	row("etcd", "3.6.16", map[string]string{"starts": "v3.6.16"})
	row("containerd", "2.4.2", map[string]string{"starts": "v2.4.2"})
	row("kind", "0.30", map[string]string{"patches": "v0.30.0"})
	row("jaeger", "1.62", map[string]string{"starts": "v1.62.0"})
	row("collector", "0.162", map[string]string{"starts": "v0.162.0"})
	row("collector", "0.200", nil) // not served
	recorded{dir: dir}.write(t, "", "", filepath.Join("..", reportFile), "")
	if err := report.Write(filepath.Join(dir, reportFile)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPins(t *testing.T) {
	r := record(t)
	got, err := Pins(t.Context(), judges(t), r)
	if err != nil {
		t.Fatal(err)
	}
	want := []Pin{
		{Name: "Kubernetes 1.36", Judged: "v1.36.0", Pinned: "v1.36.1", Served: "v1.36.3", Clusters: "v1.36.0", Reported: true},
		{Name: "Kubernetes 1.37", Judged: "v1.37.2", Pinned: "v1.37.2", Served: "v1.37.2", Reported: true},
		{Name: "Kubernetes 1.38", Served: "v1.38.0-beta.0", Reported: true},
		{Name: "etcd 3.6", Judged: "v3.6.16", Pinned: "v3.6.16", Served: "v3.6.16", Reported: true},
		{Name: "etcd 3.7", Pinned: "v3.7.3", Served: "v3.7.3", Reported: true},
		{Name: "etcd 3.8", Served: "v3.8.0-alpha.0", Reported: true},
		{Name: "pod security", Judged: "v0.37.2", Pinned: "v0.37.2", Served: "v0.37.2", Reported: true},
		{Name: "kind", Judged: "v0.30.0", Pinned: "v0.33.0", Served: "v0.33.0", Reported: true},
		{Name: "Jaeger", Judged: "v1.62.0", Pinned: "v1.62.0", Served: "v1.76.0", Reported: true},
		{Name: "Jaeger from 2.14 on"},
		{Name: "containerd 1", Pinned: "v1.7.18", Served: "v1.7.35", Reported: true},
		{Name: "containerd 2", Judged: "v2.4.2", Pinned: "v2.4.2", Served: "v2.4.2", Clusters: "v2.4.1", Reported: true},
		{Name: "CRI-O"},

		{Name: "OpenTelemetry Collector", Judged: "v0.162.0", Pinned: "v0.162.0", Served: "v0.165.0", Reported: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Kubernetes 1.36", "etcd 3.7", "kind", "containerd 1"}, Page{Pins: got}.Unjudged()); diff != "" {
		t.Errorf("pinned and not judged (-want +got):\n%s", diff)
	}
	page := Page{Pins: got, Notes: []string{"x is not served"}}.Markdown()
	for _, want := range []string{
		"| Kubernetes 1.36 | v1.36.0 | v1.36.1 | v1.36.3 | **newer**, **pinned and not judged**, clusters have v1.36.0 |\n",
		"| Kubernetes 1.38 | none | – | v1.38.0-beta.0 | **new** |\n",
		"| Jaeger from 2.14 on | – | – | not served |  |\n",
		"| containerd 1 | none | v1.7.18 | v1.7.35 | **newer**, **pinned and not judged** |\n",
		"\n- **could not be had:** x is not served\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in:\n%s", want, page)
		}
	}
	if diff := cmp.Diff([]string{"Kubernetes 1.36", "Kubernetes 1.38", "etcd 3.8", "Jaeger", "containerd 1", "OpenTelemetry Collector"}, Page{Pins: got}.Newer()); diff != "" {
		t.Errorf("newer (-want +got):\n%s", diff)
	}
	// One module of a set that lags behind holds back all of it, and a patch of one is
	// newer than what is pinned of that one.
	name := "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	r.versions[name] = []string{"v0.162.0", "v0.162.1", "v0.164.1"}
	patched := "go.opentelemetry.io/collector/processor/batchprocessor"
	r.versions[patched] = append(r.versions[patched], "v0.162.1")
	dir := judges(t)
	text, err := os.ReadFile(filepath.Join(dir, collectorFile))
	if err != nil {
		t.Fatal(err)
	}
	recorded{dir: dir}.write(t, "", "", filepath.Join("..", collectorFile), string(text)+"\t"+patched+" v0.162.0\n")
	got, err = Pins(t.Context(), dir, r)
	if err != nil {
		t.Fatal(err)
	}
	want = append(want[:len(want)-1],
		Pin{Name: "OpenTelemetry Collector", Judged: "v0.162.0", Pinned: "v0.162.0", Served: "v0.164.0", Reported: true},
		Pin{Name: name, Pinned: "v0.162.0", Served: "v0.162.1", Lacks: "0.165"},
		Pin{Name: patched, Pinned: "v0.162.0", Served: "v0.162.1"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a module that lags behind (-want +got):\n%s", diff)
	}
	if page := (Page{Pins: got}).Markdown(); !strings.Contains(page, "/filestorage | – | v0.162.0 | v0.162.1 | **newer**, lacks 0.165 |\n") {
		t.Errorf("it is not in:\n%s", page)
	}
	if _, err := Pins(t.Context(), t.TempDir(), r); err == nil || !strings.Contains(err.Error(), "no file of conformance/judge/v*.mod pins k8s.io/kubernetes") {
		t.Errorf("without pins: %v", err)
	}
	if found, err := Toolchain(judges(t)); found != "go1.26.9" || err != nil {
		t.Errorf("the toolchain is %q, %v", found, err)
	}
}

func TestNewest(t *testing.T) {
	versions := []string{"v1.9.0", "v1.10.0", "v1.11.0-rc.1", "v1.10.1-beta.0", "v2.0.0-alpha.0"}
	for line, want := range map[string]string{"1.9": "v1.9.0", "1.10": "v1.10.0", "1.11": "v1.11.0-rc.1", "2.0": "v2.0.0-alpha.0", "3.0": ""} {
		if got := newest(versions, inLine(line)); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	if got := newest(versions, all); got != "v1.10.0" {
		t.Errorf("of all: got %q", got)
	}
}

func TestFilesOf(t *testing.T) {
	for text, want := range map[string][]File{
		"k8s.io/apiserver\npkg/endpoints/filters/traces.go of each release\n(WithPublicEndpoint, v0.33.0:83).": {{"k8s.io/apiserver", "pkg/endpoints/filters/traces.go"}},
		"server/a.go and server/b.go of go.etcd.io/etcd/server/v3 (v3.5.5 a.go:67)":                            {{etcd, "server/a.go"}, {etcd, "server/b.go"}},
		"k8s.io/apiserver pkg/{v1alpha1,v1}/register.go, github.com/a/b/v2 c/d.go":                             {{"k8s.io/apiserver", "pkg/v1alpha1/register.go"}, {"k8s.io/apiserver", "pkg/v1/register.go"}, {"github.com/a/b/v2", "c/d.go"}},
		"https://kubernetes.io/releases/version-skew-policy/#kubelet":                                          nil,
	} {
		if diff := cmp.Diff(want, filesOf(words(text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestCitationsAbove says that a citation as above is of the same in the files, too.
func TestCitationsAbove(t *testing.T) {
	dir := t.TempDir()
	recorded{dir: dir}.write(t, "", "", filepath.Join("..", Tables, "a.go"), "package release\n\n// Source: KubeletTracing in k8s.io/kubernetes a/b.go.\nvar A = 1\n\n// Source: as above, and --config-dir.\nvar B = 2\n")
	got, err := Citations(dir, Tables)
	if err != nil {
		t.Fatal(err)
	}
	var names [][]string
	for _, c := range got {
		names = append(names, Names(c.Words))
	}
	if diff := cmp.Diff([][]string{{"KubeletTracing"}, {"KubeletTracing", "config-dir"}}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCitations says that every table is seen, but those whose source is a page.
func TestCitations(t *testing.T) {
	citations, err := Citations(root, Tables)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, c := range citations {
		seen = append(seen, c.Name)
	}
	pages := []string{"kubeletSkew", "collectorTable"}
	// Of repositories that are no module, or one that is not served.
	pages = append(pages, "k3sEtcd", "rke2Etcd", "k0sEtcd", "k3sKubeletDropIns")
	paths, err := filepath.Glob(filepath.Join(root, Tables, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.CompositeLit)
			if !ok {
				return true
			}
			if index, ok := literal.Type.(*ast.IndexExpr); !ok || fmt.Sprint(index.X) != "since" {
				return true
			}
			tables++
			name := spec.Names[0].Name
			if !slices.Contains(seen, name) && !slices.Contains(pages, name) && name != "preview" && name != "tracingConfigurationAPI" {
				t.Errorf("the table %s in %s cites no file: write Source: MODULE FILE above it", name, path)
			}
			return true
		})
	}
	if tables < 15 {
		t.Errorf("only %d tables were found", tables)
	}
}

// TestCitationsExist says that each file of Kubernetes and etcd that a table cites is in the
// newest release that is pinned: else make news cannot say how it changes.
func TestCitationsExist(t *testing.T) {
	citations, err := Citations(root, Tables)
	if err != nil {
		t.Fatal(err)
	}
	toolchain, err := Toolchain(root)
	if err != nil {
		t.Fatal(err)
	}
	pins, err := Pins(t.Context(), root, nothing{})
	if err != nil {
		t.Fatal(err)
	}
	pinned := map[string]string{}
	for _, pin := range pins { // the newest comes last
		name, _, _ := strings.Cut(pin.Name, " ")
		pinned[name] = pin.Pinned
	}
	// A release's modules are at hand where its judge has been built.
	gone, seen, err := stale(t.Context(), Served{Toolchain: toolchain}, citations, pinned["Kubernetes"], pinned["etcd"])
	if errors.Is(err, ErrUnanswered) || errors.Is(err, ErrNotServed) {
		// What begins so is printed by the conformance runs at once.
		fmt.Println("conformance: NOT READ whether the citations of the tables exist:", err)
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, citation := range gone {
		t.Error(citation)
	}
	if seen < 15 {
		t.Errorf("only %d citations were found", seen)
	}
}

// stale returns those citations of Kubernetes and etcd that are not in a release, and how
// many are.
func stale(ctx context.Context, modules Modules, citations []Citation, kubernetes, etcd string) (gone []string, seen int, err error) {
	ofKubernetes, err := CompareKubernetes(ctx, modules, citations, kubernetes, kubernetes)
	if err != nil {
		return nil, 0, err
	}
	ofEtcd, err := CompareEtcd(ctx, modules, citations, etcd, etcd)
	return append(ofKubernetes.Stale, ofEtcd.Stale...), len(ofKubernetes.Same) + len(ofEtcd.Same), err
}

// TestCompare compares 1.37.2 and 1.38.0-beta.0 in what matters here, cut down.
func TestCompare(t *testing.T) {
	r := record(t)
	both := func(module, path, was, is string) {
		from, to := "v1.37.2", "v1.38.0-beta.0"
		if module != kubernetes {
			from, to = "v0.37.2", "v0.38.0-beta.0"
		}
		r.write(t, module, from, path, was)
		r.write(t, module, to, path, is)
	}
	const features = "pkg/features/kube_features.go"
	both(kubernetes, features, "package features\n\nconst (\n\tKubeletTracing featuregate.Feature = \"KubeletTracing\"\n\tNodeSwap featuregate.Feature = \"NodeSwap\"\n)\n",
		"package features\n\nconst (\n\tPodCertificateMLDSA featuregate.Feature = \"PodCertificateMLDSA\"\n)\n")
	both("k8s.io/apiserver", features, "package features\n", "package features\n")
	both(kubernetes, "pkg/kubelet/kubelet.go", "package kubelet\n\nfunc (kl *Kubelet) SyncPod() { a() }\n\nfunc other() {}\n", "package kubelet\n\nfunc (kl *Kubelet) SyncPod() { a() }\n\nfunc another() {}\n")
	both(kubernetes, constants, constantsText("3.7.0", "34", "35", "36"), constantsText("3.7.1", "35", "36", "37"))
	citations := []Citation{
		{"gates", "release/a.go:1", []File{{kubernetes, features}, {"k8s.io/apiserver", features}}, nil},
		{"joined", "release/b.go:2", []File{{kubernetes, "pkg/kubelet/kubelet.go"}}, []string{"SyncPod", "other"}},
		{"whole", "release/c.go:3", []File{{kubernetes, "pkg/kubelet/kubelet.go"}}, nil},
		{"defaultEtcd", "release/d.go:4", []File{{kubernetes, constants}}, []string{"DefaultEtcdVersion", "SupportedEtcdVersion"}},
		{"not of Kubernetes", "release/e.go:5", []File{{etcd, "embed/config.go"}}, nil},
	}
	got, err := CompareKubernetes(t.Context(), r, citations, "v1.37.2", "v1.38.0-beta.0")
	if err != nil {
		t.Fatal(err)
	}
	want := Comparison{
		Name: "Kubernetes", From: "v1.37.2", To: "v1.38.0-beta.0",
		Appeared: []string{"PodCertificateMLDSA"}, Went: []string{"KubeletTracing", "NodeSwap"},
		Same: []File{{"k8s.io/apiserver", features}, {kubernetes, "pkg/kubelet/kubelet.go"}},
		Changes: []Change{
			{File{kubernetes, constants}, "", false, []string{"DefaultEtcdVersion", "SupportedEtcdVersion"}, []string{"defaultEtcd (release/d.go:4)"}},
			{File{kubernetes, features}, "", true, nil, []string{"gates (release/a.go:1)"}},
			{File{kubernetes, "pkg/kubelet/kubelet.go"}, "", true, nil, []string{"whole (release/c.go:3)"}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Change{}, "Diff")); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	for i, want := range []string{"-DefaultEtcdVersion = \"3.7.0-0\"\n+DefaultEtcdVersion = \"3.7.1-0\"\n", "-\tKubeletTracing featuregate.Feature = \"KubeletTracing\"\n", "-func other() {}\n+func another() {}\n"} {
		if got := got.Changes[i].Diff; !strings.HasPrefix(got, "@@ ") || !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in:\n%s", want, want, got)
		}
	}
	page := Page{Date: "2026-11-30", Comparisons: []Comparison{got}}.Markdown()
	for _, want := range []string{
		"# News of 2026-11-30\n", "\n## Kubernetes v1.38.0-beta.0\n", "Feature gates that went: **KubeletTracing**, NodeSwap.\n",
		"| `k8s.io/kubernetes " + constants + "` | defaultEtcd (release/d.go:4) |\n", "- `k8s.io/apiserver " + features + "`\n", "\n```diff\n@@ ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in:\n%s", want, page)
		}
	}
	if got, err := CompareKubernetes(t.Context(), r, append(citations, Citation{"x", "release/x.go:1", []File{{"k8s.io/refused", "a.go"}}, nil}), "v1.37.2", "v1.38.0-beta.0"); err != nil || !slices.Equal(got.Stale, []string{"what is cited of k8s.io/refused is not compared: not served"}) {
		t.Errorf("of a module that is not served: %v, %v", got.Stale, err)
	}
	// What nothing is found of may have another name now, and the rest is still read.
	got, err = CompareKubernetes(t.Context(), r, append(citations, Citation{"x", "release/x.go:1", []File{{kubernetes, "gone.go"}}, nil}), "v1.37.2", "v1.38.0-beta.0")
	if err != nil {
		t.Fatal(err)
	}
	want.Stale = []string{"x (release/x.go:1) cites k8s.io/kubernetes gone.go, which neither release has: the citation is stale, cite the file as it is called now"}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Change{}, "Diff")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if page := (Page{Comparisons: []Comparison{got}}).Markdown(); !strings.Contains(page, "\n- **x (release/x.go:1) cites k8s.io/kubernetes gone.go, ") {
		t.Errorf("a stale citation is not in:\n%s", page)
	}
}

func constantsText(etcd string, minors ...string) string {
	text := "package constants\n\nconst (\n\tDefaultEtcdVersion = \"" + etcd + "-0\"\n)\n\nvar (\n\tSupportedEtcdVersion = map[uint8]string{\n"
	for _, minor := range minors {
		text += "\t\t" + minor + ": \"" + etcd + "-0\",\n"
	}
	return text + "\t}\n)\n"
}

// TestShortened says that what a citation is about decides what is printed of a long
// difference, and that all of it is where the citation names nothing.
func TestShortened(t *testing.T) {
	long := "@@ -1 +1 @@\n" + strings.Repeat("+a\n", diffLines)
	dropIn := "@@ -9 +9 @@ func NewKubeletCommand\n+\tif len(kubeletFlags.KubeletDropinConfigDirectory) > 0 { // --config-dir"
	tracing := "@@ -20 +20 @@\n+Tracing"
	for name, test := range map[string]struct {
		diff  string
		names []string
		want  string
		left  int
	}{
		"short":            {"@@ -1 +1 @@\n+a", []string{"config-dir"}, "@@ -1 +1 @@\n+a", 0},
		"nothing is named": {long + tracing, nil, long + tracing, 0},
		"not in it":        {long + tracing, []string{"config-dir"}, "", diffLines + 1 + 2},
		"of another thing": {long + dropIn + "\n" + tracing, []string{"config-dir"}, dropIn, diffLines + 1 + 2},
	} {
		got, left := shortened(test.diff, test.names)
		if diff := cmp.Diff(test.want, got); diff != "" || left != test.left {
			t.Errorf("%s: %d lines are left, not %d (-want +got):\n%s", name, left, test.left, diff)
		}
	}
}

func TestNames(t *testing.T) {
	source := "KubeletTracing and noop.NewMeterProvider in k8s.io/a pkg/B.go of each Release (v0.29.1:7, API, OpenTelemetry): --config-dir (hard-coded, e2e), codecs, validateSupportedVersion"
	want := []string{"KubeletTracing", "NewMeterProvider", "OpenTelemetry", "config-dir", "validateSupportedVersion"}
	if diff := cmp.Diff(want, Names(words(source))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeclarations(t *testing.T) {
	const file = "package p\n\nconst (\n\tA featuregate.Feature = \"A\"\n\tB featuregate.Feature = \"B\"\n)\n\nvar table = map[string]spec{\n\tA: {Default: true},\n\tB: {Default: false},\n}\n"
	got, err := declarations([]byte(file), []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("A featuregate.Feature = \"A\"\nA: {Default: true}\n", string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompareEtcd(t *testing.T) {
	r := record(t)
	for version, line := range map[string]string{
		"v3.7.3":         `fs.BoolVar(&cfg.EnableDistributedTracing, "enable-distributed-tracing", false, "")`,
		"v3.8.0-alpha.0": `fs.StringVar(&cfg.Distributed, "distributed-tracing", "", "")` + "\n\tfs.Var(x, \"a-b\", \"\")",
	} {
		r.write(t, etcd, version, "embed/config.go", "package embed\n\nfunc add() {\n\t"+line+"\n}\n")
	}
	got, err := CompareEtcd(t.Context(), r, []Citation{{"table", "release/etcd.go:1", []File{{etcd, "embed/config.go"}}, nil}}, "v3.7.3", "v3.8.0-alpha.0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a-b", "distributed-tracing"}, {"enable-distributed-tracing"}}, [][]string{got.Appeared, got.Went}); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

func TestKubeadmEtcds(t *testing.T) {
	r := record(t)
	r.write(t, kubernetes, "v1.38.0-beta.0", constants, constantsText("3.7.1", "35", "36", "37"))
	r.write(t, kubernetes, "v1.38.1", constants, constantsText("3.8.0", "35", "36", "37"))
	r.write(t, kubernetes, "v1.35.4", constants, constantsText("3.6.6", "uint8(getSkewedKubernetesVersion(-2).Minor())", "uint8(getSkewedKubernetesVersion(-1).Minor())", "uint8(getSkewedKubernetesVersion(0).Minor())"))
	r.write(t, kubernetes, "v1.36.0", constants, "package constants\n")
	for version, want := range map[string][]KubeadmEtcd{
		"v1.38.0-beta.0": {{"v1.38.0-beta.0", "1.37", "3.7.1", "3.7.0 – 3.7.1", true}, {"v1.38.0-beta.0", "1.38", "3.7.1", "3.7.1 – 3.7.1", true}},
		"v1.38.1":        {{"v1.38.1", "1.37", "3.8.0", "3.7.0 – 3.7.1", false}, {"v1.38.1", "1.38", "3.8.0", "3.7.1 – 3.7.1", false}},
		"v1.35.4":        {{"v1.35.4", "1.34", "3.6.6", "3.6.4 – 3.6.6", true}, {"v1.35.4", "1.35", "3.6.6", "3.6.6 – 3.6.8", true}},
	} {
		got, err := KubeadmEtcds(t.Context(), r, version)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
	if _, err := KubeadmEtcds(t.Context(), r, "v1.36.0"); err == nil || !strings.Contains(err.Error(), "no longer names its etcd") {
		t.Errorf("of another form: %v", err)
	}
}

func TestReleased(t *testing.T) {
	if _, err := Released(t.Context(), recorded{versions: map[string][]string{kubernetes: nil}}); !errors.Is(err, ErrNotServed) {
		t.Errorf("where Kubernetes is not served: %v", err)
	}
	r := record(t)
	got, err := Released(t.Context(), r)
	if err != nil || len(got) > 0 {
		t.Errorf("before the release: %v, %v", got, err)
	}
	r.versions[kubernetes] = append(r.versions[kubernetes], "v1.38.0-rc.0", "v1.38.0")
	if got, err := Released(t.Context(), r); err != nil || len(got) != 1 || got[0] != "1.38" {
		t.Errorf("after the release: %v, %v", got, err)
	}
}
