package release

// Gate says what a release knows of a feature gate.
type Gate string

const (
	// GateUnknown means that the release does not know the gate: a component
	// that is given it refuses to start.
	GateUnknown Gate = "unknown"
	// GateRequired means that the gate is off by default and must be set to
	// true for tracing.
	GateRequired Gate = "required"
	// GateOptional means that the gate is on by default and may be left out.
	GateOptional Gate = "optional"
	// GateLocked means that the gate is on and cannot be switched off: naming
	// it is at best a warning in the component's log.
	GateLocked Gate = "locked"
)

// The names of the feature gates of tracing.
const (
	// GateNameAPIServer is the gate of kube-apiserver's tracing; see
	// Kubernetes.APIServerTracing.
	GateNameAPIServer = "APIServerTracing"
	// GateNameKubelet is the gate of the kubelet's tracing; see
	// Kubernetes.KubeletTracing.
	GateNameKubelet = "KubeletTracing"
)
