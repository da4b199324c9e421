package pipeline

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/load"
)

func TestRows(t *testing.T) {
	figures := func(round, slice int, config string, perCPU, peak float64, p99 time.Duration, lost int) Figures {
		return Figures{
			Config: config, Load: "saturated", Round: round, Slice: slice, SpansPerCPUSecond: perCPU, PeakMiB: peak,
			CPUSeconds: perCPU / 1000, Sent: load.Result{Seconds: 2}, Delays: ledger.Delays{P99: p99}, Spans: ledger.Counts{Lost: lost},
		}
	}
	got := rows([]Figures{
		figures(1, 1, "a", 100, 50, time.Second, 0), figures(1, 1, "b", 200, 10, time.Second, 0),
		figures(1, 2, "b", 240, 20, 2*time.Second, 3), figures(1, 2, "a", 120, 40, 3*time.Second, 1),
		figures(2, 1, "a", 500, 60, 2*time.Second, 1), figures(2, 1, "b", 600, 60, 5*time.Second, 0),
	})
	want := []Row{
		{Config: "a", Load: "saturated", Slices: 3, SpansPerCPUSecond: 120, Busy: 0.06, PeakMiB: 50, P99: 2, Lost: 2,
			CPU: map[string]float64{"b": 2}, Memory: map[string]float64{"b": 2}, CPUSpread: map[string]Spread{"b": {1.6, 2}}},
		{Config: "b", Load: "saturated", Slices: 3, SpansPerCPUSecond: 240, Busy: 0.12, PeakMiB: 20, P99: 2, Lost: 3,
			CPU: map[string]float64{"a": 0.5}, Memory: map[string]float64{"a": 0.5}, CPUSpread: map[string]Spread{"a": {0.5, 0.6666666666666667}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestProblems(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	text := "2026-11-23T03:40:00.000Z\tinfo\tservice/service.go:1\tStarting\t{\"a\": 1}\n" +
		"2026-11-23T03:40:01.000Z\terror\tinternal/queue.go:2\tExporting failed. Dropping data.\t{\"error\": \"no more retries left: rpc error: code = Unavailable desc = 127.0.0.1:1\"}\n" +
		"go.opentelemetry.io/collector/exporter.(*x).y\n\t/src/file.go:12\n" +
		`{"level":"warn","ts":"x","msg":"Refusing data"}` + "\n" +
		`{"level":"warn","ts":"y","msg":"Refusing data"}` + "\n" +
		`{"level":"info","ts":"y","msg":"Starting"}` + "\n" +
		"panic: page 3 already freed\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := problems(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"error: Exporting failed. Dropping data. no more retries left: rpc error: code = Unavailable desc = N.N.N.N:N": 1,
		"warn: Refusing data":                2,
		"error: panic: page N already freed": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
