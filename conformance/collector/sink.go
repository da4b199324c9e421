package collector

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // the exporters compress by default
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Export is one request that arrived at a sink.
type Export struct {
	Traces ptrace.Traces
	// Header holds the request's headers, or its metadata where it came by gRPC;
	// the names are in lower case in either.
	Header map[string][]string
	// Path is the path of an HTTP request, empty for gRPC.
	Path string
}

// Sink is an OTLP backend on a free port of the loopback interface. It ends
// with the test that started it.
type Sink struct {
	// Address is the host:port that an exporter sends to.
	Address string

	arrived chan struct{} // one token for each export, so that Wait needs no polling

	tls  *tls.Config // of the next Serve; nil is plain text
	stop func()

	mu      sync.Mutex
	exports []Export
	refusal codes.Code
}

// NewGRPCSink starts an OTLP/gRPC backend. A nil TLS configuration is plain text.
func NewGRPCSink(tb testing.TB, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	return newGRPCSinkAt(tb, "127.0.0.1:0", tlsConfig)
}

// newGRPCSinkAt starts an OTLP/gRPC backend at an address.
func newGRPCSinkAt(tb testing.TB, address string, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	sink := newSink(address, tlsConfig)
	sink.Serve(tb)
	return sink
}

// Serve starts a gRPC backend, anew where it was stopped, at its address.
func (s *Sink) Serve(tb testing.TB) {
	tb.Helper()
	listener := s.listen(tb)
	var options []grpc.ServerOption
	if s.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.tls)))
	}
	server := grpc.NewServer(options...)
	ptraceotlp.RegisterGRPCServer(server, &grpcSink{Sink: s})
	go func() {
		// A test that ends at once stops the server before it serves.
		if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("OTLP/gRPC sink at %s: %v", s.Address, err)
		}
	}()
	s.stop = server.Stop
	tb.Cleanup(server.Stop)
}

// Stop ends a gRPC backend and its connections.
func (s *Sink) Stop() { s.stop() }

// Refuse makes the sink answer every request with an error.
func (s *Sink) Refuse(code codes.Code) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = code
}

// refused returns the error to answer with.
func (s *Sink) refused() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal == codes.OK {
		return nil
	}
	return status.Error(s.refusal, "the sink refuses everything")
}

// NewHTTPSink starts an OTLP/HTTP backend that takes any path.
// A nil TLS configuration is plain text.
func NewHTTPSink(tb testing.TB, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	sink := newSink("127.0.0.1:0", tlsConfig)
	listener := sink.listen(tb)
	if tlsConfig != nil {
		listener = tls.NewListener(listener, tlsConfig)
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(sink.serveHTTP),
		ReadHeaderTimeout: 10 * time.Second,
		// Failed handshakes are what some tests want; the collector logs them.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("OTLP/HTTP sink at %s: %v", sink.Address, err)
		}
	}()
	tb.Cleanup(func() { _ = server.Close() })
	return sink
}

func newSink(address string, tlsConfig *tls.Config) *Sink {
	return &Sink{Address: address, tls: tlsConfig, arrived: make(chan struct{}, 1024)}
}

// listen opens the sink's address and keeps the port that it was given.
func (s *Sink) listen(tb testing.TB) net.Listener {
	tb.Helper()
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		tb.Fatalf("sink: %v", err)
	}
	s.Address = listener.Addr().String()
	return listener
}

// Wait returns the exports so far as soon as there are n spans among them.
func (s *Sink) Wait(tb testing.TB, n int, timeout time.Duration) []Export {
	tb.Helper()
	exports, err := s.wait(n, timeout)
	if err != nil {
		tb.Fatal(err)
	}
	return exports
}

func (s *Sink) wait(n int, timeout time.Duration) ([]Export, error) {
	deadline := time.After(timeout)
	for {
		exports, spans := s.snapshot()
		if spans >= n {
			return exports, nil
		}
		select {
		case <-s.arrived:
		case <-deadline:
			return nil, fmt.Errorf("sink at %s: %d of %d spans arrived within %s; the collector's log says why", s.Address, spans, n, timeout)
		}
	}
}

func (s *Sink) snapshot() ([]Export, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spans := 0
	for _, export := range s.exports {
		spans += export.Traces.SpanCount()
	}
	return append([]Export(nil), s.exports...), spans
}

func (s *Sink) add(export Export) {
	s.mu.Lock()
	s.exports = append(s.exports, export)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default: // nobody waits: the snapshot has it
	}
}

type grpcSink struct {
	ptraceotlp.UnimplementedGRPCServer
	*Sink
}

func (s *grpcSink) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	if err := s.refused(); err != nil {
		return ptraceotlp.NewExportResponse(), err
	}
	header, _ := metadata.FromIncomingContext(ctx)
	s.add(Export{Traces: request.Traces(), Header: header})
	return ptraceotlp.NewExportResponse(), nil
}

// refusals are what HTTP has for the codes that a sink refuses with.
var refusals = map[codes.Code]int{
	codes.Unauthenticated:   http.StatusUnauthorized,
	codes.ResourceExhausted: http.StatusTooManyRequests,
	codes.Unavailable:       http.StatusServiceUnavailable,
}

func (s *Sink) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.refused(); err != nil {
		w.WriteHeader(refusals[status.Code(err)])
		return
	}
	traces, err := readTraces(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.add(Export{Traces: traces, Header: lowerKeys(r.Header), Path: r.URL.Path})
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func readTraces(r *http.Request) (ptrace.Traces, error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return ptrace.Traces{}, fmt.Errorf("body is not gzip: %w", err)
		}
		body = unzipped
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return ptrace.Traces{}, fmt.Errorf("read body: %w", err)
	}
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalProto(raw); err != nil {
		return ptrace.Traces{}, fmt.Errorf("body is not an OTLP trace request: %w", err)
	}
	return request.Traces(), nil
}

func lowerKeys(header http.Header) map[string][]string {
	lower := make(map[string][]string, len(header))
	for name, values := range header {
		lower[strings.ToLower(name)] = values
	}
	return lower
}
