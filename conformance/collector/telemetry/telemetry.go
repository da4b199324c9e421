// Package telemetry gives a collector the code that reads service::telemetry.
//
// It is a module of its own because old collectors, such as 0.128, neither have
// nor need that code: their mod files replace it by ./none.
package telemetry

import (
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// AddTo sets the factory of the collector's own logs and metrics.
func AddTo(factories *otelcol.Factories) {
	factories.Telemetry = otelconftelemetry.NewFactory()
}
