package tracing

// ReleaseOf returns what holds of the Kubernetes that a version or an image's tag
// names with its patch, "v1.29.1", and false where it names none of [Releases].
func ReleaseOf(version string) (Release, bool) {
	parsed, ok := tagVersion(version)
	if !ok {
		return Release{}, false
	}
	minor := minorOf(parsed.numbers)
	if minor.before(numbers{1, oldestMinor}) || (numbers{1, newestMinor}).before(minor) {
		return Release{}, false
	}
	return releaseAt(minor), true
}

// ReadsTracingConfiguration says whether kube-apiserver of this release reads its
// tracing file in a version of the API, "apiserver.config.k8s.io/v1beta1": v1alpha1
// always, v1beta1 from 1.27 and v1 from 1.34 on.
// Source: k8s.io/apiserver pkg/apis/apiserver/{v1alpha1,v1beta1,v1}/register.go of
// 0.22 to 0.37.
func (r Release) ReadsTracingConfiguration(apiVersion string) bool {
	switch apiVersion {
	case tracingV1Alpha1:
		return true
	case tracingV1Beta1:
		return r.TracingConfigurationAPIVersion != tracingV1Alpha1
	case tracingV1:
		return r.APIServerTracing == GateLocked || r.APIServerTracing == GateUnknown // v1 came with the gate's end
	}
	return false
}

// The versions of kube-apiserver's tracing file.
const (
	tracingV1Alpha1 = "apiserver.config.k8s.io/v1alpha1"
	tracingV1Beta1  = "apiserver.config.k8s.io/v1beta1"
	tracingV1       = "apiserver.config.k8s.io/v1"
)
