package matrix

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// events is what "go test -json" prints, shortened: of a cell that passes, one
// that fails in a subtest, one that is skipped, one whose program ended, and one
// that is not served.
const events = `{"Action":"attr","Package":"p","Test":"T/1.29","Key":"component","Value":"kubernetes"}
{"Action":"attr","Package":"p","Test":"T/1.29","Key":"release","Value":"1.29"}
{"Action":"attr","Package":"p","Test":"T/1.29","Key":"judge","Value":"kubeadm"}
{"Action":"attr","Package":"p","Test":"T/1.29","Key":"by","Value":"v1.29.1"}
{"Action":"pass","Package":"p","Test":"T/1.29/a"}
{"Action":"pass","Package":"p","Test":"T/1.29"}
{"Action":"attr","Package":"p","Test":"U/1.29","Key":"component","Value":"kubernetes"}
{"Action":"attr","Package":"p","Test":"U/1.29","Key":"release","Value":"1.29"}
{"Action":"attr","Package":"p","Test":"U/1.29","Key":"judge","Value":"kubelet"}
{"Action":"attr","Package":"p","Test":"U/1.29","Key":"by","Value":"v1.29.1"}
{"Action":"fail","Package":"p","Test":"U/1.29/a"}
{"Action":"fail","Package":"p","Test":"U/1.29"}
{"Action":"attr","Package":"p","Test":"U/1.3","Key":"component","Value":"kubernetes"}
{"Action":"attr","Package":"p","Test":"U/1.3","Key":"release","Value":"1.3"}
{"Action":"attr","Package":"p","Test":"U/1.3","Key":"judge","Value":"kubelet"}
{"Action":"skip","Package":"p","Test":"U/1.3"}
{"Action":"attr","Package":"p","Test":"V","Key":"component","Value":"etcd"}
{"Action":"attr","Package":"p","Test":"V","Key":"release","Value":"3.5.11"}
{"Action":"attr","Package":"p","Test":"V","Key":"judge","Value":"starts"}
{"Action":"attr","Package":"p","Test":"W","Key":"component","Value":"etcd"}
{"Action":"attr","Package":"p","Test":"W","Key":"release","Value":"3.5.4"}
{"Action":"attr","Package":"p","Test":"W","Key":"not-served","Value":"gone; nearest: 3.5.5"}
{"Action":"pass","Package":"p","Test":"W"}
{"Action":"fail","Package":"p"}
`

func collect(t *testing.T, runs ...string) *Matrix {
	t.Helper()
	var c Collector
	for _, run := range runs {
		if err := c.Collect(strings.NewReader(run), func(Event) {}); err != nil {
			t.Fatal(err)
		}
	}
	return c.Matrix("2026-01-02")
}

func everything(string, string) bool { return true }

func TestMatrix(t *testing.T) {
	want := &Matrix{Rows: []Row{
		{Component: "kubernetes", Release: "1.3", Date: "2026-01-02", Cells: map[string]Cell{"kubelet": {Tests: 1}}},
		{Component: "kubernetes", Release: "1.29", Date: "2026-01-02", Cells: map[string]Cell{
			"kubeadm": {By: "v1.29.1", Passed: true, Tests: 2},
			"kubelet": {By: "v1.29.1", Tests: 2},
		}},
		{Component: "etcd", Release: "3.5.4", Date: "2026-01-02", NotServed: "gone; nearest: 3.5.5"},
		{Component: "etcd", Release: "3.5.11", Date: "2026-01-02", Cells: map[string]Cell{"starts": {}}},
	}}
	got := collect(t, events)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	if err := got.Write(file); err != nil {
		t.Fatal(err)
	}
	read, err := Read(file)
	if diff := cmp.Diff(want, read); err != nil || diff != "" {
		t.Errorf("read back: %v (-want +got):\n%s", err, diff)
	}
	if text := got.Markdown(); !strings.Contains(text, "| 1.29 | v1.29.1 | pass | – | **fail** |") || !strings.Contains(text, "*not served*: gone; nearest: 3.5.5") {
		t.Errorf("the tables are\n%s", text)
	}
}

// The same test runs with the modules of several releases.
func TestRunsAreApart(t *testing.T) {
	run := func(release, action string) string {
		return strings.NewReplacer("3.5.11", release, "W", "X").Replace(events[strings.Index(events, `{"Action":"attr","Package":"p","Test":"V"`):strings.Index(events, `{"Action":"attr","Package":"p","Test":"W"`)]) +
			`{"Action":"` + action + `","Package":"p","Test":"V"}` + "\n"
	}
	got := collect(t, run("3.6.0", "fail"), run("3.7.0", "pass"))
	if old, newer := got.Row("etcd", "3.6.0"), got.Row("etcd", "3.7.0"); old == nil || newer == nil || old.Cells["starts"].Passed || !newer.Cells["starts"].Passed {
		t.Errorf("got %+v", got.Rows)
	}
}

func TestContradictions(t *testing.T) {
	found := collect(t, events)
	if problems := found.Contradictions(found, everything); len(problems) > 0 {
		t.Errorf("a report contradicts itself: %q", problems)
	}
	for name, change := range map[string]func(*Matrix){
		"no row":          func(m *Matrix) { m.Rows = m.Rows[1:] },
		"another verdict": func(m *Matrix) { m.Rows[1].Cells["kubeadm"] = Cell{By: "v1.29.1", Tests: 2} },
		"another patch":   func(m *Matrix) { m.Rows[1].Cells["kubeadm"] = Cell{By: "v1.29.2", Passed: true} },
		"no verdict":      func(m *Matrix) { delete(m.Rows[1].Cells, "kubelet") },
		"one too many":    func(m *Matrix) { m.Rows[1].Cells["objects"] = Cell{Passed: true} },
		"other outputs":   func(m *Matrix) { m.Rows[1].Generated = "a" },
		"nobody's row":    func(m *Matrix) { m.Rows = append(m.Rows, Row{Component: "kind", Release: "0.1"}) },
		"served":          func(m *Matrix) { m.Rows[2].NotServed = "" },
	} {
		report := collect(t, events)
		change(report)
		if problems := report.Contradictions(found, everything); len(problems) != 1 {
			t.Errorf("%s: got %q, want one contradiction", name, problems)
		}
	}
}

func TestUpdate(t *testing.T) {
	report := &Matrix{Rows: []Row{{Component: "etcd", Release: "3.7.0"}, {Component: "etcd", Release: "3.4.0"}, {Component: "kubernetes", Release: "1.29", Generated: "old"}}}
	report.Update(collect(t, events), func(component, release string) bool { return release != "3.7.0" })
	var got []string
	for _, row := range report.Rows {
		got = append(got, row.Component+" "+row.Release+" "+row.Generated)
	}
	want := []string{"kubernetes 1.3 ", "kubernetes 1.29 ", "etcd 3.5.4 ", "etcd 3.5.11 ", "etcd 3.7.0 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
