package latency

import (
	"errors"
	"fmt"
	"slices"
)

// QueuedSpans are those that a component's exporter holds while it cannot send:
// its queue and the batch that it tries. What is more it drops.
// https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor
const QueuedSpans = 2048 + 512

// The law's bounds. Whatever else the machine does hits both clusters alike, so
// what a state does is seen in how Traced compares with Off, by the minute.
const (
	// cost is how many times the median without tracing the one with it may be
	// while the collector works: that every request is traced is not for nothing.
	cost = 1.5
	// slower is how many times the same may be what it is while the collector
	// works, for the median, and tail for the 90th percentile.
	slower = 1.25
	tail   = 1.5
	// noise is what two medians of the same requests differ by anyway, and tailNoise
	// the same of the 90th percentile.
	noise     = Milliseconds(0.25)
	tailNoise = Milliseconds(2)
	// blocked is how much longer than the slowest request to the cluster that is
	// not traced one may take. An exporter waits ten seconds for an answer.
	blocked = Milliseconds(1000)
)

// Judge says what the figures have against it that no state of the collector
// slows or blocks a component.
func (f Figures) Judge() error {
	if len(f.States) == 0 || f.States[0].Name != Working {
		return errors.New("there is no state to compare with")
	}
	var errs []error
	for _, name := range []string{Slow, Full, Absent} {
		if !slices.ContainsFunc(f.States, func(s State) bool { return s.Name == name }) {
			errs = append(errs, fmt.Errorf("nothing was measured while the collector is %s", name))
		}
	}
	for _, c := range f.States[0].Components {
		if most := c.Off.Median*cost + noise; c.Traced.Median > most {
			errs = append(errs, fmt.Errorf("%s: %s: the median is %.2f ms, and %.2f ms would be what tracing may cost", c.Name, c.Request, c.Traced.Median, most))
		}
	}
	for _, s := range f.States {
		for service, spans := range s.Spans {
			if err := spans.judge(s.Name); err != nil {
				errs = append(errs, fmt.Errorf("%s: the queue of %s: %w", s.Name, service, err))
			}
		}
		for i, c := range s.Components {
			if err := c.judge(f.States[0].Components[i]); err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %s: %w", s.Name, c.Name, c.Request, err))
			}
		}
	}
	return errors.Join(errs...)
}

// judge compares with what the component does while the collector works.
func (c Component) judge(working Component) error {
	var errs []error
	most := func(what string, got, most Milliseconds, law string) {
		if got > most {
			errs = append(errs, fmt.Errorf("%s is %.2f ms, and %.2f ms would be %s", what, got, most, law))
		}
	}
	most("the median", c.Traced.Median, c.Off.Median*times(working.Traced.Median, working.Off.Median)*slower+noise, "as fast as while the collector works")
	most("the 90th percentile", c.Traced.P90, c.Off.P90*times(working.Traced.P90, working.Off.P90)*tail+tailNoise, "as fast as while the collector works")
	most("the slowest", c.Traced.Max, c.Off.Max+blocked, "not blocked")
	return errors.Join(errs...)
}

// times is how many times one is the other, and 1 for one that happens to be less.
func times(traced, off Milliseconds) Milliseconds { return max(1, traced/off) }

// judge says whether a queue was so full that spans were dropped, except while the
// collector works.
func (s Spans) judge(state string) error {
	if s.Filled <= QueuedSpans {
		return fmt.Errorf("%d spans do not overrun it: it takes more than %d", s.Filled, QueuedSpans)
	}
	if state != Working && s.Arrived >= s.Made {
		return fmt.Errorf("all %d spans arrived, so the collector was not %s", s.Made, state)
	}
	return nil
}
