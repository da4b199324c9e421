package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"
)

// supervised is a program that is started again when it ends by itself, as a
// kubelet does it.
type supervised struct {
	start func(context.Context) (*process, error)

	mu      sync.Mutex
	process *process // that listens, or nil
	held    bool     // it is not to run now
	changed chan struct{}
	starts  int
	crashes int
	killed  *process // the last one that hold has ended
	last    error    // why it has not started

	cancel context.CancelFunc
	done   chan struct{}
}

// supervise starts a program and returns once it listens. It is an error if the
// first start fails.
func supervise(ctx context.Context, start func(context.Context) (*process, error)) (*supervised, error) {
	p, err := start(ctx)
	if err != nil {
		return nil, err
	}
	s := &supervised{start: start, process: p, starts: 1, changed: make(chan struct{}), done: make(chan struct{})}
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go s.keep(ctx, p)
	return s, nil
}

// Of a kubelet, shortened: it waits 10 seconds and then twice as long each time.
const (
	firstBackOff = time.Second
	maxBackOff   = 10 * time.Second
)

// keep starts the program again and again.
func (s *supervised) keep(ctx context.Context, p *process) {
	defer close(s.done)
	backOff := firstBackOff
	for {
		if p != nil {
			select {
			case <-ctx.Done():
				_ = p.kill()
				return
			case <-p.ended:
			}
		}
		held, changed := s.ended(p)
		wait := time.After(backOff)
		switch {
		case held:
			wait = nil
		default:
			backOff = min(2*backOff, maxBackOff)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-wait:
		}
		s.mu.Lock()
		held = s.held
		s.mu.Unlock()
		if p = nil; held {
			continue
		}
		var err error
		if p, err = s.start(ctx); err != nil {
			p = nil
		}
		s.mu.Lock()
		s.starts++
		s.process, s.last = p, err
		if s.held && p != nil { // meanwhile
			s.killed = p
			go p.kill()
		}
		s.tell()
		s.mu.Unlock()
	}
}

// ended notes that a process has ended, or none has started.
func (s *supervised) ended(p *process) (held bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != nil || s.last != nil {
		// hold may be over again by the time that its kill is noticed.
		if !s.held && (p == nil || p != s.killed) {
			s.crashes++
		}
		s.process, s.last = nil, nil
		s.tell()
	}
	return s.held, s.changed
}

// tell wakes those who wait for a change. The lock is held.
func (s *supervised) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// hold kills the program and keeps it from being started.
func (s *supervised) hold() error {
	s.mu.Lock()
	s.held = true
	p := s.process
	s.killed = p
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.kill()
}

// errDown says that a program does not start.
var errDown = errors.New("it does not come back")

// release has the program started again, and waits until it listens.
func (s *supervised) release(ctx context.Context) error {
	s.mu.Lock()
	s.held = false
	s.tell()
	s.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, errDown)
	defer cancel()
	for {
		s.mu.Lock()
		p, changed := s.process, s.changed
		s.mu.Unlock()
		if p != nil && p.running() {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// state is how often it was started and has ended by itself, and what the process
// that runs now has used.
func (s *supervised) state() (starts, crashes int, usage Usage, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || !s.process.running() {
		return s.starts, s.crashes, Usage{}, nil
	}
	usage, err = s.process.usage()
	return s.starts, s.crashes, usage, err
}

// close ends it.
func (s *supervised) close() {
	s.cancel()
	<-s.done
}
