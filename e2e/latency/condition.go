package latency

import (
	"context"
	"errors"
	"syscall"
	"time"

	"kubetrace/e2e/lab"
)

// condition is a state that the collector can be brought into.
type condition struct {
	name  string
	means string
	// enter brings it there, and leave back to work, where it can be left. holds
	// says whether it is there; it is asked before the first request and after
	// the last.
	enter, holds, leave func(context.Context, *measurement) error
}

// The names of the states.
const (
	Working = "working"
	Slow    = "slow"
	Full    = "full"
	Absent  = "absent"
)

// conditions are all, the one to compare with first, and last the one from which
// there is no way back.
var conditions = []condition{
	{
		name: Working, means: "it takes spans, and the backend gets them",
		enter: nothing, holds: nothing, leave: nothing,
	},
	{
		// The kubelet would kill it after a minute and a half.
		name: Slow, means: "its process is stopped (SIGSTOP): connections stay, and nobody answers",
		enter: func(ctx context.Context, m *measurement) error { return m.collector.signal(ctx, syscall.SIGSTOP) },
		holds: func(ctx context.Context, m *measurement) error { return m.collector.slow(ctx) },
		leave: func(ctx context.Context, m *measurement) error { return m.collector.signal(ctx, syscall.SIGCONT) },
	},
	{
		name: Full, means: "the backend is away, its queue is full, and it refuses spans",
		enter: fillUp,
		holds: func(ctx context.Context, m *measurement) error { return m.collector.refuses(ctx) },
		leave: func(_ context.Context, m *measurement) error { return m.backend.start() },
	},
	{
		name: Absent, means: "its DaemonSet is deleted, and nothing listens where spans are sent",
		enter: func(ctx context.Context, m *measurement) error { return m.collector.remove(ctx) },
		holds: func(ctx context.Context, m *measurement) error { return m.collector.absent(ctx) },
	},
}

func nothing(context.Context, *measurement) error { return nil }

// fillUp takes the backend away, and has spans made until there is no room for
// them.
func fillUp(ctx context.Context, m *measurement) error {
	before, err := m.collector.metric(ctx, refusedMetric)
	if err != nil {
		return err
	}
	if err := m.backend.stop(); err != nil {
		return err
	}
	return lab.Wait(ctx, 2*time.Minute, "the collector's queue full", time.Second, func(ctx context.Context) error {
		if err := operations[0].repeat(ctx, m.traced, nobody, 200); err != nil {
			return err
		}
		refused, err := m.collector.metric(ctx, refusedMetric)
		if err == nil && refused <= before {
			err = errors.New("it has refused none yet")
		}
		return err
	})
}
