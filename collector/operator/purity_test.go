package operator_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/collector/operator"
	"kubetrace/collector/operator/v1beta1"
	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
)

// result is what a function returned.
type result[T any] struct {
	Value T
	Err   error
}

func ofSpec[T any](function func(tracing.TracingSpec) (T, error)) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range specs {
			puritytest.Check(t, func() tracing.TracingSpec { return load(t, text) }, func(spec tracing.TracingSpec) result[T] {
				value, err := function(spec)
				return result[T]{value, err}
			})
		}
	}
}

func ofResolved[T any](function func(tracing.Resolved) T) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range specs {
			puritytest.Check(t, func() tracing.Resolved { return resolve(t, text) }, function)
		}
	}
}

func TestPurity(t *testing.T) {
	t.Run("OpenTelemetryCollector", ofSpec(operator.OpenTelemetryCollector))
	t.Run("OpenTelemetryCollectorFor", ofResolved(operator.OpenTelemetryCollectorFor))
	t.Run("Objects", ofSpec(operator.Objects))
	t.Run("ObjectsFor", ofResolved(operator.ObjectsFor))
	t.Run("Warnings", ofSpec(operator.Warnings))
	t.Run("WarningsFor", ofResolved(operator.WarningsFor))
	for _, text := range specs {
		in := func() *v1beta1.OpenTelemetryCollector { return operator.OpenTelemetryCollectorFor(resolve(t, text)) }
		t.Run("DeepCopy", func(t *testing.T) { puritytest.Check(t, in, (*v1beta1.OpenTelemetryCollector).DeepCopy) })
		t.Run("DeepCopyObject", func(t *testing.T) {
			puritytest.Check(t, in, func(c *v1beta1.OpenTelemetryCollector) runtime.Object { return c.DeepCopyObject() })
		})
	}
}
