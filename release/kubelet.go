package release

// DropIn says what the kubelet does with a folder of drop-in configuration
// files, its flag --config-dir.
type DropIn string

const (
	// DropInNone means that the kubelet has no such flag.
	DropInNone DropIn = "none"
	// DropInHarmful means that the flag also needs the variable
	// KUBELET_CONFIG_DROPIN_DIR_ALPHA and that the defaults of fields which a
	// drop-in does not mention overwrite the main configuration. Do not use it.
	DropInHarmful DropIn = "overwrites other fields"
	// DropInEnv means that the flag also needs the variable
	// KUBELET_CONFIG_DROPIN_DIR_ALPHA in the kubelet's environment.
	DropInEnv DropIn = "needs KUBELET_CONFIG_DROPIN_DIR_ALPHA"
	// DropInPlain means that the flag alone is enough.
	DropInPlain DropIn = "--config-dir"
)

// Source: KubeletConfiguration in k8s.io/kubelet config/v1beta1/types.go: the field
// tracing is there from v0.25.0 on (v0.25.16:788).
var kubeletTraced = since[bool]{
	{numbers{1, 22}, false},
	{numbers{1, 25}, true},
}

// Source: KubeletTracing in k8s.io/kubernetes pkg/features/kube_features.go of each
// release (v1.25.16:1029 alpha, v1.27.16:1050 beta, v1.34.4:1436 locked, v1.37.2:1813
// locked still, unlike APIServerTracing; no occurrence in v1.38.0-beta.0).
var kubeletTracingGate = since[Gate]{
	{numbers{1, 22}, GateUnknown},
	{numbers{1, 25}, GateRequired},
	{numbers{1, 27}, GateOptional},
	{numbers{1, 34}, GateLocked},
	{numbers{1, 38}, GateUnknown},
}

// Source: --config-dir in NewKubeletCommand, mergeKubeletConfigurations and
// loadDropinConfigFileIntoJSON of k8s.io/kubernetes cmd/kubelet/app/server.go of each
// release (v1.28.15:214 and :322 mergo over defaults, v1.29.1:216 and :330 JSON merge
// patch, no variable from v1.30.0 on).
var kubeletDropIn = since[DropIn]{
	{numbers{1, 22}, DropInNone},
	{numbers{1, 28}, DropInHarmful},
	{numbers{1, 29}, DropInEnv},
	{numbers{1, 30}, DropInPlain},
}

// The span syncPod is there from 1.27 on. 1.28 and 1.29 start the pod with a
// context.TODO() instead of the span's context.
//
// Source: k8s.io/kubernetes pkg/kubelet/kubelet.go, SyncPod, of each release
// (v1.27.3:1897, v1.28.15:1940, v1.29.1:1963, v1.30.0:1972,
// v1.38.0-beta.0:2078); seen with 1.29.1,
// 1.31.0 and 1.37.2.
var kubeletCallsJoined = since[bool]{
	{numbers{1, 27}, true},
	{numbers{1, 28}, false},
	{numbers{1, 30}, true},
}

// Source: https://kubernetes.io/releases/version-skew-policy/#kubelet ("kubelet
// may be up to three minor versions older than kube-apiserver (kubelet < 1.25
// may only be up to two minor versions older)").
var kubeletSkew = since[int]{
	{numbers{1, 22}, 2},
	{numbers{1, 25}, 3},
}

// KubeletFits says whether a kubelet may be in a cluster with a control plane: it is
// not newer, and older by no more minors than the skew policy allows.
func KubeletFits(kubelet, controlPlane Version) bool {
	row, _ := KubernetesAt(kubelet)
	behind := controlPlane.numbers[1] - kubelet.numbers[1] // wraps where the kubelet is newer
	return row.Kubernetes != "" && kubelet.numbers[0] == controlPlane.numbers[0] && behind <= uint(row.KubeletSkew)
}
