package kubelet

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// Configuration returns the fragment of the KubeletConfiguration that switches
// tracing on, with the endpoint and the rate always set. Print it with
// tracing.Marshal, which leaves out everything else.
//
// For kubelets of 1.25 and 1.26 it also sets the gate KubeletTracing. The error
// is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where the
// kubelet is disabled or the oldest one is before 1.25.
func Configuration(spec tracing.TracingSpec) (*kubeletv1beta1.KubeletConfiguration, error) {
	return generate.Object(spec, tracing.ComponentKubelet, ConfigurationFor)
}

// ConfigurationFor is Configuration of a spec that is resolved already, or nil.
func ConfigurationFor(r tracing.Resolved) *kubeletv1beta1.KubeletConfiguration {
	if r.NotGenerated(tracing.ComponentKubelet) != nil {
		return nil
	}
	endpoint, rate := r.ComponentEndpoint(), r.KubeletSamplingRate()
	config := &kubeletv1beta1.KubeletConfiguration{
		TypeMeta: metav1.TypeMeta{
			APIVersion: kubeletv1beta1.SchemeGroupVersion.String(),
			Kind:       "KubeletConfiguration",
		},
		Tracing: &tracingv1.TracingConfiguration{
			Endpoint:               &endpoint,
			SamplingRatePerMillion: &rate,
		},
	}
	for _, s := range setting.Of(r, tracing.ComponentKubelet) {
		if s.Kind == setting.Gate {
			config.FeatureGates = map[string]bool{s.Name: true}
		}
	}
	return config
}

// KubeadmPatch returns the fragment as a kubeadm patch. kubeadm stores it for
// the whole cluster, so that nodes which join later are traced too. The error is
// that of Configuration.
func KubeadmPatch(spec tracing.TracingSpec) (*kubeadm.Patch, error) {
	return generate.Object(spec, tracing.ComponentKubelet, KubeadmPatchFor)
}

// KubeadmPatchFor is KubeadmPatch of a spec that is resolved already, or nil.
func KubeadmPatchFor(r tracing.Resolved) *kubeadm.Patch {
	config := ConfigurationFor(r)
	if config == nil {
		return nil
	}
	return &kubeadm.Patch{Kubelet: config}
}

// Fields returns the same fragment as fields without apiVersion and kind, for tools that
// take a kubelet's settings as such: extraConfig of Talos, values of a worker profile of
// k0s. The error is that of Configuration.
func Fields(spec tracing.TracingSpec) (map[string]any, error) {
	config, err := Configuration(spec)
	if err != nil {
		return nil, err
	}
	return fieldsOf(config), nil
}

// FieldsFor is Fields of a spec that is resolved already, or nil.
func FieldsFor(r tracing.Resolved) map[string]any {
	config := ConfigurationFor(r)
	if config == nil {
		return nil
	}
	return fieldsOf(config)
}

// fieldsOf holds what a fragment sets, in the types that JSON and YAML are read into.
func fieldsOf(config *kubeletv1beta1.KubeletConfiguration) map[string]any {
	fields := map[string]any{setting.FieldTracing: map[string]any{
		setting.FieldEndpoint: *config.Tracing.Endpoint,
		setting.FieldRate:     int64(*config.Tracing.SamplingRatePerMillion),
	}}
	if len(config.FeatureGates) > 0 {
		gates := map[string]any{}
		for name, on := range config.FeatureGates {
			gates[name] = on
		}
		fields[setting.FieldGates] = gates
	}
	return fields
}
