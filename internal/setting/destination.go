package setting

import (
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/tracing"
)

// Destination returns the fields of a TracingConfiguration as texts, empty where they are
// not written.
func Destination(config tracingv1.TracingConfiguration) (endpoint, rate string) {
	if config.Endpoint != nil {
		endpoint = *config.Endpoint
	}
	if config.SamplingRatePerMillion != nil {
		rate = decimal(*config.SamplingRatePerMillion)
	}
	return endpoint, rate
}

// JudgeDestination judges the fields of a TracingConfiguration: of kube-apiserver's
// file, or of a kubelet's configuration.
func JudgeDestination(r tracing.Resolved, component tracing.Component, have tracingv1.TracingConfiguration) []Verdict {
	endpoint, rate := Destination(have)
	want := r.APIServerSamplingRate()
	if component == tracing.ComponentKubelet {
		want = r.KubeletSamplingRate()
	}
	all := []Verdict{
		{Name: FieldEndpoint, Value: r.ComponentEndpoint()},
		{Name: FieldRate, Value: decimal(want)},
	}
	all[0].Class, all[0].Cure = JudgeConfiguredEndpoint(r, endpoint)
	all[1].Class, all[1].Cure = JudgeRate(rate, decimal(want))
	return all
}

// JudgeConfiguredEndpoint is [JudgeEndpoint] of an endpoint in a TracingConfiguration,
// which kube-apiserver and the kubelet validate before they start, and etcd does not.
// Sources: k8s.io/apiserver pkg/server/options/tracing.go, TracingOptions.ApplyTo
// (v0.22.17:73, v0.37.2:95); k8s.io/kubernetes
// pkg/kubelet/apis/config/validation/validation.go, ValidateKubeletConfiguration.
func JudgeConfiguredEndpoint(r tracing.Resolved, have string) (Class, string) {
	for _, err := range tracingv1.ValidateTracingConfiguration(&tracingv1.TracingConfiguration{Endpoint: &have}, nil, nil) {
		return RefusesToStart, "Write " + r.ComponentEndpoint() + ": " + err.Detail
	}
	return JudgeEndpoint(r, have)
}
