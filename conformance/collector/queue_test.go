package collector

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/util/version"

	"kubetrace/tracing"
)

// A queue on disk outlives the collector: what was accepted while the backend was
// away is delivered by the next collector on the node. One in memory shows that
// the test would see a loss.
func TestQueueOutlivesTheCollector(t *testing.T) {
	cell(t, delivers)
	for _, test := range []struct {
		storage string
		lives   bool
	}{{tracing.StorageMemory, false}, {tracing.StorageEmptyDir, true}, {tracing.StorageHostPath, true}} {
		for _, image := range images(t) {
			if image.name == "" && test.lives && running(t).LessThan(version.MustParseGeneric("0.156.0")) {
				continue // the default image's file_storage has a setting more
			}
			t.Run(test.storage+", "+image.of, func(t *testing.T) {
				// Nothing listens there before the backend does.
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				address := listener.Addr().String()
				_ = listener.Close()

				spec := localSpec(t, ipv4)
				spec.Collector.Image = image.name
				spec.Collector.Queue.Storage = test.storage
				spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: address, Insecure: true}
				if _, err := tracing.Resolve(spec); err != nil && running(t).LessThan(version.MustParseGeneric("0.139.0")) {
					refusesQueueOnDisk(t, spec, err)
					return
				}
				container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
				for _, fault := range lint(t, container) {
					t.Error(fault)
				}
				first := Start(t, container.Config)
				Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
				waitForLog(t, first, "Exporting failed")
				first.Stop(t)

				sink := newGRPCSinkAt(t, address, nil)
				second := Start(t, container.Config)
				if !test.lives {
					Send(t, spec.Endpoint, map[string]any{"service.name": "apiserver"})
					exports := sink.Wait(t, 1, delivery)
					if len(exports) != 1 || resource(exports[0])["service.name"] != any("apiserver") {
						t.Errorf("a queue in memory delivered %v", resources(exports))
					}
					return
				}
				exports := sink.Wait(t, 1, delivery)
				if got := resource(exports[0])["service.name"]; got != any("etcd") {
					t.Errorf("the next collector delivered %v", got)
				}
				for _, line := range second.Log(zapcore.WarnLevel) {
					t.Errorf("the collector's log has a %s", line)
				}
			})
		}
	}
}

// refusesQueueOnDisk says that a collector for which kubetrace refuses a queue on
// disk would indeed refuse what a later one gets.
func refusesQueueOnDisk(t *testing.T, spec tracing.TracingSpec, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), "collector.queue.storage") {
		t.Fatal(err)
	}
	spec.Collector.Image = "" // the default one
	spec.Collector.Exporter.Protocol = "http"
	spec.Collector.Exporter.Endpoint = "http://" + spec.Collector.Exporter.Endpoint
	container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
	config := strings.ReplaceAll(container.Config, "otlp_http", "otlphttp")
	config = regexp.MustCompile(`(?m)^ *(max_size: [0-9]{5,}|recreate: true)\n`).ReplaceAllString(config, "")
	if err := DryRun(t.Context(), config); err == nil || !strings.Contains(err.Error(), "only supports `requests` sizer") {
		t.Errorf("the collector says of a queue on disk: %v", err)
	}
}
