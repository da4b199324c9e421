// Package telemetry stands in for the package of the same path with collectors
// that read service::telemetry by code of their own.
package telemetry

import "go.opentelemetry.io/collector/otelcol"

// AddTo does nothing: these collectors have no such factory.
func AddTo(*otelcol.Factories) {}
