//go:build k8s1.25

package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"k8s.io/component-base/featuregate"
	"k8s.io/component-base/tracing"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"

	"kubetrace/conformance/judge/api"
)

// tryTracing does what newTracerProvider of the kubelet's server.go does.
func tryTracing(config *kubeletconfig.KubeletConfiguration, gates featuregate.FeatureGate, export bool, result *api.Tracing) error {
	const gateName featuregate.Feature = "KubeletTracing"
	if _, hasGate := gates.(featuregate.MutableFeatureGate).GetAll()[gateName]; hasGate && !gates.Enabled(gateName) {
		return nil
	}
	if config.Tracing == nil {
		return nil
	}
	result.Endpoint, result.Rate = config.Tracing.Endpoint, config.Tracing.SamplingRatePerMillion
	attributes := resource.WithAttributes(attribute.String("service.name", "kubelet"), attribute.String("host.name", "judged"))
	provider, err := tracing.NewProvider(context.Background(), config.Tracing, nil, []resource.Option{attributes})
	if err != nil {
		return err
	}
	return try(provider, export, result)
}
