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
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // the exporters compress by default
	"google.golang.org/grpc/metadata"
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

	mu      sync.Mutex
	exports []Export
}

// NewGRPCSink starts an OTLP/gRPC backend. A nil TLS configuration is plain text.
func NewGRPCSink(tb testing.TB, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	return newGRPCSinkAt(tb, "127.0.0.1:0", tlsConfig)
}

// newGRPCSinkAt starts an OTLP/gRPC backend at an address.
func newGRPCSinkAt(tb testing.TB, address string, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	sink, listener := newSink(tb, address)
	var options []grpc.ServerOption
	if tlsConfig != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(tlsConfig)))
	}
	server := grpc.NewServer(options...)
	ptraceotlp.RegisterGRPCServer(server, &grpcSink{Sink: sink})
	go func() {
		// A test that ends at once stops the server before it serves.
		if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("OTLP/gRPC sink at %s: %v", sink.Address, err)
		}
	}()
	tb.Cleanup(server.Stop)
	return sink
}

// NewHTTPSink starts an OTLP/HTTP backend that takes any path.
// A nil TLS configuration is plain text.
func NewHTTPSink(tb testing.TB, tlsConfig *tls.Config) *Sink {
	tb.Helper()
	sink, listener := newSink(tb, "127.0.0.1:0")
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

func newSink(tb testing.TB, address string) (*Sink, net.Listener) {
	tb.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		tb.Fatalf("sink: %v", err)
	}
	return &Sink{Address: listener.Addr().String(), arrived: make(chan struct{}, 1024)}, listener
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
	header, _ := metadata.FromIncomingContext(ctx)
	s.add(Export{Traces: request.Traces(), Header: header})
	return ptraceotlp.NewExportResponse(), nil
}

func (s *Sink) serveHTTP(w http.ResponseWriter, r *http.Request) {
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
