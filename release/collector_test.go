package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllCollectors(t *testing.T) {
	want := []Collector{
		{From: "0.123.0", GRPCExporter: "otlp", HTTPExporter: "otlphttp"},
		{From: "0.128.0", GRPCExporter: "otlp", HTTPExporter: "otlphttp", Gateway: true},
		{From: "0.139.0", GRPCExporter: "otlp", HTTPExporter: "otlphttp", Gateway: true, QueueOnDisk: true, HeadersAreYAML: true},
		{From: "0.144.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true, HeadersAreYAML: true},
		{From: "0.145.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true},
		{From: "0.156.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true, QueueMaxSize: true},
	}
	got := AllCollectors()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("AllCollectors (-want +got):\n%s", diff)
	}
	got[0].From = "changed"
	if diff := cmp.Diff(want, AllCollectors()); diff != "" {
		t.Errorf("AllCollectors after a caller's change (-want +got):\n%s", diff)
	}
}

func TestCollectorAt(t *testing.T) {
	for text, from := range map[string]string{
		"0.122.9": "", "0.123.0": "0.123.0", "0.127.0": "0.123.0", "0.128.0": "0.128.0", "0.143.1": "0.139.0",
		"0.154": "0.145.0", "0.156.0": "0.156.0", "1.0": "0.156.0",
	} {
		version, _ := ParseVersion(text)
		if got, ok := CollectorAt(version); got.From != from || ok != (from != "") {
			t.Errorf("collector %s is in the row from %q, %t, want %q", text, got.From, ok, from)
		}
	}
}

func TestFirstCollector(t *testing.T) {
	if got := FirstCollector(func(c Collector) bool { return c.Gateway }); got != "0.128.0" {
		t.Errorf("the first with a gateway is %q", got)
	}
	if got := FirstCollector(func(c Collector) bool { return c.QueueOnDisk }); got != "0.139.0" {
		t.Errorf("the first with a queue on disk is %q", got)
	}
	if got := FirstCollector(func(Collector) bool { return false }); got != "" {
		t.Errorf("nothing holds of %q", got)
	}
}
