package otlpsink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// TestSink sends over each transport what a component would.
func TestSink(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1:0",
		fmt.Sprintf("unix-abstract:///kubetrace-sink-%d", os.Getpid()),
	} {
		t.Run(address, func(t *testing.T) {
			sink := Listen(t, address)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- send(ctx, sink.Endpoint(), &tracepb.ResourceSpans{}, group()) }()

			spans, err := sink.Wait(ctx, func(spans []Span) bool { return len(spans) == 2 })
			if err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Errorf("send: %v", err)
			}
			resource := map[string]string{"service.name": "etcd", "service.instance.id": "a b", "process.pid": "7"}
			want := []Span{
				{Resource: resource, Attributes: map[string]string{"ok": "true", "rate": "0.5"}, Scope: "otelgrpc", Name: "root", Kind: "SERVER", TraceID: "0102", ID: "03"},
				{Resource: resource, Attributes: map[string]string{}, Scope: "otelgrpc", Name: "child", Kind: "UNSPECIFIED", TraceID: "0102", ID: "04", ParentID: "03"},
			}
			if diff := cmp.Diff(want, spans); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, sink.Spans()); diff != "" {
				t.Errorf("spans later (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[Source]int{{Service: "etcd", Instance: "a b"}: 2}, Count(spans)); diff != "" {
				t.Errorf("count (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWaitEnds says that a wait for what does not come ends, and tells what came.
func TestWaitEnds(t *testing.T) {
	sink := Listen(t, "127.0.0.1:0")
	tooMany := func(spans []Span) bool { return len(spans) > 2 }
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sink.Wait(ended, tooMany)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "there are none") {
		t.Errorf("got %v, want an error that says that nothing came", err)
	}

	if err := send(t.Context(), sink.Endpoint(), group()); err != nil {
		t.Fatal(err)
	}
	spans, err := sink.Wait(ended, tooMany)
	if err == nil || !strings.Contains(err.Error(), `2 of service "etcd" instance "a b"`) {
		t.Errorf("got %v, want an error that says who sent what", err)
	}
	if len(spans) != 2 {
		t.Errorf("got %d spans with the error, want the 2 that came", len(spans))
	}
}

func TestListenRefuses(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1", "0.0.0.0:0", ":0", "192.0.2.1:0", "localhost:0", "unix-abstract:///", "unix-abstract:name", "unix:///tmp/socket"} {
		if listener, _, err := listen(address); err == nil {
			t.Errorf("listens on %q at %s", address, listener.Addr())
			listener.Close()
		}
	}
}

// group is what a sender of an older OpenTelemetry sends: the parent of its root
// is eight zeros.
func group() *tracepb.ResourceSpans {
	trace := []byte{1, 2}
	return &tracepb.ResourceSpans{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{
			attribute("service.name", &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "etcd"}}),
			attribute("service.instance.id", &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "a b"}}),
			attribute("process.pid", &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: 7}}),
		}},
		ScopeSpans: []*tracepb.ScopeSpans{{
			Scope: &commonpb.InstrumentationScope{Name: "otelgrpc"},
			Spans: []*tracepb.Span{
				{
					Name: "root", Kind: tracepb.Span_SPAN_KIND_SERVER, TraceId: trace, SpanId: []byte{3}, ParentSpanId: make([]byte, 8),
					Attributes: []*commonpb.KeyValue{
						attribute("ok", &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}),
						attribute("rate", &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: 0.5}}),
					},
				},
				{Name: "child", TraceId: trace, SpanId: []byte{4}, ParentSpanId: []byte{3}},
			},
		}},
	}
}

func attribute(key string, value *commonpb.AnyValue) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: value}
}

func send(ctx context.Context, endpoint string, groups ...*tracepb.ResourceSpans) error {
	conn, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = collectortrace.NewTraceServiceClient(conn).Export(ctx,
		&collectortrace.ExportTraceServiceRequest{ResourceSpans: groups}, grpc.UseCompressor("gzip"))
	return err
}
