package main

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"kubetrace/conformance/judge/api"
)

// exporting is what every SDK's tracer provider can do, and the one that does
// nothing cannot.
type exporting interface {
	trace.TracerProvider
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

// try asks a tracer provider what it does, and ends it. Only a span that is
// ended is exported.
func try(provider trace.TracerProvider, export bool, result *api.Tracing) error {
	sdk, ok := provider.(exporting)
	if !ok {
		return nil
	}
	result.On = true
	tracer := sdk.Tracer("kubetrace")
	for range api.Attempts {
		_, span := tracer.Start(context.Background(), "judged")
		if span.SpanContext().IsSampled() {
			result.Roots++
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if export {
		_, span := tracer.Start(ctx, "judged")
		span.End()
		if err := sdk.ForceFlush(ctx); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	// Without a collector there is nobody to say goodbye to.
	_ = sdk.Shutdown(ctx)
	return nil
}
