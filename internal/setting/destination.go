package setting

import (
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/tracing"
)

// JudgeDestination judges the fields of a TracingConfiguration, which are empty where
// they are not written: of kube-apiserver's file, or of a kubelet's configuration.
func JudgeDestination(r tracing.Resolved, component tracing.Component, endpoint, rate string) []Verdict {
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
