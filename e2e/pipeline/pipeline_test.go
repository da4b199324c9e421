package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kubetrace/e2e/pipeline"
)

func newRig(t *testing.T) *pipeline.Rig {
	t.Helper()
	rig, err := pipeline.NewRig(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rig.Close(); err != nil {
			t.Error(err)
		}
	})
	return rig
}

// short is a fault of a few seconds, at a rate that every queue holds meanwhile.
func short(t *testing.T, name string) pipeline.Fault {
	t.Helper()
	fault, err := pipeline.FindFault(name)
	if err != nil {
		t.Fatal(err)
	}
	fault.Rate, fault.Before, fault.During, fault.After = 2000, 2*time.Second, 4*time.Second, time.Second
	return fault
}

// TestLaws says what is lost in the faults that decide.
func TestLaws(t *testing.T) {
	rig := newRig(t)
	tests := []struct {
		fault, config string
		loses         bool // of what was acknowledged
	}{
		{"away", "tutorial", false},
		{"away", "ours", false},
		{"away", "ours-disk", false},
		{"killed-away", "limit", false}, // it acknowledges what has arrived
		{"killed-away", "tutorial", true},
		{"killed-away", "helm", true},
		{"killed-away", "clusterobservability", true},
		{"killed-away", "ours", true},
		{"killed-away", "ours-disk", false},
		{"unavailable", "gateway", false},
		{"partial", "ours", true}, // a backend's own rejection is final
		{"exhausted-retry", "ours", false},
	}
	// All at once, since they wait most of the time.
	losses, errs := make([]pipeline.Loss, len(tests)), make([]error, len(tests))
	var wait sync.WaitGroup
	for i, test := range tests {
		config, err := pipeline.FindConfig(test.config)
		if err != nil {
			t.Fatal(err)
		}
		fault := short(t, test.fault)
		wait.Go(func() { losses[i], errs[i] = rig.Break(t.Context(), config, fault) })
	}
	wait.Wait()
	for i, test := range tests {
		t.Run(test.fault+"/"+test.config, func(t *testing.T) {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			loss := losses[i]
			t.Log(loss)
			if loss.Spans.Acknowledged == 0 || loss.Spans.Delivered == 0 || loss.Spans.Foreign != 0 || loss.Crashes > 0 || loss.Down {
				t.Errorf("it did not run as it should: %v", loss.Problems)
			}
			if lost := loss.Spans.Lost > 0; lost != test.loses {
				t.Errorf("%d of %d acknowledged spans are lost: %v", loss.Spans.Lost, loss.Spans.Acknowledged, loss.Problems)
			}
			if test.fault == "partial" && loss.Spans.Lost != loss.Sink.Rejected {
				t.Errorf("%d are lost, and the backend rejected %d", loss.Spans.Lost, loss.Sink.Rejected)
			}
			if counted := loss.Spans.Acknowledged + loss.Spans.GivenUp; counted != loss.Spans.Sent {
				t.Errorf("of %d spans only %d are accounted for", loss.Spans.Sent, counted)
			}
		})
	}
}

// TestMeasure says that figures are measured, and nothing is left behind.
func TestMeasure(t *testing.T) {
	rig := newRig(t)
	plan := pipeline.Plan{Rounds: 1, Slices: 2, Loads: []pipeline.Load{{Rate: 3000, Seconds: 1}, {Seconds: 1}}}
	for _, name := range []string{"limit", "clusterobservability", "ours"} {
		config, err := pipeline.FindConfig(name)
		if err != nil {
			t.Fatal(err)
		}
		plan.Configs = append(plan.Configs, config)
	}
	rows, all, err := rig.Table(t.Context(), plan, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 6 || len(all) != 12 {
		t.Fatalf("%d rows of %d figures", len(rows), len(all))
	}
	for _, f := range all {
		if f.Spans.Lost+f.Spans.Doubled+f.Spans.Foreign > 0 || f.Spans.Delivered == 0 || len(f.Problems) > 0 {
			t.Errorf("%s at %s: %+v with %v", f.Config, f.Load, f.Spans, f.Problems)
		}
		if f.CPUSeconds <= 0 || f.PeakMiB < 5 || f.Delays.P99 <= 0 || f.BytesPerSpan < 10 || f.BytesPerSpan > 200 {
			t.Errorf("%s at %s: %+v", f.Config, f.Load, f)
		}
	}
	left, err := filepath.Glob(fmt.Sprintf("/sys/fs/cgroup/*/kubetrace-pipeline/%d-*", os.Getpid()))
	if err != nil || len(left) > 0 {
		t.Errorf("control groups are left: %v %v", left, err)
	}
}
