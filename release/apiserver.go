package release

// TraceContext says what kube-apiserver makes of the trace context (W3C
// traceparent) that a request brings along.
type TraceContext string

const (
	// TraceContextForcesSampling means that every client, authenticated or not,
	// can have its request sampled, in a trace of its own.
	TraceContextForcesSampling TraceContext = "any client forces sampling"
	// TraceContextIgnored means that every request starts a new trace.
	TraceContextIgnored TraceContext = "ignored"
	// TraceContextPrivileged means that the context is honoured for
	// system:masters and system:monitoring and ignored for everybody else.
	TraceContextPrivileged TraceContext = "honoured for system:masters and system:monitoring"
)

// Source: WithTracing in k8s.io/apiserver pkg/endpoints/filters/traces.go of each
// release (WithPublicEndpoint with OpenTelemetry 0.20 up to v0.25, whose sampler still
// sees the remote context; with 1.x from v0.26 on; WithPublicEndpointFn from
// v0.33.0:83 on).
var traceContext = since[TraceContext]{
	{numbers{1, 22}, TraceContextForcesSampling},
	{numbers{1, 26}, TraceContextIgnored},
	{numbers{1, 33}, TraceContextPrivileged},
}

// Source: APIServerTracing in k8s.io/apiserver pkg/features/kube_features.go of each
// release (v0.26.15:239 alpha, v0.27.16:272 beta, v0.34.4:297 locked, no occurrence in
// v0.37.1).
var apiServerTracingGate = since[Gate]{
	{numbers{1, 22}, GateRequired},
	{numbers{1, 27}, GateOptional},
	{numbers{1, 34}, GateLocked},
	{numbers{1, 37}, GateUnknown},
}
