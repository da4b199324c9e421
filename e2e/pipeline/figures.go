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
	// Round is which of a Table's it is, and Slice which of the round's, from 1 on.
	Round int `json:"round,omitempty"`
	Slice int `json:"slice,omitempty"`
	// SpansPerSecond are those that were acknowledged.
	SpansPerSecond float64 `json:"spansPerSecond"`
	// CPUSeconds are those of the process, from the first span sent until the last
	// had arrived, and SpansPerCPUSecond how many delivered spans each bought.
	CPUSeconds        float64 `json:"cpuSeconds"`
	SpansPerCPUSecond float64 `json:"spansPerCPUSecond"`
	// PeakMiB is the most memory that the process had at once, up to the end of the
	// slice.
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

// session is a configuration under a load, which it gets in slices.
type session struct {
	*run
	load      Load
	generator *load.Generator
}

// begin starts a configuration and warms it up.
func (r *Rig) begin(ctx context.Context, config Config, l Load) (_ *session, err error) {
	one, err := r.start(ctx, config, Fault{})
	if err != nil {
		return nil, err
	}
	s := &session{run: one, load: l}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.end())
		}
	}()
	settings := load.Settings{Rate: l.Rate, Retry: load.SDK}
	if l.Rate == 0 {
		settings.InFlight, settings.Window = inFlight, window
	} else {
		settings.Batched = true
	}
	if s.generator, err = one.generator(settings); err != nil {
		return nil, err
	}
	if _, err := s.generator.Run(ctx, warmUp); err != nil {
		return nil, err
	}
	return s, one.settle(ctx, patience)
}

// slice sends for as long as the load says.
func (s *session) slice(ctx context.Context) (f Figures, err error) {
	counted, sunk, since := s.book.Counts(), s.sink.Counts(), s.book.Now()
	_, _, before, err := s.program.state()
	if err != nil {
		return f, err
	}
	if f.Sent, err = s.generator.Run(ctx, time.Duration(s.load.Seconds*float64(time.Second))); err != nil {
		return f, err
	}
	if err := s.settle(ctx, patience); err != nil {
		return f, err
	}
	_, crashes, after, err := s.program.state()
	if err != nil {
		return f, err
	}
	if crashes > 0 {
		text, _ := os.ReadFile(s.logFile())
		return f, fmt.Errorf("%s has ended by itself; it printed:\n%s", s.config.Name, text)
	}
	f.Config, f.Load = s.config.Name, s.load.String()
	f.Spans, f.Sink = s.book.Counts().Minus(counted), s.sink.Counts()
	f.Delays = s.book.Delays(since, 0)
	f.SpansPerSecond = float64(f.Spans.Acknowledged) / f.Sent.Seconds
	f.CPUSeconds = (after.CPU - before.CPU).Seconds()
	f.SpansPerCPUSecond = float64(f.Spans.Delivered) / f.CPUSeconds
	f.PeakMiB = float64(after.Peak) / (1 << 20)
	f.BytesPerSpan = float64(f.Sink.Wire-sunk.Wire) / float64(max(1, f.Sink.Spans-sunk.Spans))
	f.Problems, err = problems(s.logFile())
	return f, err
}

// end ends what runs.
func (s *session) end() error {
	var err error
	if s.generator != nil {
		err = s.generator.Close()
	}
	return errors.Join(err, s.close())
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
