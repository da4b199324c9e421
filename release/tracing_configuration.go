package release

import "slices"

// The versions of kube-apiserver's tracing file.
const (
	tracingV1Alpha1 = "apiserver.config.k8s.io/v1alpha1"
	tracingV1Beta1  = "apiserver.config.k8s.io/v1beta1"
	tracingV1       = "apiserver.config.k8s.io/v1"
)

// Each release still reads what the ones before it did.
//
// Source: k8s.io/apiserver pkg/apis/apiserver/{v1alpha1,v1beta1,v1}/register.go
// of each release (v1alpha1: v0.22.17:56, v1beta1: v0.27.16:55, v1: v0.34.4:53, all
// three: v0.37.1).
var tracingConfigurationAPIs = since[[]string]{
	{numbers{1, 22}, []string{tracingV1Alpha1}},
	{numbers{1, 27}, []string{tracingV1Alpha1, tracingV1Beta1}},
	{numbers{1, 34}, []string{tracingV1Alpha1, tracingV1Beta1, tracingV1}},
}

// v1beta1 is read by every release from 1.27 on. v1 would end a 1.33 API server
// that restarts on the same node during an upgrade.
var tracingConfigurationAPI = since[string]{
	{numbers{1, 22}, tracingV1Alpha1},
	{numbers{1, 27}, tracingV1Beta1},
}

// Source: serializer.EnableStrict in k8s.io/apiserver pkg/server/options/tracing.go
// (not in v0.31.0:48, v0.32.0:50); kubernetes/kubernetes#128073.
var tracingConfigurationStrict = since[bool]{
	{numbers{1, 22}, false},
	{numbers{1, 32}, true},
}

// ReadsTracingConfiguration says whether kube-apiserver of this release reads its
// tracing file in a version of the API, "apiserver.config.k8s.io/v1beta1": v1alpha1
// always, v1beta1 from 1.27 and v1 from 1.34 on.
func (k Kubernetes) ReadsTracingConfiguration(apiVersion string) bool {
	version, _ := ParseVersion(k.Kubernetes)
	return slices.Contains(tracingConfigurationAPIs.at(version.numbers), apiVersion)
}
