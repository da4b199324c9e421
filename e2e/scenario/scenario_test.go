package scenario_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kubetrace/e2e/lab"
	"kubetrace/e2e/scenario"
)

var clusters = flag.String("clusters", strings.Join(scenario.Names(), ","), "the `names` of the clusters, with commas")

var docs = flag.String("docs", "", "the `folder` of the documents, whose report and pictures are written anew")

var states = flag.String("states", "", "the `folder` of check's test data, into which each cluster's state is written anew")

// reporting is held by whoever writes the report.
var reporting sync.Mutex

func TestMain(m *testing.M) {
	lab.Main()
	os.Exit(m.Run())
}

// TestCluster carries the plans out. What a step finds makes those after it
// worthless, so the first failure ends the cluster.
func TestCluster(t *testing.T) {
	for name := range strings.SplitSeq(*clusters, ",") {
		plan, err := scenario.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(plan.Name, func(t *testing.T) {
			t.Parallel()
			carryOut(t, plan)
		})
	}
}

// tidy is how long a cluster has to be removed before the test program is ended.
const tidy = time.Minute

func carryOut(t *testing.T, plan scenario.Plan) {
	ctx := until(t)
	p := newProgress(plan.Name)
	r, err := scenario.New(ctx, plan, p.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRun(t, r) })
	p.began = time.Now()
	folder := *docs
	if folder == "" {
		folder = t.TempDir()
	}
	step := func(name string, do func(context.Context) error) { p.step(ctx, t, name, do) }

	step("boots without a collector", r.Boot)
	step("shows what the bundle says", r.Effect)
	step("runs the collector on every node", r.Apply)
	step("is traced soon after", r.Traced)
	step("reaches the collector on loopback alone", r.Exposed)
	if plan.ControlPlane > 1 {
		step("traces a node that joins later", r.JoinWorker)
	}
	step("has no findings", r.Checked)
	if *states != "" {
		step("leaves its state to the tests of check", func(ctx context.Context) error { return r.LeaveState(ctx, *states) })
	}
	if plan.Sabotaged {
		step("has a finding for everything that is made wrong", r.Sabotaged)
	}
	var story scenario.Story
	step("traces a Deployment that comes and goes", func(ctx context.Context) (err error) {
		story, err = r.Scenario(ctx)
		return err
	})
	step("names cluster, node and instance", r.Identity)
	step("draws it", func(context.Context) error {
		_, err := r.Draw(filepath.Join(folder, "clusters"), story)
		return err
	})
	step("configures the kubelets", r.Remember)
	for _, weather := range plan.Weathers() {
		step(weather.Name, func(ctx context.Context) error { return r.Rough(ctx, weather) })
	}
	step("is silent at rate 0", r.RateZero)
	step("is as before after undo", r.Undo)
	if plan.Wrong != "" {
		step("breaks with the flags of "+plan.Wrong, r.WrongRelease)
	}
	p.log("done")
	reporting.Lock()
	defer reporting.Unlock()
	if err := r.Report(folder); err != nil {
		t.Fatal(err)
	}
}

// until is a context that Ctrl-C and the test's deadline end, and not the program.
func until(t *testing.T) context.Context {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	if deadline, there := t.Deadline(); there {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-tidy))
		t.Cleanup(cancel)
	}
	return ctx
}

// progress tells on standard error how far a cluster is.
type progress struct {
	name  string
	began time.Time
}

func newProgress(name string) *progress { return &progress{name, time.Now()} }

func (p *progress) log(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "%s %4.0f s  %s\n", p.name, time.Since(p.began).Seconds(), fmt.Sprintf(format, arguments...))
}

func (p *progress) step(ctx context.Context, t *testing.T, name string, do func(context.Context) error) {
	t.Helper()
	p.log("-- %s", name)
	if !t.Run(name, func(t *testing.T) {
		if err := do(ctx); err != nil {
			t.Fatal(err)
		}
	}) {
		t.FailNow()
	}
}

// closeRun removes a cluster, and says whether it is gone.
func closeRun(t *testing.T, r *scenario.Run) {
	if t.Failed() {
		// go test -artifacts keeps them.
		for _, node := range r.Cluster.Nodes() {
			if err := node.SaveLogs(filepath.Join(t.ArtifactDir(), node.Name)); err != nil {
				t.Log(err)
			}
		}
	}
	if err := errors.Join(r.Close(), r.Left()); err != nil {
		t.Error(err)
	}
}
