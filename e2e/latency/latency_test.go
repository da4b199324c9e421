package latency_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"kubetrace/e2e/lab"
	"kubetrace/e2e/latency"
)

var docs = flag.String("docs", "", "the `folder` of the documents, whose figures are written anew")

func TestMain(m *testing.M) {
	lab.Main()
	os.Exit(m.Run())
}

// tidy is how long the clusters have to be removed before the test program is
// ended.
const tidy = time.Minute

// TestLatency measures, and says whether a component is slowed or blocked.
func TestLatency(t *testing.T) {
	// Ctrl-C and the test's deadline end the clusters, not the program.
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if deadline, there := t.Deadline(); there {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-tidy))
		defer cancel()
	}
	began := time.Now()
	figures, err := latency.Measure(ctx, func(format string, arguments ...any) {
		fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, arguments...))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", figures)
	if err := figures.Judge(); err != nil {
		t.Fatal(err)
	}
	if *docs != "" {
		if err := figures.Write(*docs); err != nil {
			t.Fatal(err)
		}
	}
}
