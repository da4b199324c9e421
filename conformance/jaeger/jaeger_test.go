package jaeger

import (
	"bytes"
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
	"regexp"
	"strconv"
	"strings"
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

const module = "github.com/jaegertracing/jaeger"

// The two Jaegers are built from one module. The newer one is the default image's.
func TestAllInOne(t *testing.T) {
	version, first, second := releases(t)
	if want := "jaegertracing/jaeger:" + second; tracing.DefaultBackendImage != want {
		t.Errorf("tracing.DefaultBackendImage is %s, but go.mod requires what is %s: move both", tracing.DefaultBackendImage, want)
	}
	for _, test := range []struct{ program, release, image string }{
		{"all-in-one", first, "jaegertracing/all-in-one:" + first},
		{"jaeger", second, ""},
	} {
		t.Run(test.program, func(t *testing.T) {
			t.Attr("component", "jaeger")
			t.Attr("release", test.release[:strings.LastIndexByte(test.release, '.')])
			t.Attr("judge", "starts and answers")
			t.Attr("by", version)
			judge(t, test.program, test.image)
		})
	}
}

// judge runs what is generated for an image.
func judge(t *testing.T, program, image string) {
	deployment, err := backend.Deployment(tracing.TracingSpec{
		KubernetesVersion: "1.34",
		Backend:           tracing.BackendSpec{Image: image},
	})
	if err != nil {
		t.Fatal(err)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	start(t, program, container)

	probe := container.ReadinessProbe.HTTPGet
	waitForOK(t, url(port(t, container, probe.Port.String()), probe.Path))

	const sent = backend.MaxTraces + 500
	send(t, sent)
	// Jaeger stores in the background. All that it keeps are found, with as high a
	// limit as Jaeger 2 takes, and those that came first are gone.
	all := url(backend.QueryPort, fmt.Sprintf("/api/traces?service=apiserver&limit=%d", backend.MaxTraces))
	deadline := time.Now().Add(90 * time.Second)
	for !has(t, sent) || count(t, all) < backend.MaxTraces {
		if time.Now().After(deadline) {
			t.Fatalf("Jaeger shows %d traces, want %d of the %d that were sent", count(t, all), backend.MaxTraces, sent)
		}
		time.Sleep(time.Second)
	}
	if has(t, 1) {
		t.Errorf("Jaeger keeps more than %d traces: of %d that were sent it has the first", backend.MaxTraces, sent)
	}
}

// releases returns the version of the module, and the releases of Jaeger 1 and 2
// that it is, such as "1.76.0" and "2.13.0": its change log says so.
func releases(t *testing.T) (version, first, second string) {
	t.Helper()
	output, err := exec.Command("go", "list", "-mod=readonly", "-m", "-f", "{{.Version}} {{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	version, folder, _ := strings.Cut(strings.TrimSpace(string(output)), " ")
	changes, err := os.ReadFile(filepath.Join(folder, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^v(1\.\S+) / v(2\.\S+) \(`).FindSubmatch(changes)
	if match == nil || version != "v"+string(match[1]) {
		t.Fatalf("the change log of %s %s does not begin with it", module, version)
	}
	return version, string(match[1]), string(match[2])
}

// start builds Jaeger as the module e2e does and runs it as the container would,
// until the test ends.
func start(t *testing.T, program string, container corev1.Container) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), program)
	build := exec.Command("go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", binary, module+"/cmd/"+program)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	built := progress("building Jaeger's " + program + " (the first time takes minutes)")
	out, err := build.CombinedOutput()
	built()
	if err != nil {
		t.Fatalf("%s: %v\n%s", build, err, out)
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
}

// progress tells on standard error that something is still under way, until the
// returned function is called.
func progress(what string) (done func()) {
	begin, ticker, stop := time.Now(), time.NewTicker(15*time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(os.Stderr, "conformance: %s: %s\n", what, time.Since(begin).Round(time.Second))
			case <-stop:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(stop) }
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

// traceID is that of the nth trace.
func traceID(n int) []byte {
	id := make([]byte, 16)
	binary.BigEndian.PutUint64(id, uint64(n))
	return id
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
			id := traceID(i + 1)
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

// count returns how many traces Jaeger finds.
func count(t *testing.T, url string) int {
	t.Helper()
	status, text := get(t, url)
	var found struct{ Data []struct{} }
	if err := json.Unmarshal(text, &found); err != nil || status != http.StatusOK {
		t.Fatalf("%s answers %d and what is no list of traces: %v\n%s", url, status, err, text)
	}
	return len(found.Data)
}

// has says whether Jaeger has the trace that was sent as the nth.
func has(t *testing.T, n int) bool {
	t.Helper()
	status, text := get(t, url(backend.QueryPort, fmt.Sprintf("/api/traces/%032x", traceID(n))))
	if status != http.StatusOK && status != http.StatusNotFound {
		t.Fatalf("asked for a trace, Jaeger answers %d:\n%s", status, text)
	}
	return status == http.StatusOK
}

func get(t *testing.T, url string) (status int, text []byte) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text
}

// TestNotServed is of the newest Jaeger.
func TestNotServed(t *testing.T) {
	t.Attr("component", "jaeger")
	t.Attr("release", "2.20")
	t.Attr("not-served", "tried on 2026-11-30: github.com/jaegertracing/jaeger, whose last version in the proxy's list is v1.76.0, and v2.14.0, v2.14.1 and v2.20.0 of its /v2, of which the proxy has no list; nearest: 2.13.0, which v1.76.0 is too")
}
