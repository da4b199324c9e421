package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/load"
	"kubetrace/e2e/pipeline/sink"
)

// Fault is something that goes wrong while spans are sent.
type Fault struct {
	// Name is what it is called in tables.
	Name string
	// Rate is how many spans are made a second.
	Rate float64
	// Before, During and After are how long spans are sent before it begins, until
	// it ends, and from then on.
	Before, During, After time.Duration
	// OnDisk says that it means something only for a queue on disk, and Disk how
	// many bytes that disk has; 0 is the machine's.
	OnDisk bool
	Disk   int64
	// Jumps are those of the collector's clock, seconds since its start and by how
	// many; it needs BuildClock.
	Jumps string
	// Again is how long after the last span a second copy may still come, where the
	// backend keeps what it did not answer: as long as an exporter waits for an
	// answer, 30 seconds and a gateway 60, and for its next try.
	Again time.Duration
	// Means says what happens, in a sentence without its end.
	Means string

	begin, end func(context.Context, *run) error
}

// Applies says whether a configuration can have the fault.
func (f Fault) Applies(config Config) bool {
	return (config.OnDisk || !f.OnDisk) && (config.text != nil || f.Jumps == "")
}

// patience is how long nothing arrives after the fault before the rest counts as
// lost. Exporters pause longer the longer they have failed, by half each time,
// from 5 to 30 seconds, and up to half more by chance; and gRPC connects again
// after up to two minutes, plus or minus a fifth.
// https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
func (f Fault) patience() time.Duration {
	if f.During > time.Minute {
		return 200 * time.Second
	}
	return max(30*time.Second, min(f.During+10*time.Second, 50*time.Second))
}

// Loss is what became of the spans in a fault.
type Loss struct {
	Config string        `json:"config"`
	Fault  string        `json:"fault"`
	Spans  ledger.Counts `json:"spans"`
	Sent   load.Result   `json:"sent"`
	Sink   sink.Counts   `json:"sink"`
	// Starts are how often the collector was started, and Crashes how often it
	// ended, or did not start, without being told to.
	Starts  int `json:"starts"`
	Crashes int `json:"crashes"`
	// Down says that it did not come back within a minute after the fault.
	Down bool `json:"down,omitempty"`
	// PeakMiB is the most memory that the last process had at once.
	PeakMiB float64 `json:"peakMiB"`
	// Seconds is how long after the end of the fault the last span arrived.
	Seconds  float64        `json:"seconds"`
	Delays   ledger.Delays  `json:"delays"`
	Problems map[string]int `json:"problems,omitempty"`
}

// String is the loss in a line.
func (l Loss) String() string {
	down := ""
	if l.Down {
		down = ", DOWN"
	}
	return fmt.Sprintf("%-16s %-21s made %d, sent %d, acknowledged %d, given up %d, dropped %d, delivered %d, lost %d, doubled %d, starts %d, crashes %d, %.0f MiB, the last after %.1f s%s",
		l.Fault, l.Config, l.Sent.Made, l.Spans.Sent, l.Spans.Acknowledged, l.Spans.GivenUp, l.Sent.Dropped,
		l.Spans.Delivered, l.Spans.Lost, l.Spans.Doubled, l.Starts, l.Crashes, l.PeakMiB, l.Seconds, down)
}

// Faults are all, with the times that a whole run takes.
func Faults() []Fault {
	const second = time.Second
	answer := func(fault sink.Fault) func(context.Context, *run) error {
		return func(_ context.Context, r *run) error {
			r.sink.Answer(fault)
			return nil
		}
	}
	well := answer(sink.Fault{})
	faults := []Fault{
		// 300 spans a second fill a queue of 20,000 in more than a minute.
		{Name: "away", Means: "the backend is away for 50 seconds", Rate: 300, During: 50 * second, begin: away, end: back},
		// As many spans as a queue of 20,000 holds, until the backend is found again.
		{Name: "away-long", Means: "the backend is away for six minutes", Rate: 30, During: 360 * second, After: 200 * second, begin: away, end: back},
		{Name: "slow", Means: "the backend takes 3 seconds for each answer", Rate: 300, During: 30 * second, begin: answer(sink.Fault{Delay: 3 * second}), end: well},
		// Slower than peers wait.
		{Name: "too-slow", Means: "the backend takes 15 seconds for each answer, and keeps what it got", Rate: 300, During: 40 * second, Again: 50 * second, begin: answer(sink.Fault{Delay: 15 * second}), end: well},
		{Name: "far-too-slow", Means: "the backend takes 40 seconds for each answer, and keeps what it got", Rate: 100, During: 90 * second, Again: 110 * second, begin: answer(sink.Fault{Delay: 40 * second}), end: well},
		{Name: "unavailable", Means: "the backend answers Unavailable", Rate: 300, During: 40 * second, begin: answer(sink.Fault{Code: codes.Unavailable}), end: well},
		{Name: "exhausted-retry", Means: "the backend answers ResourceExhausted and when to come again", Rate: 300, During: 40 * second, begin: answer(sink.Fault{Code: codes.ResourceExhausted, RetryAfter: 2 * second}), end: well},
		{Name: "exhausted", Means: "the backend answers ResourceExhausted alone, which OTLP calls final", Rate: 300, During: 20 * second, begin: answer(sink.Fault{Code: codes.ResourceExhausted}), end: well},
		{Name: "partial", Means: "the backend takes each request but for 7 of its spans, which OTLP calls final", Rate: 300, During: 20 * second, begin: answer(sink.Fault{Reject: 7}), end: well},
		{Name: "killed", Means: "the collector is killed at 2,000 spans a second", Rate: 2000, During: second, begin: kill, end: restart},
		{Name: "killed-away", Means: "the backend is away for 20 seconds, and the collector is killed meanwhile", Rate: 300, During: 20 * second, begin: away, end: killedBack},
		{Name: "clock", Means: "the collector's clock jumps an hour forward and two back while the backend is away", Rate: 300, During: 20 * second, Jumps: "8 3600 16 -7200", begin: away, end: back},
		{Name: "overrun", Means: "the backend is away for 30 seconds at 20,000 spans a second, more than the memory holds", Rate: 20_000, During: 30 * second, begin: away, end: back},
		// Less than the queue is allowed to take.
		{Name: "disk-full", Means: "the disk is full, at 3 MiB", Rate: 2000, During: 20 * second, OnDisk: true, Disk: 3 << 20, begin: away, end: back},
		{Name: "corrupted", Means: "the queue's content is overwritten with garbage", Rate: 300, During: 10 * second, OnDisk: true, begin: away, end: damagedBack(garbageBehindHead)},
		{Name: "corrupted-head", Means: "the head of the queue's file is overwritten with garbage", Rate: 300, During: 10 * second, OnDisk: true, begin: away, end: damagedBack(garbageHead)},
		{Name: "truncated", Means: "half of the queue's file is cut off", Rate: 300, During: 10 * second, OnDisk: true, begin: away, end: damagedBack(truncated)},
	}
	for i := range faults {
		faults[i].Before, faults[i].After = 3*second, max(faults[i].After, 5*second)
	}
	return faults
}

// FindFault is the one of a name.
func FindFault(name string) (Fault, error) {
	var names []string
	for _, f := range Faults() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Fault{}, fmt.Errorf("there is no fault %q; write one of %q", name, names)
}

func away(_ context.Context, r *run) error { return r.sink.Away() }

func back(_ context.Context, r *run) error { return r.sink.Back() }

func kill(_ context.Context, r *run) error { return r.program.hold() }

func restart(ctx context.Context, r *run) error { return r.program.release(ctx) }

// killedBack kills the collector while its backend is away and then brings both
// back.
func killedBack(ctx context.Context, r *run) error {
	return errors.Join(kill(ctx, r), back(ctx, r), restart(ctx, r))
}

// Break runs a configuration while a fault comes and goes, with senders that are
// as patient as those in the components, and counts what is lost.
func (r *Rig) Break(ctx context.Context, config Config, fault Fault) (loss Loss, err error) {
	one, err := r.start(ctx, config, fault)
	if err != nil {
		return loss, err
	}
	defer func() { err = errors.Join(err, one.close()) }()
	type sent struct {
		load.Result
		error
	}
	ended := make(chan sent, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		settings := load.Settings{Rate: fault.Rate, Batched: true, Retry: load.SDK, Queue: load.SDKQueue}
		result, err := one.send(ctx, settings, fault.Before+fault.During+fault.After)
		ended <- sent{result, err}
	}()
	generated := func(err error) error {
		cancel()
		return errors.Join(err, (<-ended).error)
	}
	if err := pause(ctx, fault.Before); err != nil {
		return loss, generated(err)
	}
	if err := fault.begin(ctx, one); err != nil {
		return loss, generated(err)
	}
	if err := pause(ctx, fault.During); err != nil {
		return loss, generated(err)
	}
	over := one.book.Now()
	err = fault.end(ctx, one)
	loss.Down = errors.Is(err, errDown)
	if err != nil && !loss.Down {
		return loss, generated(err)
	}
	result := <-ended
	if result.error != nil {
		return loss, result.error
	}
	if err := one.settle(ctx, fault.patience()); err != nil {
		return loss, err
	}
	if err := one.book.Quiet(ctx, fault.Again); err != nil {
		return loss, err
	}
	loss.Config, loss.Fault, loss.Sent = config.Name, fault.Name, result.Result
	loss.Spans, loss.Sink, loss.Delays = one.book.Counts(), one.sink.Counts(), one.book.Delays(0, 0)
	loss.Seconds = max(0, one.book.Latest()-over).Seconds()
	var usage Usage
	if loss.Starts, loss.Crashes, usage, err = one.program.state(); err != nil {
		return loss, err
	}
	loss.PeakMiB = float64(usage.Peak) / (1 << 20)
	if fault.Jumps != "" {
		if err := clockJumped(one.logFile()); err != nil {
			return loss, fmt.Errorf("%s: %w", config.Name, err)
		}
	}
	loss.Problems, err = problems(one.logFile())
	return loss, err
}

func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(duration):
		return nil
	}
}
