// Command otelcol is an OpenTelemetry Collector with the components that a
// generated configuration may name, for the clusters of the module e2e: its
// container image is made of this program. The batch processor is for the
// configurations of others that the pipeline is measured against.
package main

import (
	"fmt"
	"maps"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"

	"kubetrace/conformance/collector"
)

func main() {
	release, err := collector.Release()
	if err != nil {
		release = "unknown" // with -trimpath the source's paths still name it
	}
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otelcol", Version: release},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory(), envprovider.NewFactory()},
			},
		},
	})
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func factories() (otelcol.Factories, error) {
	all, err := collector.Factories()
	if err != nil {
		return otelcol.Factories{}, err
	}
	batch, err := otelcol.MakeFactoryMap[processor.Factory](batchprocessor.NewFactory())
	maps.Copy(all.Processors, batch)
	return all, err
}
