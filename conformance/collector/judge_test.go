package collector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"
)

// delivery is how long a span may take from a component to the backend: the
// exporter fills a batch for a second.
const delivery = 15 * time.Second

// judge knows what a configuration has to lead to.
type judge struct {
	endpoint      string // where the components send
	metrics       string // the URL of the collector's own metrics
	node, cluster string
	sink          *Sink // the backend
	// early ends the collector before its batch is full, so that it delivers at
	// once; then its counters are not looked at.
	early bool
}

// faults validates a container's configuration, runs it, plays etcd and
// kube-apiserver and returns all that is wrong with what happens. The same
// judge sees right and wrong configurations, so that it is judged itself.
func (j judge) faults(t *testing.T, container Container) (faults []string) {
	t.Helper()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if err := DryRun(t.Context(), container.Config); err != nil {
		fault("validate: %v", err)
	}
	before := listening(t)
	collector, err := start(context.WithoutCancel(t.Context()), container.Config)
	if err != nil {
		fault("start: %v", err)
		return faults
	}
	defer collector.Stop(t)

	// The addresses are those of the probes and of the spec, all loopback.
	if len(container.Probes) == 0 {
		fault("the container has no probes over HTTP")
	}
	for _, url := range container.Probes {
		if _, err := get(url); err != nil {
			fault("probe: %v", err)
		}
	}
	for _, address := range exposed(before, listening(t)) {
		fault("the collector listens on %s, which other nodes reach", address)
	}
	if metrics, err := get(j.metrics); err != nil || !strings.Contains(metrics, "otelcol_process_") {
		fault("the collector's metrics are: %v\n%s", err, metrics)
	}

	// What a component says of itself stays; what it says of the node does not.
	sent := []map[string]any{
		{"service.name": "etcd"},
		{"service.name": "apiserver", "service.instance.id": "apiserver-1", "k8s.node.name": "elsewhere"},
	}
	want := map[any]map[string]any{}
	for i, instance := range []string{j.node, "apiserver-1"} {
		name := sent[i]["service.name"]
		want[name] = map[string]any{"service.name": name, "service.instance.id": instance, "k8s.node.name": j.node}
		if j.cluster != "" {
			want[name]["k8s.cluster.name"] = j.cluster
		}
		if err := send(t, j.endpoint, sent[i]); err != nil {
			fault("%s cannot send to %s: %v", name, j.endpoint, err)
			return faults
		}
	}
	patience := delivery
	if j.early {
		collector.Stop(t)
		patience = 0 // nothing comes any more
	}
	exports, err := j.sink.wait(len(sent), patience)
	if err != nil {
		fault("%v", err)
	}
	got := map[any]map[string]any{}
	for _, resource := range resources(exports) {
		got[resource["service.name"]] = resource
	}
	if diff := cmp.Diff(want, got); diff != "" {
		fault("resources (-want +got):\n%s", diff)
	}
	if !j.early {
		// The counters that the run-books name. They follow the backend's answer.
		for _, counter := range []string{"otelcol_receiver_accepted_spans", "otelcol_exporter_sent_spans"} {
			if err := j.waitForMetric(counter); err != nil {
				fault("%v", err)
			}
		}
	}
	return append(faults, complaints(collector)...)
}

// waitForMetric waits until the collector's own metrics have one.
func (j judge) waitForMetric(name string) error {
	deadline := time.Now().Add(delivery)
	for {
		metrics, err := get(j.metrics)
		switch {
		case strings.Contains(metrics, "\n"+name):
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("within %s the collector's metrics have no %s: %v\n%s", delivery, name, err, metrics)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// complaints returns the warnings of a log, and what it says at any level about
// names that are to go: such a configuration will not start one day.
func complaints(collector *Collector) (lines []string) {
	warnings := collector.Log(zapcore.WarnLevel)
	for _, line := range collector.Log(zapcore.DebugLevel) {
		if slices.Contains(warnings, line) || strings.Contains(strings.ToLower(line), "deprecat") {
			lines = append(lines, "the collector's log has a "+line)
		}
	}
	return lines
}

// resource returns the resource attributes of an export with one span.
func resource(export Export) map[string]any {
	return resources([]Export{export})[0]
}

// resources returns the resource attributes of all that was exported.
func resources(exports []Export) (all []map[string]any) {
	for _, export := range exports {
		for _, spans := range export.Traces.ResourceSpans().All() {
			all = append(all, spans.Resource().Attributes().AsRaw())
		}
	}
	return all
}

func get(url string) (string, error) {
	// Ports are used again, so that no connection may outlive its collector.
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return string(body), err
}
