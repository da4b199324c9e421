package tracing

import "kubetrace/release"

// The names that this package has for the tables of package release, which knows
// them.

// Release is what is known of one minor release of Kubernetes.
type Release = release.Kubernetes

// Releases returns one row per supported minor release of Kubernetes, oldest
// first. The slice is the caller's.
func Releases() []Release { return release.All() }

// ReleaseOf returns what holds of the Kubernetes that a version or an image's tag
// names with its patch, "v1.29.1", and false where it names none of [Releases].
func ReleaseOf(version string) (Release, bool) { return release.KubernetesOf(version) }

// MinorsAfter returns the minor releases on the way from one version of Kubernetes
// to another, without the first and with the last: "1.35" and "1.36" from 1.34 to
// v1.36.1. It is empty within one minor release. kubeadm upgrades one minor at a
// time. The error says that a version is none or is too new, or that the way goes
// back.
func MinorsAfter(from, to string) ([]string, error) { return release.MinorsAfter(from, to) }

// Gate says what a release knows of a feature gate.
type Gate = release.Gate

// What a release knows of a gate.
const (
	// GateUnknown means that the release does not know the gate: a component
	// that is given it refuses to start.
	GateUnknown = release.GateUnknown
	// GateRequired means that the gate is off by default and must be set to
	// true for tracing.
	GateRequired = release.GateRequired
	// GateOptional means that the gate is on by default and may be left out.
	GateOptional = release.GateOptional
	// GateLocked means that the gate is on and cannot be switched off: naming
	// it is at best a warning in the component's log.
	GateLocked = release.GateLocked
)

// The names of the feature gates of tracing.
const (
	// GateNameAPIServer is the gate of kube-apiserver's tracing; see
	// Release.APIServerTracing.
	GateNameAPIServer = release.GateNameAPIServer
	// GateNameKubelet is the gate of the kubelet's tracing; see
	// Release.KubeletTracing.
	GateNameKubelet = release.GateNameKubelet
)

// TraceContext says what kube-apiserver makes of the trace context (W3C
// traceparent) that a request brings along.
type TraceContext = release.TraceContext

// What kube-apiserver makes of a trace context.
const (
	// TraceContextForcesSampling means that every client, authenticated or not,
	// can have its request sampled, in a trace of its own.
	TraceContextForcesSampling = release.TraceContextForcesSampling
	// TraceContextIgnored means that every request starts a new trace.
	TraceContextIgnored = release.TraceContextIgnored
	// TraceContextPrivileged means that the context is honoured for
	// system:masters and system:monitoring and ignored for everybody else.
	TraceContextPrivileged = release.TraceContextPrivileged
)

// DropIn says what the kubelet does with a folder of drop-in configuration
// files, its flag --config-dir.
type DropIn = release.DropIn

// What becomes of drop-in files of the kubelet.
const (
	// DropInNone means that the kubelet has no such flag.
	DropInNone = release.DropInNone
	// DropInHarmful means that the flag also needs the variable
	// KUBELET_CONFIG_DROPIN_DIR_ALPHA and that the defaults of fields which a
	// drop-in does not mention overwrite the main configuration. Do not use it.
	DropInHarmful = release.DropInHarmful
	// DropInEnv means that the flag also needs the variable
	// KUBELET_CONFIG_DROPIN_DIR_ALPHA in the kubelet's environment.
	DropInEnv = release.DropInEnv
	// DropInPlain means that the flag alone is enough.
	DropInPlain = release.DropInPlain
)

// EtcdRelease is what is known of the etcd releases from one patch on.
type EtcdRelease = release.Etcd

// RootSampling says how etcd samples a request that brings no trace context.
// Requests of a traced kube-apiserver always bring one.
type RootSampling = release.RootSampling

// How etcd samples a request without a trace context.
const (
	// RootSamplingAll samples every such request.
	RootSamplingAll = release.RootSamplingAll
	// RootSamplingNone samples no such request, and there is no setting.
	RootSamplingNone = release.RootSamplingNone
	// RootSamplingRate samples the rate that etcd is given.
	RootSamplingRate = release.RootSamplingRate
)

// EtcdReleases returns the table of etcd releases, oldest first. The last row
// also holds for what is newer. The slice is the caller's.
func EtcdReleases() []EtcdRelease { return release.AllEtcd() }

// EtcdReleaseOf returns what holds of the etcd whose image has a tag, "3.5.21-0" or
// "v3.6.5", and false where the tag names no version from 3.5 on.
func EtcdReleaseOf(tag string) (EtcdRelease, bool) { return release.EtcdOf(tag) }

// EtcdAccepts says whether the etcd whose image has a tag accepts a flag of tracing,
// named without dashes. What it does not accept keeps it from starting. known is
// false where the tag names no version from 3.5 on.
func EtcdAccepts(tag, flag string) (accepts, known bool) { return release.EtcdAccepts(tag, flag) }

// EtcdBefore says whether an etcd is older than another, each named by the tag of
// its image or by its version. It is false where one of them names no version.
// kubeadm leaves an etcd alone that is newer than the one it is told to run.
func EtcdBefore(tag, other string) bool { return release.EtcdBefore(tag, other) }

// RuntimeBefore says whether a container runtime is older than another, each named by
// its version, "1.7" or "1.7.15". Within a minor release both need a patch for that. It
// is false where one of them is no version.
func RuntimeBefore(version, other string) bool { return release.RuntimeBefore(version, other) }

// EtcdSkips says whether a minor release lies between an etcd and one that is to
// take its place, each named by the tag of its image or by its version: etcd goes
// from one minor release to the next. It is false where one of them names no
// version.
func EtcdSkips(from, to string) bool { return release.EtcdSkips(from, to) }

// CollectorRelease is what is known of the OpenTelemetry Collector releases from
// one on.
type CollectorRelease = release.Collector

// CollectorReleases returns the table of collector releases, oldest first. The
// last row also holds for what is newer. The slice is the caller's.
func CollectorReleases() []CollectorRelease { return release.AllCollectors() }
