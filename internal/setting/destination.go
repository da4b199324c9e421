package setting

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/tracing"
)

// JudgeDestination judges the fields of a TracingConfiguration: of kube-apiserver's
// file, or of a kubelet's configuration. The kubelet validates them before it starts;
// kube-apiserver does not.
// Source: k8s.io/kubernetes pkg/kubelet/apis/config/validation/validation.go,
// ValidateKubeletConfiguration; kube-apiserver's options call no such validation (seen
// with 1.25 and 1.37).
func JudgeDestination(r tracing.Resolved, component tracing.Component, have tracingv1.TracingConfiguration) []Verdict {
	var errs field.ErrorList
	rate := r.APIServerSamplingRate()
	if component == tracing.ComponentKubelet {
		errs = tracingv1.ValidateTracingConfiguration(&have, nil, nil)
		rate = r.KubeletSamplingRate()
	}
	endpoint, perMillion := "", ""
	if have.Endpoint != nil {
		endpoint = *have.Endpoint
	}
	if have.SamplingRatePerMillion != nil {
		perMillion = strconv.Itoa(int(*have.SamplingRatePerMillion))
	}
	all := []Verdict{
		{Name: FieldEndpoint, Value: r.ComponentEndpoint()},
		{Name: FieldRate, Value: decimal(rate)},
	}
	all[0].Class, all[0].Cure = JudgeEndpoint(r, endpoint)
	all[1].Class, all[1].Cure = JudgeRate(perMillion, decimal(rate))
	for i := range all {
		v := &all[i]
		at := slices.IndexFunc(errs, func(e *field.Error) bool { return strings.HasSuffix(e.Field, v.Name) })
		if at >= 0 && (v.Name != FieldEndpoint || endpoint != "") {
			v.Class, v.Cure = RefusesToStart, "Write "+v.Value+": "+errs[at].Detail
		}
	}
	return all
}
