package tracing

import "testing"

func TestCollectorRelease(t *testing.T) {
	for spec, from := range map[string]string{
		`collector: {version: 0.123.0}`:                                     "0.123.0",
		`collector: {version: 0.127.0}`:                                     "0.123.0",
		`collector: {version: 0.138.0}`:                                     "0.128.0",
		`collector: {version: 0.143.1}`:                                     "0.139.0",
		`collector: {version: 0.144.0}`:                                     "0.144.0",
		`collector: {version: 0.155.0}`:                                     "0.145.0",
		`collector: {version: "1.0"}`:                                       "0.156.0",
		`collector: {image: "registry.example.com/otelcol:v0.130.0-arm64"}`: "0.128.0",
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
