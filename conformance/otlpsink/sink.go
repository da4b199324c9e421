// Package otlpsink is a collector for tests: it listens for OTLP traces over
// gRPC, keeps every span that arrives and tells a test when enough of them have.
//
//	sink := otlpsink.Listen(t, "127.0.0.1:0")
//	spec.Endpoint = sink.Endpoint()
//	…
//	spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) >= 3 })
//
// It understands the senders of OpenTelemetry 0.20 (Kubernetes 1.22, etcd 3.5.0)
// up to today's, since the messages kept their numbers. It listens on loopback or
// on an abstract Unix socket, in plain text, and needs Linux for the latter.
package otlpsink

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // senders may compress
)

// Sink keeps the spans that it is sent.
type Sink struct {
	collectortrace.UnimplementedTraceServiceServer

	endpoint string

	mu      sync.Mutex
	spans   []Span
	arrived chan struct{} // closed, and made anew, when spans arrive
}

// Listen starts a sink that ends with the test. The address is a loopback one,
// "127.0.0.1:0" for any free port, or "unix-abstract:///name".
func Listen(t testing.TB, address string) *Sink {
	t.Helper()
	listener, endpoint, err := listen(address)
	if err != nil {
		t.Fatalf("sink: %v", err)
	}
	sink := &Sink{endpoint: endpoint, arrived: make(chan struct{})}
	server := grpc.NewServer()
	collectortrace.RegisterTraceServiceServer(server, sink)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("sink at %s: %v", endpoint, err)
		}
	})
	return sink
}

// listen returns a listener and what a component has to be told to reach it.
func listen(address string) (net.Listener, string, error) {
	if name, ok := strings.CutPrefix(address, "unix-abstract:///"); ok && name != "" {
		// Go writes the zero byte in front of an abstract name as @, and gRPC
		// keeps the slash of the URL.
		listener, err := net.Listen("unix", "@/"+name)
		return listener, address, err
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, "", fmt.Errorf(`cannot listen on %q: write "127.0.0.1:0", "[::1]:0" or "unix-abstract:///name"`, address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", err
	}
	return listener, listener.Addr().String(), nil
}

// Endpoint is what a component is given to send here: "127.0.0.1:34567" or
// "unix-abstract:///name".
func (s *Sink) Endpoint() string { return s.endpoint }

// Export takes what a sender sends. It is gRPC's, not a test's, to call.
func (s *Sink) Export(_ context.Context, request *collectortrace.ExportTraceServiceRequest) (*collectortrace.ExportTraceServiceResponse, error) {
	spans := flatten(request.GetResourceSpans())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans = append(s.spans, spans...)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return &collectortrace.ExportTraceServiceResponse{}, nil
}

// Spans returns every span so far, in the order of arrival.
func (s *Sink) Spans() []Span {
	spans, _ := s.state()
	return spans
}

// state returns every span so far and a channel that is closed at the next one.
func (s *Sink) state() ([]Span, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.spans), s.arrived
}

// Wait returns every span so far as soon as they are enough. When the context
// ends before that, the error says from whom how many have come.
func (s *Sink) Wait(ctx context.Context, enough func([]Span) bool) ([]Span, error) {
	for {
		spans, arrived := s.state()
		if enough(spans) {
			return spans, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return spans, fmt.Errorf("sink at %s: not enough spans: %w: there are %s", s.endpoint, context.Cause(ctx), describe(Count(spans)))
		}
	}
}

// Source is who sent a span.
type Source struct {
	// Service and Instance are the resource's service.name and
	// service.instance.id, empty where it has none.
	Service, Instance string
}

// Count returns how many spans came from whom.
func Count(spans []Span) map[Source]int {
	counts := map[Source]int{}
	for _, span := range spans {
		counts[span.Source()]++
	}
	return counts
}

func describe(counts map[Source]int) string {
	if len(counts) == 0 {
		return "none"
	}
	sources := slices.SortedFunc(maps.Keys(counts), func(a, b Source) int {
		return strings.Compare(a.Service+"\x00"+a.Instance, b.Service+"\x00"+b.Instance)
	})
	var parts []string
	for _, source := range sources {
		parts = append(parts, fmt.Sprintf("%d of service %q instance %q", counts[source], source.Service, source.Instance))
	}
	return strings.Join(parts, ", ")
}
