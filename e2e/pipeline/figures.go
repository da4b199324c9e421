package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/load"
	"kubetrace/e2e/pipeline/sink"
)

// Load is what a configuration is given.
type Load struct {
	// Rate is spans a second, or 0 for as many as one CPU carries.
	Rate float64
	// Seconds is for how long.
	Seconds float64
}

// String is a load's name in tables.
func (l Load) String() string {
	if l.Rate == 0 {
		return "saturated"
	}
	return fmt.Sprintf("%g/s", l.Rate)
}

// Figures are those of one configuration under one load.
type Figures struct {
	Config string `json:"config"`
	Load   string `json:"load"`
	// Round is which of a Table's it is, from 1 on.
	Round int `json:"round,omitempty"`
	// SpansPerSecond are those that were acknowledged.
	SpansPerSecond float64 `json:"spansPerSecond"`
	// CPUSeconds are those of the process, from the first span sent until the last
	// had arrived, and SpansPerCPUSecond how many delivered spans each bought.
	CPUSeconds        float64 `json:"cpuSeconds"`
	SpansPerCPUSecond float64 `json:"spansPerCPUSecond"`
	// PeakMiB is the most memory that the process had at once.
	PeakMiB float64 `json:"peakMiB"`
	// BytesPerSpan are those sent to the backend, compressed.
	BytesPerSpan float64 `json:"bytesPerSpan"`

	Delays ledger.Delays `json:"delays"`
	Spans  ledger.Counts `json:"spans"`
	Sent   load.Result   `json:"sent"`
	Sink   sink.Counts   `json:"sink"`
	// Problems are the warnings and errors of its log, by how often they came.
	Problems map[string]int `json:"problems,omitempty"`
}

const (
	// warmUp is not measured: connections are made and the heap grows.
	warmUp = time.Second
	// patience is how long nothing arrives before the rest counts as lost, where
	// the backend was always there.
	patience = 10 * time.Second
	// window is how many spans are on their way when a CPU is saturated: more than
	// the 8192 of the largest batch, and with those in flight fewer than any queue
	// holds.
	window = 14336
	// inFlight is how many requests of them wait for an answer.
	inFlight = 8
)

// Measure runs a configuration under a load.
func (r *Rig) Measure(ctx context.Context, config Config, l Load) (f Figures, err error) {
	if config.OnDisk {
		if err := r.onRealDisk(); err != nil {
			return f, err
		}
	}
	one, err := r.start(ctx, config, Fault{})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, one.close()) }()
	settings := load.Settings{Rate: l.Rate, Retry: load.SDK}
	if l.Rate == 0 {
		settings.InFlight, settings.Window = inFlight, window
	} else {
		settings.Batched = true
	}
	if _, err := one.send(ctx, settings, warmUp); err != nil {
		return f, err
	}
	if err := one.settle(ctx, patience); err != nil {
		return f, err
	}
	warmed, sunk, since := one.book.Counts(), one.sink.Counts(), one.book.Now()
	_, _, before, err := one.program.state()
	if err != nil {
		return f, err
	}
	if f.Sent, err = one.send(ctx, settings, time.Duration(l.Seconds*float64(time.Second))); err != nil {
		return f, err
	}
	if err := one.settle(ctx, patience); err != nil {
		return f, err
	}
	_, crashes, after, err := one.program.state()
	if err != nil {
		return f, err
	}
	if crashes > 0 {
		text, _ := os.ReadFile(one.logFile())
		return f, fmt.Errorf("%s has ended by itself; it printed:\n%s", config.Name, text)
	}
	f.Config, f.Load = config.Name, l.String()
	f.Spans, f.Sink = one.book.Counts().Minus(warmed), one.sink.Counts()
	f.Delays = one.book.Delays(since, 0)
	f.SpansPerSecond = float64(f.Spans.Acknowledged) / f.Sent.Seconds
	f.CPUSeconds = (after.CPU - before.CPU).Seconds()
	f.SpansPerCPUSecond = float64(f.Spans.Delivered) / f.CPUSeconds
	f.PeakMiB = float64(after.Peak) / (1 << 20)
	f.BytesPerSpan = float64(f.Sink.Wire-sunk.Wire) / float64(max(1, f.Sink.Spans-sunk.Spans))
	f.Problems, err = problems(one.logFile())
	return f, err
}

// send generates for a while.
func (r *run) send(ctx context.Context, settings load.Settings, duration time.Duration) (load.Result, error) {
	generator, err := r.generator(settings)
	if err != nil {
		return load.Result{}, err
	}
	result, err := generator.Run(ctx, duration)
	return result, errors.Join(err, generator.Close())
}

// settle waits until what was acknowledged has arrived or is lost.
func (r *run) settle(ctx context.Context, patience time.Duration) error {
	r.book.Settle(ctx, patience)
	return context.Cause(ctx)
}
