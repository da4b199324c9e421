package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCollectorReleases(t *testing.T) {
	want := []CollectorRelease{
		{From: "0.123.0", GRPCExporter: "otlp", HTTPExporter: "otlphttp"},
		{From: "0.139.0", GRPCExporter: "otlp", HTTPExporter: "otlphttp", HeadersAreYAML: true},
		{From: "0.144.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", HeadersAreYAML: true},
		{From: "0.145.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http"},
		{From: "0.155.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", QueueDamageStays: true},
		{From: "0.156.0", GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", QueueDamageStays: true, QueueMaxSize: true},
	}
	got := CollectorReleases()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CollectorReleases (-want +got):\n%s", diff)
	}
	got[0].From = "changed"
	if diff := cmp.Diff(want, CollectorReleases()); diff != "" {
		t.Errorf("CollectorReleases after a caller's change (-want +got):\n%s", diff)
	}
}

func TestCollectorRelease(t *testing.T) {
	for spec, from := range map[string]string{
		`collector: {version: 0.123.0}`:                                     "0.123.0",
		`collector: {version: 0.138.0}`:                                     "0.123.0",
		`collector: {version: 0.143.1}`:                                     "0.139.0",
		`collector: {version: 0.144.0}`:                                     "0.144.0",
		`collector: {version: 0.154.0}`:                                     "0.145.0",
		`collector: {version: 0.155.0}`:                                     "0.155.0",
		`collector: {version: "1.0"}`:                                       "0.156.0",
		`collector: {image: "registry.example.com/otelcol:v0.130.0-arm64"}`: "0.123.0",
		``: "0.156.0",
	} {
		if got := resolved(t, spec).CollectorRelease().From; got != from {
			t.Errorf("%s is in the row from %q, want %q", spec, got, from)
		}
	}
}

func TestOfficialImage(t *testing.T) {
	const registry = "ghcr.io/open-telemetry/opentelemetry-collector-releases/"
	for spec, want := range map[string]string{
		``:                               registry + "opentelemetry-collector-k8s:" + DefaultCollectorVersion,
		`collector: {version: v0.150.0}`: registry + "opentelemetry-collector-k8s:0.150.0",
		`collector: {version: "0.150"}`:  registry + "opentelemetry-collector-k8s:0.150.0",
		`collector: {version: 0.150.0-rc.1, distribution: contrib}`:  registry + "opentelemetry-collector-contrib:0.150.0-rc.1",
		`collector: {distribution: core}`:                            registry + "opentelemetry-collector:" + DefaultCollectorVersion,
		`collector: {image: "otel/opentelemetry-collector:0.150.0"}`: "otel/opentelemetry-collector:0.150.0",
	} {
		if got := resolved(t, spec).Spec().Collector.Image; got != want {
			t.Errorf("%s runs %s, want %s", spec, got, want)
		}
	}
}
