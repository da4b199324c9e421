package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	folder := t.TempDir()
	for _, plan := range []Plan{Newest(), Plans[0]} {
		r := &Run{Plan: plan, Figures: Figures{
			Versions: map[string]string{"kubeadm": "v" + plan.Name},
			Traced:   arrivals{"etcd of a": 1, "kubelet of a": 2.5},
			Spans:    map[string]int{"apiserver": 42},
			Back:     map[string]arrivals{Weathers[0].Name: {"etcd of a": 7}},
		}}
		if err := r.Report(folder); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(filepath.Join(folder, reportMarkdown))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		// In the order of the plans, whichever ran first.
		"| | 1.29.1 | 1.37.2 |\n|---|---|---|\n",
		"| Kubernetes | 1.29.1 | 1.37.2 |\n",
		"| all components traced, after the collector was applied | 2.5 s | 2.5 s |\n",
		"| spans of the scenario, kube-apiserver | 42 | 42 |\n",
		"| traces again after: the collector is killed | 7.0 s | 7.0 s |\n",
		"names the version of its nodes' containerd, `2.3` for 1.29.1, `1.7` for 1.31.0, ",
		"```text\n[Service]\nEnvironment=\"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317\"\n",
		"OTEL_TRACES_SAMPLER=parentbased_always_off",
		"![kubectl create deployment: the request, from kube-apiserver into etcd](clusters/1.37.2-create.svg)",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// TestReportIsUpToDate says whether the template has changed since the documents'
// report was written: make e2e writes it.
func TestReportIsUpToDate(t *testing.T) {
	figures, err := readFigures("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	want, err := reportPage(figures)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("../../docs", reportMarkdown))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("docs/clusters.md is not what its figures and its template say: run make e2e")
	}
	for _, plan := range Plans {
		f, there := figures[plan.Name]
		if !there || f.Total == 0 || f.Versions["kubeadm"] != plan.version() {
			t.Errorf("docs/clusters.json has no whole run of %s: run make e2e RELEASE=%[1]s", plan.Name)
		}
		for _, stage := range stages {
			if _, err := os.Stat(filepath.Join("../../docs/clusters", picture(plan, stage))); err != nil {
				t.Error(err)
			}
		}
	}
}
