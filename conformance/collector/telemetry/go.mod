module kubetrace/conformance/collector/telemetry

go 1.26.0

require (
	go.opentelemetry.io/collector/otelcol v0.139.0
	go.opentelemetry.io/collector/service v0.139.0
)
