package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const docs = "../../docs"

// TestReportIsUpToDate says whether the page is what the figures and the template
// say, and whether they keep what is promised.
func TestReportIsUpToDate(t *testing.T) {
	report, err := ReadReport(docs)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unknown(report.Judge()); err != nil {
		t.Error(err)
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
	loss := func(config, fault string) Loss {
		l := Loss{Config: config, Fault: fault}
		l.Spans.Acknowledged = 10
		return l
	}
	good := func() Report {
		r := Report{Rows: []Row{{Config: "ours", Load: "a", CPU: map[string]float64{"helm": 1.1, "tutorial": 0.9, "clusterobservability": 0.8}, Memory: map[string]float64{"helm": 0.8}}}}
		for _, fault := range LosslessGateway {
			r.Faults = append(r.Faults, loss("gateway", fault))
		}
		for _, fault := range Lossless {
			r.Faults = append(r.Faults, loss("ours", fault))
		}
		for _, fault := range append(append(slices.Clone(LosslessOnDisk), Damaged...), "disk-full") {
			r.Faults = append(r.Faults, loss("ours-disk", fault))
		}
		return r
	}
	if all := good().Judge(); len(all) > 0 {
		t.Fatal(all)
	}
	at := func(r *Report, config, fault string) *Loss {
		i := slices.IndexFunc(r.Faults, func(l Loss) bool { return l.Config == config && l.Fault == fault })
		return &r.Faults[i]
	}
	for want, change := range map[string]func(*Report){
		"1.20 times the CPU of helm":          func(r *Report) { r.Rows[0].CPU["helm"] = 1.2 },
		"1.000 times the memory":              func(r *Report) { r.Rows[0].Memory["helm"] = 1 },
		"loses 1 spans, doubles 0":            func(r *Report) { r.Rows[0].Lost = 1 },
		"refuses 4 while":                     func(r *Report) { r.Rows[0].GivenUp = 4 },
		"there is no tutorial to compare":     func(r *Report) { delete(r.Rows[0].CPU, "tutorial") },
		"gateway               made 0":        func(r *Report) { at(r, "gateway", "killed").Spans.Lost = 1 },
		"far-too-slow     ours-disk":          func(r *Report) { at(r, "ours-disk", "far-too-slow").Spans.Lost = 1 },
		"nothing was measured":                func(r *Report) { r.Rows = nil },
		"ours was not broken by away":         func(r *Report) { at(r, "ours", "away").Fault = "x" },
		"ours with slow: nothing was":         func(r *Report) { at(r, "ours", "slow").Spans.Acknowledged = 0 },
		"lost 1, doubled 0":                   func(r *Report) { at(r, "ours", "overrun").Spans.Lost = 1 },
		"crashes 1":                           func(r *Report) { at(r, "ours-disk", "killed").Crashes = 1 },
		"DOWN":                                func(r *Report) { at(r, "ours", "clock").Down = true },
		"ours with clock: 3 spans":            func(r *Report) { at(r, "ours", "clock").Spans.GivenUp = 3 },
		"ours-disk with away: 2 spans":        func(r *Report) { at(r, "ours-disk", "away").Sent.Dropped = 2 },
		"does not go on":                      func(r *Report) { at(r, "ours-disk", "disk-full").Spans.Lost = 30_000 },
		"is full does not go on":              func(r *Report) { at(r, "ours-disk", "disk-full").Spans.Acknowledged = 0 },
		"ours-disk was not broken by corrupt": func(r *Report) { at(r, "ours-disk", "corrupted").Fault = "x" },
		"ours-disk was not broken by trunc":   func(r *Report) { at(r, "ours-disk", "truncated").Spans.Acknowledged = 0 },
		"cut off, and the collector does not": func(r *Report) { at(r, "ours-disk", "truncated").Down = true },
		"garbage, and the collector does not": func(r *Report) { at(r, "ours-disk", "corrupted-head").Crashes = 2 },
	} {
		r := good()
		change(&r)
		all := r.Judge()
		if len(all) != 1 || !strings.Contains(all[0].What, want) {
			t.Errorf("the judge says %v, want one that holds %q", all, want)
			continue
		}
		if known := strings.Contains(want, "collector does not"); all[0].Known != known || (Unknown(all) == nil) != known {
			t.Errorf("%s: known is %t, want %t", all[0].What, all[0].Known, known)
		}
	}
	r := good()
	at(&r, "ours", "overrun").Spans.GivenUp = 5
	at(&r, "ours-disk", "killed").Sent.Dropped = 5
	at(&r, "gateway", "away").Spans.GivenUp = 5
	if all := r.Judge(); len(all) > 0 {
		t.Errorf("what may be refused falls short: %v", all)
	}
}

// TestVerdict has a peer whose slices lie further apart than the leanest's.
func TestVerdict(t *testing.T) {
	r := Report{Rows: []Row{{
		Config: "ours", Load: "a", Memory: map[string]float64{"helm": 0.8},
		CPU:       map[string]float64{"helm": 1.1, "tutorial": 0.9, "limit": 1.3},
		CPUSpread: map[string]Spread{"helm": {1, 1.2}, "tutorial": {0.5, 2}, "limit": {1.2, 1.4}},
	}}}
	want := verdict{Load: "a", Leanest: "helm", CPU: 1.1, Helm: 0.8, Spread: Spread{1, 1.2}, Limit: 1.3}
	if got := r.verdict("a"); got != want {
		t.Errorf("the verdict is %+v, want %+v", got, want)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) is %s, want %s", n, got, want)
		}
	}
}
