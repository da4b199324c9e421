package collector

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"

	"kubetrace"
	"kubetrace/tracing"
)

// The two loopback addresses. Where a machine has no IPv6, its case is skipped.
const (
	ipv4 = "127.0.0.1"
	ipv6 = "::1"
)

// delivery is how long a span may take from a component to the backend: the
// exporter fills a batch for a second.
const delivery = 15 * time.Second

func TestSpansAreDelivered(t *testing.T) {
	for _, test := range []struct {
		name     string
		sink     func(testing.TB) (*Sink, string) // the backend and the exporter's endpoint
		exporter tracing.ExporterSpec
		abstract bool // from a socket in the abstract namespace instead of TCP
		host     string
	}{
		{name: "grpc", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Protocol: "grpc"}},
		{name: "grpc from an abstract socket", host: ipv4, sink: plainGRPC, abstract: true},
		{name: "grpc over IPv6", host: ipv6, sink: plainGRPC},
		{name: "grpc with zstd", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "zstd"}},
		{name: "grpc with snappy", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "snappy"}},
		{name: "grpc uncompressed", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "none"}},
		{name: "grpc by way of the resolver", host: ipv4, sink: func(tb testing.TB) (*Sink, string) {
			sink, address := plainGRPC(tb)
			return sink, "dns:///" + address
		}},
		{name: "http", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http"}},
		{name: "http from an abstract socket", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http"}, abstract: true},
		{name: "http uncompressed", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http", Compression: "none"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sink, exporterEndpoint := test.sink(t)
			spec := localSpec(t, test.host)
			spec.ClusterName = "east"
			if test.abstract {
				// With the process' number, so that two runs do not meet.
				spec.Endpoint = fmt.Sprintf("unix-abstract:///kubetrace-conformance-%d", os.Getpid())
			}
			spec.Collector.Exporter = test.exporter
			spec.Collector.Exporter.Endpoint = exporterEndpoint
			spec.Collector.Exporter.Insecure = true
			container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
			before := listening(t)
			collector := Start(t, container.Config)

			// The addresses are those of the probes and of the spec, all loopback.
			if len(container.Probes) == 0 {
				t.Error("the container has no probes over HTTP")
			}
			for _, url := range container.Probes {
				get(t, url)
			}
			metricsURL := "http://" + net.JoinHostPort(test.host, strconv.Itoa(int(spec.Collector.MetricsPort))) + "/metrics"
			if metrics := get(t, metricsURL); !strings.Contains(metrics, "otelcol_process_") {
				t.Errorf("the collector's metrics are:\n%s", metrics)
			}
			for address := range listening(t) {
				if !before[address] && !address.Addr().IsLoopback() {
					t.Errorf("the collector listens on %s, which other nodes reach", address)
				}
			}

			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			want := map[string]any{
				"service.name":        "etcd",
				"service.instance.id": "node-1",
				"k8s.node.name":       "node-1",
				"k8s.cluster.name":    "east",
			}
			if diff := cmp.Diff(want, resource(sink.Wait(t, 1, delivery)[0])); diff != "" {
				t.Errorf("etcd's resource (-want +got):\n%s", diff)
			}
			// What a component says of itself stays; what it says of the node does not.
			Send(t, spec.Endpoint, map[string]any{"service.name": "apiserver", "service.instance.id": "apiserver-1", "k8s.node.name": "elsewhere"})
			want["service.name"], want["service.instance.id"] = "apiserver", "apiserver-1"
			if diff := cmp.Diff(want, resource(sink.Wait(t, 2, delivery)[1])); diff != "" {
				t.Errorf("kube-apiserver's resource (-want +got):\n%s", diff)
			}
			// The counters that the run-books name.
			metrics := get(t, metricsURL)
			for _, counter := range []string{"otelcol_receiver_accepted_spans", "otelcol_exporter_sent_spans"} {
				if !strings.Contains(metrics, "\n"+counter) {
					t.Errorf("the collector's metrics lack %s:\n%s", counter, metrics)
				}
			}
			// A deprecated key is a configuration that will not start one day.
			for _, warning := range collector.Log(zapcore.WarnLevel) {
				t.Errorf("the collector's log has a %s", warning)
			}
		})
	}
}

// The names of the exporters changed with 0.144; the old ones are still read.
func TestConfigurationOfEachRowIsReadByTheNewest(t *testing.T) {
	for _, release := range tracing.CollectorReleases() {
		for _, protocol := range []string{"grpc", "http"} {
			t.Run(release.From+" "+protocol, func(t *testing.T) {
				spec := localSpec(t, ipv4)
				spec.Collector.Version = release.From
				spec.Collector.Exporter = tracing.ExporterSpec{Protocol: protocol, Endpoint: "https://otlp.example.com:4318"}
				if protocol == "grpc" {
					spec.Collector.Exporter.Endpoint = "otlp.example.com:4317"
				}
				container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
				if err := DryRun(t.Context(), container.Config); err != nil {
					t.Errorf("%v\n%s", err, container.Config)
				}
			})
		}
	}
}

// The judge itself is judged: it refuses what the collector cannot run.
func TestCollectorRefusesWhatItCannotRun(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"an unknown key", "flush_timeout:", "flush_time:", "has invalid keys: flush_time"},
		{"an unknown component", "health_check", "healthcheck", "unknown type"},
		{"a component that is not configured", "- resource/node", "- resource/cluster", "not configured"},
		{"a value that cannot be", "limit_percentage: 80", "limit_percentage: 180", "limit_percentage"},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := localSpec(t, ipv4)
			container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
			config := strings.ReplaceAll(container.Config, test.old, test.new)
			if config == container.Config {
				t.Fatalf("the configuration has no %q to replace:\n%s", test.old, config)
			}
			if err := DryRun(t.Context(), config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the collector says %v; want an error with %q", err, test.want)
			}
		})
	}
}

func plainGRPC(tb testing.TB) (*Sink, string) {
	sink := NewGRPCSink(tb, nil)
	return sink, sink.Address
}

func plainHTTP(tb testing.TB) (*Sink, string) {
	sink := NewHTTPSink(tb, nil)
	return sink, "http://" + sink.Address
}

// localSpec returns a spec whose collector takes free ports, so that the tests
// disturb nothing that runs on this machine.
func localSpec(tb testing.TB, host string) tracing.TracingSpec {
	tb.Helper()
	ports := freePorts(tb, host, 3)
	return tracing.TracingSpec{
		KubernetesVersion: "1.37",
		Endpoint:          net.JoinHostPort(host, strconv.Itoa(int(ports[0]))),
		Collector:         tracing.CollectorSpec{HealthPort: ports[1], MetricsPort: ports[2]},
	}
}

// nextPort goes round the hundred ports of this process. They are below the range
// from which Linux takes the ports of outgoing connections and of listeners that
// name none, and other runs of these tests most likely have another hundred.
var nextPort atomic.Int32

// freePorts returns ports that nothing listens on.
func freePorts(tb testing.TB, host string, n int) []int32 {
	tb.Helper()
	const first, hundreds, size = 20_000, 120, 100
	base := first + size*int32(os.Getpid()%hundreds)
	var ports []int32
	for range size {
		port := base + nextPort.Add(1)%size
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			continue
		case errors.Is(err, syscall.EADDRNOTAVAIL) && host == ipv6:
			tb.Skipf("this machine has no IPv6 loopback address: %v", err)
		case err != nil:
			tb.Fatal(err)
		}
		_ = listener.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports
		}
	}
	tb.Fatalf("fewer than %d ports are free from %d to %d", n, base, base+size-1)
	return nil
}

func collectorYAML(tb testing.TB, spec tracing.TracingSpec) []byte {
	tb.Helper()
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		tb.Fatal(err)
	}
	files, err := bundle.FS()
	if err != nil {
		tb.Fatal(err)
	}
	data, err := fs.ReadFile(files, "collector.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// resource returns the resource attributes of an export with one span.
func resource(export Export) map[string]any {
	return export.Traces.ResourceSpans().At(0).Resource().Attributes().AsRaw()
}

func get(tb testing.TB, url string) string {
	tb.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		tb.Errorf("GET: %v", err)
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		tb.Errorf("GET %s: %s %v", url, response.Status, err)
	}
	return string(body)
}
