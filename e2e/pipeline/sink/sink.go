package sink

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // what collectors compress with by default

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/wire"
)

// Settings of a Sink.
type Settings struct {
	// MaxMessage is how many bytes a request may have, uncompressed. It defaults
	// to gRPC's own 4 MiB.
	MaxMessage int
}

// Counts are what a sink saw.
type Counts struct {
	// Requests are all that came, Refused those of them that a Fault refused, and
	// TooLarge those that were not read since they were larger than MaxMessage.
	Requests int `json:"requests"`
	Refused  int `json:"refused"`
	TooLarge int `json:"tooLarge"`
	// Wire are the bytes of the requests as they came, and Bytes those of them
	// without compression.
	Wire  int `json:"wire"`
	Bytes int `json:"bytes"`
	// Spans are all that came, and Rejected those of them that were not taken
	// though their request was.
	Spans    int `json:"spans"`
	Rejected int `json:"rejected"`
	// Connections are those that were made.
	Connections int `json:"connections"`
}

// Sink is a backend on two ports of the loopback interface, one for gRPC and one
// for HTTP.
type Sink struct {
	book     *ledger.Ledger
	settings Settings
	grpc     server
	http     server

	mu     sync.Mutex
	fault  Fault
	counts Counts
}

// server is one of the two.
type server struct {
	address string
	stop    func()
	served  chan error
}

// Listen starts a sink on free ports.
func Listen(book *ledger.Ledger, settings Settings) (*Sink, error) {
	if settings.MaxMessage == 0 {
		settings.MaxMessage = 4 << 20
	}
	const free = "127.0.0.1:0"
	s := &Sink{book: book, settings: settings, grpc: server{address: free}, http: server{address: free}}
	return s, s.Back()
}

// Address is the host:port of the sink for gRPC, the same for as long as it lives.
func (s *Sink) Address() string { return s.grpc.address }

// HTTPAddress is the one for HTTP.
func (s *Sink) HTTPAddress() string { return s.http.address }

// Back listens, for the first time or after Away.
func (s *Sink) Back() error {
	byGRPC := wire.NewServer(s.export, grpc.MaxRecvMsgSize(s.settings.MaxMessage), grpc.StatsHandler(watcher{s}))
	byHTTP := s.newHTTP()
	return errors.Join(
		s.grpc.start(byGRPC.Serve, byGRPC.Stop),
		s.http.start(byHTTP.Serve, func() { _ = byHTTP.Close() }),
	)
}

// Away closes the ports and cuts every connection.
func (s *Sink) Away() error { return errors.Join(s.grpc.end(), s.http.end()) }

func (s *server) start(serve func(net.Listener) error, stop func()) error {
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	s.address, s.stop, s.served = listener.Addr().String(), stop, make(chan error, 1)
	go func() { s.served <- serve(listener) }()
	return nil
}

func (s *server) end() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.stop = nil
	if err := <-s.served; err != nil && !errors.Is(err, grpc.ErrServerStopped) && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends the sink.
func (s *Sink) Close() error { return s.Away() }

// Answer says how requests are answered from now on.
func (s *Sink) Answer(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Counts are those so far.
func (s *Sink) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

func (s *Sink) export(ctx context.Context, request wire.Raw) (wire.Raw, error) {
	var ids [][]byte
	if err := wire.Spans(request, func(span wire.Span) { ids = append(ids, span.ID) }); err != nil {
		return nil, err
	}
	s.mu.Lock()
	fault := s.fault
	s.counts.Spans += len(ids)
	rejected := 0
	refusal := fault.refusal()
	if refusal != nil {
		s.counts.Refused++
	} else {
		rejected = min(fault.Reject, len(ids))
		s.counts.Rejected += rejected
	}
	s.mu.Unlock()
	if refusal == nil || fault.Taken {
		s.book.Arrive(ids[rejected:])
	}
	if fault.Delay > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(fault.Delay):
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	if fault.Silent {
		rejected = 0
	}
	return response(rejected)
}
