package collector

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// Send exports one span in plain text, as Kubernetes components do, with the
// given resource attributes. The target is what they would be configured with:
// host:port or unix-abstract:///name.
func Send(tb testing.TB, target string, resource map[string]any) {
	tb.Helper()
	if err := send(tb, target, resource); err != nil {
		tb.Fatalf("send a span to %s: %v", target, err)
	}
}

func send(tb testing.TB, target string, resource map[string]any) error {
	tb.Helper()
	return sendWith(tb, target, resource, insecure.NewCredentials())
}

// sendTLS exports one span with TLS.
func sendTLS(tb testing.TB, target string, resource map[string]any, config *tls.Config) error {
	tb.Helper()
	return sendWith(tb, target, resource, credentials.NewTLS(config))
}

func sendWith(tb testing.TB, target string, resource map[string]any, transport credentials.TransportCredentials) error {
	tb.Helper()
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(transport))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	ctx, cancel := context.WithTimeout(tb.Context(), 10*time.Second)
	defer cancel()
	request := ptraceotlp.NewExportRequestFromTraces(span(tb, resource))
	_, err = ptraceotlp.NewGRPCClient(connection).Export(ctx, request)
	return err
}

func span(tb testing.TB, resource map[string]any) ptrace.Traces {
	tb.Helper()
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	if err := rs.Resource().Attributes().FromRaw(resource); err != nil {
		tb.Fatalf("resource attributes: %v", err)
	}
	s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetName("conformance")
	s.SetTraceID(pcommon.TraceID{1})
	s.SetSpanID(pcommon.SpanID{1})
	return traces
}
