package apiserver

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiserverv1beta1 "k8s.io/apiserver/pkg/apis/apiserver/v1beta1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// TracingConfiguration returns the content of the file that
// --tracing-config-file names, with the endpoint and the rate always set. Print
// it with tracing.Marshal.
//
// Its apiVersion is v1alpha1 up to Kubernetes 1.26 and v1beta1 from 1.27 on,
// which every later release reads, so that the file outlives upgrades and
// rollbacks; the Go type is v1beta1 either way, since the fields are the same.
// The error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError
// where the API server is disabled.
func TracingConfiguration(spec tracing.TracingSpec) (*apiserverv1beta1.TracingConfiguration, error) {
	return generate.Object(spec, tracing.ComponentAPIServer, TracingConfigurationFor)
}

// TracingConfigurationFor is TracingConfiguration of a spec that is resolved
// already, or nil.
func TracingConfigurationFor(r tracing.Resolved) *apiserverv1beta1.TracingConfiguration {
	if r.NotGenerated(tracing.ComponentAPIServer) != nil {
		return nil
	}
	endpoint, rate := r.ComponentEndpoint(), r.APIServerSamplingRate()
	return &apiserverv1beta1.TracingConfiguration{
		TypeMeta: metav1.TypeMeta{
			APIVersion: r.ControlPlane().TracingConfigurationAPIVersion,
			Kind:       "TracingConfiguration",
		},
		TracingConfiguration: tracingv1.TracingConfiguration{
			Endpoint:               &endpoint,
			SamplingRatePerMillion: &rate,
		},
	}
}
