package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const docs = "../../docs"

// TestReportIsUpToDate says whether the page is what the figures and the template
// say. Whether the figures keep what is promised is judged where they are measured.
func TestReportIsUpToDate(t *testing.T) {
	report, err := ReadReport(docs)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.page(docs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(docs, reportMarkdown))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("docs/%s is not what its figures and its template say: run make pipeline", reportMarkdown)
	}
}

// TestJudge changes a report that keeps what is promised, and it has to say so.
func TestJudge(t *testing.T) {
	good := func() Report {
		r := Report{Rows: []Row{{Config: "ours", Load: "a", CPU: map[string]float64{"helm": 1.1, "tutorial": 0.9}, Memory: map[string]float64{"helm": 0.8}}}}
		for config, faults := range map[string][]string{"ours": Lossless, "ours-disk": LosslessOnDisk} {
			for _, fault := range faults {
				loss := Loss{Config: config, Fault: fault}
				loss.Spans.Acknowledged = 10
				r.Faults = append(r.Faults, loss)
			}
		}
		r.Faults = append(r.Faults, Loss{Config: "ours-disk", Fault: "disk-full"})
		return r
	}
	if err := good().Judge(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Report){
		"1.20 times the CPU of helm":  func(r *Report) { r.Rows[0].CPU["helm"] = 1.2 },
		"1.10 times the memory":       func(r *Report) { r.Rows[0].Memory["helm"] = 1.1 },
		"loses 1 spans and doubles 0": func(r *Report) { r.Rows[0].Lost = 1 },
		"nothing was measured":        func(r *Report) { r.Rows = nil },
		"ours was not broken by away": func(r *Report) { r.Faults[0].Fault, r.Faults[0].Config = "x", "x" },
		"nothing was acknowledged":    func(r *Report) { r.Faults[0].Spans.Acknowledged = 0 },
		"lost 1, doubled 0":           func(r *Report) { r.Faults[3].Spans.Lost = 1 },
		"crashes 1":                   func(r *Report) { r.Faults[3].Crashes = 1 },
		"does not go on":              func(r *Report) { r.Faults[len(r.Faults)-1].Spans.Lost = 30_000 },
		"DOWN":                        func(r *Report) { r.Faults[3].Down = true },
	} {
		r := good()
		change(&r)
		if err := r.Judge(); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "ours-disk was not", "ours was not"), want) {
			t.Errorf("the judge says %v, which does not hold %q", err, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) is %s, want %s", n, got, want)
		}
	}
}
