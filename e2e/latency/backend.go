package latency

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // the collector compresses by default
)

// backend takes spans and counts those of this package's requests. It can be
// away.
type backend struct {
	ptraceotlp.UnimplementedGRPCServer

	listen func() (net.Listener, error)
	server *grpc.Server
	served chan error

	mu     sync.Mutex
	counts map[origin]map[string]int // by service
}

// start has it listen.
func (b *backend) start() error {
	listener, err := b.listen()
	if err != nil {
		return fmt.Errorf("start the backend: %w", err)
	}
	server, served := grpc.NewServer(), make(chan error, 1)
	ptraceotlp.RegisterGRPCServer(server, b)
	go func() { served <- server.Serve(listener) }()
	b.server, b.served = server, served
	return nil
}

// stop closes its port and all connections.
func (b *backend) stop() error {
	if b.server == nil {
		return nil
	}
	b.server.Stop()
	b.server = nil
	if err := <-b.served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("the backend: %w", err)
	}
	return nil
}

// Export is the collector's to call.
func (b *backend) Export(_ context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, resource := range request.Traces().ResourceSpans().All() {
		service, _ := resource.Resource().Attributes().Get("service.name")
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				if from, ours := originOfSpan(span); ours {
					b.count(from, service.Str())
				}
			}
		}
	}
	return ptraceotlp.NewExportResponse(), nil
}

func (b *backend) count(from origin, service string) {
	if b.counts == nil {
		b.counts = map[origin]map[string]int{}
	}
	if b.counts[from] == nil {
		b.counts[from] = map[string]int{}
	}
	b.counts[from][service]++
}

// originOfSpan is that of the request that a span belongs to.
func originOfSpan(span ptrace.Span) (origin, bool) {
	if from, ours := readOrigin(span.TraceID()); ours {
		return from, true
	}
	// The kubelet follows nobody's trace.
	agent, _ := span.Attributes().Get("user_agent.original")
	return readAgent(agent.Str())
}

// arrived are the spans of an origin, by service.
func (b *backend) arrived(from origin) map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.counts[from])
}
