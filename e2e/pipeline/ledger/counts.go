package ledger

import (
	"context"
	"math"
	"slices"
	"time"
)

// Counts are numbers of spans.
type Counts struct {
	// Sent are those that were sent at least once: Acknowledged, GivenUp, and
	// those whose sender still waits or was stopped.
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"`
	GivenUp      int `json:"givenUp"`
	// Delivered are those that arrived at least once.
	Delivered int `json:"delivered"`
	// Lost are those that were acknowledged and never arrived.
	Lost int `json:"lost"`
	// Unsaid are those that arrived though their sender has given up.
	Unsaid int `json:"unsaid"`
	// Doubled is how often a span arrived that was there already.
	Doubled int `json:"doubled"`
	// Foreign is how often something arrived that this run has not sent.
	Foreign int `json:"foreign"`
}

// Counts are those of the run so far.
func (l *Ledger) Counts() (c Counts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Foreign = l.foreign
	for number := range l.numbers {
		s := l.at(number)
		if s.fate != issued {
			c.Sent++
		}
		if s.times > 0 {
			c.Delivered++
			c.Doubled += int(s.times) - 1
		}
		switch s.fate {
		case acknowledged:
			c.Acknowledged++
			if s.times == 0 {
				c.Lost++
			}
		case givenUp:
			c.GivenUp++
			if s.times > 0 {
				c.Unsaid++
			}
		}
	}
	return c
}

// Delays are quantiles of the time from a span's first sending to its first
// arrival.
type Delays struct {
	P50 time.Duration `json:"p50"`
	P99 time.Duration `json:"p99"`
	Max time.Duration `json:"max"`
}

// Delays are those of the spans that have arrived and were first sent in a part
// of the run, given as times since it began; an end of 0 is none.
func (l *Ledger) Delays(from, to time.Duration) Delays {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to == 0 {
		to = math.MaxInt64
	}
	var all []uint32
	for number := range l.numbers {
		s := l.at(number)
		if at := time.Duration(s.sent) * time.Microsecond; s.times > 0 && at >= from && at < to {
			all = append(all, s.arrived-s.sent)
		}
	}
	if len(all) == 0 {
		return Delays{}
	}
	slices.Sort(all)
	at := func(q float64) time.Duration {
		return time.Duration(all[int(math.Ceil(q*float64(len(all)-1)))]) * time.Microsecond
	}
	return Delays{P50: at(0.5), P99: at(0.99), Max: at(1)}
}

// Settle waits until every acknowledged span has arrived, or until nothing has
// arrived for as long as patience, or until the context ends. It says whether all
// are there.
func (l *Ledger) Settle(ctx context.Context, patience time.Duration) bool {
	since := time.Now()
	for l.Counts().Lost > 0 {
		l.mu.Lock()
		if l.latest.After(since) {
			since = l.latest
		}
		l.mu.Unlock()
		if time.Since(since) > patience {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return true
}

// Quiet waits until nothing has arrived for a while. It is an error if the context
// ends before.
func (l *Ledger) Quiet(ctx context.Context, while time.Duration) error {
	for l.Now()-l.Latest() < while {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Latest is when the last span arrived, as a time since the run began.
func (l *Ledger) Latest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest.IsZero() {
		return 0
	}
	return l.latest.Sub(l.began)
}

// Minus are the counts of what came after others.
func (c Counts) Minus(before Counts) Counts {
	return Counts{
		Sent: c.Sent - before.Sent, Acknowledged: c.Acknowledged - before.Acknowledged, GivenUp: c.GivenUp - before.GivenUp,
		Delivered: c.Delivered - before.Delivered, Lost: c.Lost - before.Lost, Unsaid: c.Unsaid - before.Unsaid,
		Doubled: c.Doubled - before.Doubled, Foreign: c.Foreign - before.Foreign,
	}
}
