package jaeger

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/backend"
	"kubetrace/tracing"
)

const program = "github.com/jaegertracing/jaeger/cmd/all-in-one"

// kept is how many traces the backend is meant to keep.
const kept = 10_000

func TestAllInOne(t *testing.T) {
	t.Attr("component", "jaeger")
	t.Attr("release", "1.62")
	t.Attr("judge", "starts and answers")
	t.Attr("by", "v1.62.0") // as go.mod pins it
	deployment, err := backend.Deployment(tracing.TracingSpec{
		KubernetesVersion: "1.34",
		Backend:           tracing.BackendSpec{Image: "jaegertracing/all-in-one:1.62.0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	start(t, container)

	probe := container.ReadinessProbe.HTTPGet
	waitForOK(t, url(port(t, container, probe.Port.String()), probe.Path))

	send(t, kept+500)
	query := url(backend.QueryPort, "/api/traces?service=apiserver&limit=100000&lookback=1h")
	// Jaeger stores in the background; what is over the bound never shows.
	deadline := time.Now().Add(90 * time.Second)
	for count := 0; count != kept; time.Sleep(time.Second) {
		if count = traces(t, query); count > kept {
			t.Fatalf("Jaeger keeps %d traces, more than %d", count, kept)
		}
		if time.Now().After(deadline) {
			t.Fatalf("Jaeger shows %d traces, want %d of the %d that were sent", count, kept, kept+500)
		}
	}
}

// start builds Jaeger and runs it as the container would, until the test ends.
func start(t *testing.T, container corev1.Container) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "jaeger")
	fmt.Fprintln(os.Stderr, "building", program, "(the first time takes minutes)")
	if out, err := exec.Command("go", "build", "-mod=readonly", "-o", binary, program).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", program, err, out)
	}
	for _, p := range container.Ports {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(p.ContainerPort))))
		if err != nil {
			t.Fatalf("Jaeger needs port %d (%s), which something else has: end that first: %v", p.ContainerPort, p.Name, err)
		}
		listener.Close()
	}
	command := exec.CommandContext(t.Context(), binary, container.Args...)
	command.Env = os.Environ()
	for _, variable := range container.Env {
		command.Env = append(command.Env, variable.Name+"="+variable.Value)
	}
	command.Dir = t.TempDir()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
}

func port(t *testing.T, container corev1.Container, name string) int32 {
	t.Helper()
	for _, p := range container.Ports {
		if p.Name == name {
			return p.ContainerPort
		}
	}
	t.Fatalf("the container has no port %s", name)
	return 0
}

func url(port int32, path string) string { return fmt.Sprintf("http://127.0.0.1:%d%s", port, path) }

func waitForOK(t *testing.T, url string) {
	t.Helper()
	var last error
	for range 100 {
		response, err := http.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
			err = fmt.Errorf("status %s", response.Status)
		}
		last = err
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("%s does not answer: %v", url, last)
}

// send exports as many traces of one span, to the port of the Service.
func send(t *testing.T, count int) {
	t.Helper()
	target := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(tracing.BackendPort)))
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	client := collectortrace.NewTraceServiceClient(connection)
	for first := 0; first < count; first += 500 {
		var spans []*tracepb.Span
		for i := first; i < min(first+500, count); i++ {
			id := make([]byte, 16)
			binary.BigEndian.PutUint64(id, uint64(i+1))
			now := uint64(time.Now().UnixNano())
			spans = append(spans, &tracepb.Span{TraceId: id, SpanId: id[:8], Name: "GET", StartTimeUnixNano: now, EndTimeUnixNano: now + 1000})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := client.Export(ctx, &collectortrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
			Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{
				Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "apiserver"}},
			}}},
			ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
		}}})
		cancel()
		if err != nil {
			t.Fatalf("export to %s: %v", target, err)
		}
		// Jaeger stores from a queue, and drops what has no room in it.
		time.Sleep(100 * time.Millisecond)
	}
}

// traces returns how many traces Jaeger finds.
func traces(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Data []struct{} }
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatalf("%s answers what is no list of traces: %v", url, err)
	}
	return len(found.Data)
}

// TestNotServed is of the default backend, whose settings were read in its
// source.
func TestNotServed(t *testing.T) {
	t.Attr("component", "jaeger")
	t.Attr("release", "2.20")
	t.Attr("not-served", "tried on 2026-11-22: cmd/jaeger needs a module without a checksum; nearest: none of 2.x")
}
