//go:build !k8s1.25

package main

import (
	"go.opentelemetry.io/otel/trace"
	"k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/tracing"

	"kubetrace/conformance/judge/api"
)

func providerOf(config *server.Config) trace.TracerProvider { return *config.TracerProvider }

func readTracingFile(name string, result *api.Tracing) error {
	config, err := tracing.ReadTracingConfiguration(name)
	if err != nil {
		return err
	}
	result.Endpoint, result.Rate = config.Endpoint, config.SamplingRatePerMillion
	return tracing.ValidateTracingConfiguration(config).ToAggregate()
}
