package jaeger_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"kubetrace/e2e/components"
	"kubetrace/e2e/jaeger"
)

// kept is how many traces the Jaeger of the test keeps.
const kept = 200

// TestProgram asks the Jaeger of the clusters what the client says of its API.
func TestProgram(t *testing.T) {
	receiver, client := program(t)
	begin := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)

	traces := ptrace.NewTraces()
	of := func(service, node string) ptrace.SpanSlice {
		resource := traces.ResourceSpans().AppendEmpty()
		resource.Resource().Attributes().PutStr("service.name", service)
		resource.Resource().Attributes().PutStr("k8s.node.name", node)
		return resource.ScopeSpans().AppendEmpty().Spans()
	}
	add := func(spans ptrace.SpanSlice, trace, id, parent byte, at time.Duration) ptrace.Span {
		span := spans.AppendEmpty()
		span.SetName(fmt.Sprintf("span %d", id))
		span.SetTraceID(pcommon.TraceID{0: 1, 15: trace})
		span.SetSpanID(pcommon.SpanID{7: id})
		if parent != 0 {
			span.SetParentSpanID(pcommon.SpanID{7: parent})
		}
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(begin.Add(at)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(at + time.Millisecond)))
		return span
	}
	add(of("apiserver", "node-1"), 1, 1, 0, 0).Attributes().PutInt("rpc.code", 14)
	child := add(of("etcd", "node-2"), 1, 2, 1, -time.Second) // its clock is behind
	child.Status().SetCode(ptrace.StatusCodeError)
	child.Events().AppendEmpty().Attributes().PutStr("said", "no")
	link := child.Links().AppendEmpty()
	link.SetTraceID(pcommon.TraceID{0: 1, 15: 9})
	link.SetSpanID(pcommon.SpanID{7: 9})
	export(t, receiver, traces)
	traces = ptrace.NewTraces()
	add(of("apiserver", "node-2"), 2, 3, 0, time.Second)
	export(t, receiver, traces)

	for name, test := range map[string]struct {
		query jaeger.Query
		want  []string
	}{
		"service":                       {jaeger.Query{Service: "apiserver"}, []string{"1", "2"}},
		"attribute of the resource":     {jaeger.Query{Service: "apiserver", Tags: map[string]string{"k8s.node.name": "node-2"}}, []string{"2"}},
		"attribute, a number":           {jaeger.Query{Service: "apiserver", Tags: map[string]string{"rpc.code": "14"}}, []string{"1"}},
		"attribute of an event":         {jaeger.Query{Service: "etcd", Tags: map[string]string{"said": "no"}}, []string{"1"}},
		"of two spans of a trace":       {jaeger.Query{Service: "etcd", Tags: map[string]string{"rpc.code": "14"}}, nil},
		"start":                         {jaeger.Query{Service: "apiserver", Start: begin.Add(time.Millisecond)}, []string{"2"}},
		"limit, what came last":         {jaeger.Query{Service: "apiserver", Limit: 1}, []string{"2"}},
		"as high a limit as it takes":   {jaeger.Query{Service: "apiserver", Limit: kept}, []string{"1", "2"}},
		"a service that nobody has":     {jaeger.Query{Service: "kubelet"}, nil},
		"start of a span of another":    {jaeger.Query{Service: "etcd", Start: begin}, nil},
		"start, and the spans below it": {jaeger.Query{Service: "apiserver", Start: begin, Tags: map[string]string{"rpc.code": "14"}}, []string{"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := client.Traces(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, trace := range found {
				got = append(got, trace.ID[31:])
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("traces (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("spans", func(t *testing.T) {
		found, err := client.Traces(t.Context(), jaeger.Query{Service: "etcd"})
		if err != nil || len(found) != 1 || len(found[0].Spans) != 2 {
			t.Fatalf("%+v, %v", found, err)
		}
		first, second := found[0].Spans[0], found[0].Spans[1]
		if !first.Start.Equal(begin.Add(-time.Second)) || !second.Start.Equal(begin) || second.Duration != time.Millisecond {
			t.Errorf("Jaeger has changed a time: %s, and %s for %s", first.Start, second.Start, second.Duration)
		}
		if first.ParentID != second.ID || second.ParentID != "" || !first.Error || second.Error || second.Tags["rpc.code"] != "14" {
			t.Errorf("the spans are %+v", found[0].Spans)
		}
		if diff := cmp.Diff([]jaeger.Link{{Type: jaeger.FollowsFrom, TraceID: "01" + strings.Repeat("0", 29) + "9", SpanID: fmt.Sprintf("%016x", 9)}}, first.Links); diff != "" {
			t.Errorf("links (-want +got):\n%s", diff)
		}
		if root, ok := found[0].Root(); !ok || root.Resource["k8s.node.name"] != "node-1" {
			t.Errorf("the root is %+v", root)
		}
	})
	t.Run("services", func(t *testing.T) {
		services, err := client.Services(t.Context())
		if diff := cmp.Diff([]string{"apiserver", "etcd"}, services); diff != "" || err != nil {
			t.Errorf("%v, services (-want +got):\n%s", err, diff)
		}
	})
	t.Run("a limit above what it keeps", func(t *testing.T) {
		if _, err := client.Traces(t.Context(), jaeger.Query{Service: "etcd", Limit: kept + 1}); err == nil || !strings.Contains(err.Error(), "max traces") {
			t.Errorf("the error is %v", err)
		}
	})
}

// program runs Jaeger, with what a cluster's has of this, on ports of its own until
// the test ends.
func program(t *testing.T) (receiver string, client jaeger.Client) {
	t.Helper()
	_, path, err := components.Jaeger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ports := freeAddresses(t, 3)
	receiver = ports[0]
	config := fmt.Sprintf(`yaml:
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}
  telemetry: {metrics: {level: none}}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: %d}}}}
  jaeger_query: {storage: {traces: memory}, grpc: {endpoint: %q}, http: {endpoint: %q}}
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
`, kept, ports[1], ports[2], receiver)
	command := exec.CommandContext(t.Context(), path, "--config="+config)
	command.Env = []string{"OTEL_TRACES_SAMPLER=always_off"}
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("Jaeger printed:\n%s", printed.String())
		}
	})
	client = jaeger.Client{URL: "http://" + ports[2]}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := client.Services(t.Context()); err == nil {
			return receiver, client
		} else if time.Now().After(deadline) {
			t.Fatalf("Jaeger does not answer: %v", err)
		}
	}
}

// freeAddresses returns loopback addresses that nothing listens on.
func freeAddresses(t *testing.T, n int) (addresses []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // all are held until they are known, so that they differ
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// export sends spans as a collector does. Without a batch processor they are stored
// when it is answered.
func export(t *testing.T, receiver string, traces ptrace.Traces) {
	t.Helper()
	connection, err := grpc.NewClient(receiver, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := ptraceotlp.NewGRPCClient(connection).Export(ctx, ptraceotlp.NewExportRequestFromTraces(traces), grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
}
