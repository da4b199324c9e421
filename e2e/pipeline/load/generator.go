package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/wire"
)

// Settings say how a Generator sends.
type Settings struct {
	// Target is the receiver's host:port.
	Target string
	// Rate is how many spans are made a second, whether or not the receiver takes
	// them. 0 sends as fast as the receiver answers.
	Rate float64
	// Batched gives each component's requests as many spans as its SDK would at
	// its share of the Rate. Otherwise they are as they were recorded, most of them
	// full.
	Batched bool
	// InFlight is how many requests wait for their answer at once: of each
	// component where there is a Rate, of all together where there is none. It
	// defaults to 1, as in an SDK.
	InFlight int
	// Window is how many spans may be on their way to the backend before the next
	// request is sent, where there is no Rate. 0 is no bound.
	Window int
	// Queue is how many spans of a component wait at most while others are sent;
	// what is made beyond that is dropped. 0 is no bound. An SDK's is SDKQueue.
	Queue int
	// Retry is what happens to a request that is refused.
	Retry Retry
}

// Result is what a ledger does not know of a run.
type Result struct {
	// Seconds is how long spans were made.
	Seconds float64 `json:"seconds"`
	// Made are the spans that there were to send, and Dropped those of them for
	// which a full queue had no place.
	Made    int `json:"made"`
	Dropped int `json:"dropped"`
	// Attempts are requests sent, and Refused those that were not taken, by the
	// code of the answer.
	Attempts int            `json:"attempts"`
	Refused  map[string]int `json:"refused,omitempty"`
}

// Generator sends recorded requests with new ids.
type Generator struct {
	settings Settings
	book     *ledger.Ledger
	senders  []*sender

	mu     sync.Mutex
	result Result
}

// sender is one component, with a connection of its own.
type sender struct {
	connection *grpc.ClientConn
	templates  []*template
	next       int
	share      float64 // of the spans of all
	made       float64
	waiting    chan *template

	mu     sync.Mutex
	queued int
}

// New makes a generator of the components of a recording, which send as much in
// proportion to each other as they did while the cluster was busy.
func New(recording Recording, table Table, book *ledger.Ledger, settings Settings) (*Generator, error) {
	g := &Generator{settings: settings, book: book}
	g.settings.InFlight = max(1, settings.InFlight)
	shares, all := map[string]float64{}, 0.0
	for _, component := range table.Busy.Components {
		shares[component.Name] = float64(component.Spans)
		all += float64(component.Spans)
	}
	for _, name := range slices.Sorted(maps.Keys(recording)) {
		if shares[name] == 0 {
			return nil, errors.Join(fmt.Errorf("%s knows nothing of %q", TableFile, name), g.Close())
		}
		s := &sender{share: shares[name] / all}
		g.senders = append(g.senders, s)
		requests := recording[name]
		if settings.Batched {
			var err error
			if requests, err = Rebatch(requests, BatchAt(settings.Rate*s.share)); err != nil {
				return nil, errors.Join(fmt.Errorf("%s: %w", name, err), g.Close())
			}
		}
		for _, request := range requests {
			t, err := newTemplate(request)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("%s of %s: %w", RecordingFile, name, err), g.Close())
			}
			s.templates = append(s.templates, t)
		}
		// The components set nothing else: no compression, and a request fails at
		// once while there is no connection. They come back sooner here than with
		// gRPC's pauses of up to two minutes, which are not what is measured.
		var err error
		s.connection, err = grpc.NewClient("passthrough:///"+settings.Target,
			grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithConnectParams(quickly))
		if err != nil {
			return nil, errors.Join(err, g.Close())
		}
	}
	if len(g.senders) == 0 {
		return nil, fmt.Errorf("the recording is empty: go run ./pipeline/cmd/record")
	}
	return g, nil
}

// Close closes the connections.
func (g *Generator) Close() error {
	var errs []error
	for _, s := range g.senders {
		if s.connection != nil {
			errs = append(errs, s.connection.Close())
		}
	}
	return errors.Join(errs...)
}

// Run makes spans for a while, and returns once each has been acknowledged or
// given up. The context ends it at once. It may be run again.
func (g *Generator) Run(ctx context.Context, duration time.Duration) (Result, error) {
	began := time.Now()
	g.mu.Lock()
	g.result = Result{Refused: map[string]int{}}
	g.mu.Unlock()
	making, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var wait sync.WaitGroup
	if g.settings.Rate > 0 {
		for _, s := range g.senders {
			s.waiting = make(chan *template, 1<<16)
			wait.Go(func() { g.pace(making, s) })
			for range g.settings.InFlight {
				wait.Go(func() {
					for t := range s.waiting {
						s.wait(-len(t.spans))
						g.send(ctx, s, t)
					}
				})
			}
		}
	} else {
		for range g.settings.InFlight {
			wait.Go(func() {
				for g.room(making) {
					s, t := g.choose()
					g.send(ctx, s, t)
				}
			})
		}
	}
	<-making.Done()
	g.mu.Lock()
	g.result.Seconds = time.Since(began).Seconds()
	g.mu.Unlock()
	wait.Wait()
	return g.result, context.Cause(ctx)
}

// pace makes a component's spans at its share of the rate.
func (g *Generator) pace(ctx context.Context, s *sender) {
	defer close(s.waiting)
	due := time.Now()
	for {
		t := s.templates[s.next%len(s.templates)]
		s.next++
		// A request is sent when its last span has been made.
		due = due.Add(time.Duration(float64(len(t.spans)) / (g.settings.Rate * s.share) * float64(time.Second)))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		full := g.settings.Queue > 0 && s.wait(0)+len(t.spans) > g.settings.Queue
		if !full {
			s.wait(len(t.spans))
			select {
			case s.waiting <- t:
			default: // more than a queue without a bound was meant to hold
				s.wait(-len(t.spans))
				full = true
			}
		}
		g.mu.Lock()
		g.result.Made += len(t.spans)
		if full {
			g.result.Dropped += len(t.spans)
		}
		g.mu.Unlock()
	}
}

// wait changes how many spans wait, and returns it.
func (s *sender) wait(change int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued += change
	return s.queued
}

// room waits until there is room in the window, and says whether there is before
// the context ends.
func (g *Generator) room(ctx context.Context) bool {
	for ctx.Err() == nil {
		open, fewer := g.book.Open()
		if g.settings.Window == 0 || open < g.settings.Window {
			return true
		}
		select {
		case <-ctx.Done():
		case <-fewer:
		}
	}
	return false
}

// choose is the next request of the component that is furthest behind its share.
func (g *Generator) choose() (*sender, *template) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := slices.MinFunc(g.senders, func(a, b *sender) int {
		if a.made/a.share < b.made/b.share {
			return -1
		}
		return 1
	})
	t := s.templates[s.next%len(s.templates)]
	s.next++
	s.made += float64(len(t.spans))
	g.result.Made += len(t.spans)
	return s, t
}

// send sends a request until it is taken or given up.
func (g *Generator) send(ctx context.Context, s *sender, t *template) {
	first := g.book.Issue(len(t.spans))
	request := t.fill(nil, g.book, first)
	g.book.Send(first, len(t.spans))
	err := g.settings.Retry.do(ctx, func(ctx context.Context) error {
		response, err := wire.Export(ctx, s.connection, request)
		if err == nil {
			err = wire.Rejected(response)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.result.Attempts++
		if err != nil {
			g.result.Refused[status.Code(err).String()]++
		}
		return err
	})
	if err != nil {
		g.book.GiveUp(first, len(t.spans))
		return
	}
	g.book.Acknowledge(first, len(t.spans))
}
