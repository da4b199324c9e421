package components

import (
	"context"
	"path/filepath"
	"strings"

	"kubetrace/conformance"
	"kubetrace/tracing"
)

// Collector builds the OpenTelemetry Collector alone.
func Collector(ctx context.Context) (version, program string, err error) {
	shared, _, err := folders(ctx)
	if err != nil {
		return "", "", err
	}
	return conformance.Build(ctx, filepath.Join(shared, "collector", "go.mod"), "go.opentelemetry.io/collector/otelcol", "./cmd/otelcol", stripped)
}

// Jaeger builds Jaeger alone.
func Jaeger(ctx context.Context) (version, program string, err error) {
	shared, _, err := folders(ctx)
	if err != nil {
		return "", "", err
	}
	const module = "github.com/jaegertracing/jaeger"
	_, program, err = conformance.Build(ctx, filepath.Join(shared, "jaeger", "go.mod"), module, module+"/cmd/jaeger", stripped)
	return jaegerRelease, program, err
}

// jaegerRelease is the default image's, which conformance/jaeger holds to what it
// pins: the module of Jaeger 2 has the numbers of Jaeger 1.
var jaegerRelease = "v" + tracing.DefaultBackendImage[strings.LastIndexByte(tracing.DefaultBackendImage, ':')+1:]

// Own builds a program of this module, such as "./cmd/pause".
func Own(ctx context.Context, mainPackage string) (program string, err error) {
	_, own, err := folders(ctx)
	if err != nil {
		return "", err
	}
	_, program, err = conformance.Build(ctx, filepath.Join(own, "go.mod"), "kubetrace", mainPackage, stripped)
	return program, err
}

// CollectorModule is the folder of the module that the collector is built in.
func CollectorModule(ctx context.Context) (folder string, err error) {
	shared, _, err := folders(ctx)
	return filepath.Join(shared, "collector"), err
}
