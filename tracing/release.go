package tracing

import (
	"fmt"
	"slices"
)

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
	// Release.APIServerTracing.
	GateNameAPIServer = "APIServerTracing"
	// GateNameKubelet is the gate of the kubelet's tracing; see
	// Release.KubeletTracing.
	GateNameKubelet = "KubeletTracing"
)

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

// Release is what kubetrace knows of one minor release of Kubernetes.
type Release struct {
	// Kubernetes is the minor release, "1.29".
	Kubernetes string
	// TracingConfigurationAPIVersion is what kube-apiserver's tracing file is
	// written in: the oldest version that the release and every later one
	// reads, so that a file survives upgrades and rollbacks.
	TracingConfigurationAPIVersion string
	// APIServerTracing is the gate of kube-apiserver's tracing. From 1.37 on it
	// is unknown and tracing is always there.
	APIServerTracing Gate
	// KubeletTraced says whether the kubelet can be traced at all.
	KubeletTraced bool
	// KubeletTracing is the gate of the kubelet's tracing.
	KubeletTracing Gate
	// KubeletDropIn says what becomes of drop-in files of the kubelet.
	KubeletDropIn DropIn
	// KubeletCallsJoined says whether the kubelet's calls to the container
	// runtime that start a pod are in one trace, that of the pod's
	// synchronization. Otherwise each is a trace of its own.
	KubeletCallsJoined bool
	// KubeletSkew is how many minors the kubelet of this release may be older
	// than the control plane.
	KubeletSkew int
	// TraceContext says what kube-apiserver makes of incoming trace contexts.
	TraceContext TraceContext
	// LeakFixedIn is the patch that ended a memory leak in the tracing of
	// kube-apiserver and kubelet, "1.29.10"; empty where there was none.
	LeakFixedIn string
	// KubeadmAPIVersion is what kubeadm's documents are written in, the newest
	// version of its API that the release reads.
	KubeadmAPIVersion string
	// KubeadmOldestAPIVersion is the oldest version of its API that kubeadm still
	// reads, perhaps with a warning; see [Release.KubeadmReads].
	KubeadmOldestAPIVersion string
	// EtcdLowest and EtcdHighest are the oldest and newest etcd that a kubeadm
	// installs for this release by default: over every patch of this minor's
	// kubeadm and of the next minor's, which may also install this release.
	EtcdLowest, EtcdHighest string
	// EtcdOldest and EtcdNewest bound the minor releases of etcd that kubeadm of
	// this release can start at all, "3.5" and "3.6": it gives etcd flags of its
	// own. EtcdNewest is empty where there is no bound.
	EtcdOldest, EtcdNewest string
	// EtcdTraced says whether every etcd of that range can be traced without
	// harm. Where it is false, an etcd image must be named.
	EtcdTraced bool
	// EtcdFlagPrefix stands before the tracing flags that every etcd of that
	// range accepts, "experimental-" or nothing.
	EtcdFlagPrefix string
	// EtcdSamplingRateFlag says whether every etcd of that range accepts a
	// sampling rate.
	EtcdSamplingRateFlag bool
}

// The oldest and the newest minor of the tables. Releases goes from one to the
// other.
const (
	oldestMinor = 22
	newestMinor = 37
)

// Releases returns one row per supported minor release of Kubernetes, oldest
// first. The slice is the caller's.
func Releases() []Release {
	rows := make([]Release, 0, newestMinor-oldestMinor+1)
	for minor := uint(oldestMinor); minor <= newestMinor; minor++ {
		rows = append(rows, releaseAt(numbers{1, minor}))
	}
	return rows
}

// releaseAt returns the row of a release. What is newer than the tables gets
// the newest row.
func releaseAt(n numbers) Release {
	n = numbers{n[0], n[1]}
	if newest := (numbers{1, newestMinor}); newest.before(n) {
		n = newest
	}
	etcd := defaultEtcd.at(n)
	lowest, highest := etcdAt(etcd.lowest), etcdAt(etcd.highest)
	return Release{
		Kubernetes:                     n.minor(),
		TracingConfigurationAPIVersion: tracingConfigurationAPI.at(n),
		APIServerTracing:               apiServerTracingGate.at(n),
		KubeletTraced:                  kubeletTraced.at(n),
		KubeletTracing:                 kubeletTracingGate.at(n),
		KubeletDropIn:                  kubeletDropIn.at(n),
		KubeletCallsJoined:             kubeletCallsJoined.at(n),
		KubeletSkew:                    kubeletSkew.at(n),
		TraceContext:                   traceContext.at(n),
		LeakFixedIn:                    leakFixedIn.at(n),
		KubeadmAPIVersion:              kubeadmAPI.at(n),
		KubeadmOldestAPIVersion:        kubeadmOldestAPI.at(n),
		EtcdLowest:                     etcd.lowest.String(),
		EtcdHighest:                    etcd.highest.String(),
		EtcdOldest:                     startableEtcd.at(n).oldest,
		EtcdNewest:                     startableEtcd.at(n).newest,
		EtcdTraced:                     lowest.Traced,
		// 3.6 accepts both spellings, so the lowest decides as long as no range
		// reaches from 3.5 to 3.7. TestDefaultEtcdRanges watches that.
		EtcdFlagPrefix:       lowest.FlagPrefix,
		EtcdSamplingRateFlag: lowest.SamplingRateFlag && highest.SamplingRateFlag,
	}
}

// supportedReleases is the span of the tables for messages.
func supportedReleases() string { return fmt.Sprintf("1.%d to 1.%d", oldestMinor, newestMinor) }

// Each table below names the upstream file that a new release has to be
// compared with. CONTRIBUTING.md says how to add a release.

// v1beta1 is read by every release from 1.27 on. v1, which 1.34 added, would
// end a 1.33 API server that restarts on the same node during an upgrade.
//
// Source: k8s.io/apiserver pkg/apis/apiserver/{v1alpha1,v1beta1,v1}/register.go
// of each release (v1alpha1: v0.22.17:56, v1beta1: v0.27.16:55, all three:
// v0.37.1).
var tracingConfigurationAPI = since[string]{
	{numbers{1, 22}, tracingV1Alpha1},
	{numbers{1, 27}, tracingV1Beta1},
}

// Source: k8s.io/apiserver pkg/features/kube_features.go of each release
// (v0.26.15:239 alpha, v0.27.16:272 beta, v0.34.4:297 locked, no occurrence in
// v0.37.1).
var apiServerTracingGate = since[Gate]{
	{numbers{1, 22}, GateRequired},
	{numbers{1, 27}, GateOptional},
	{numbers{1, 34}, GateLocked},
	{numbers{1, 37}, GateUnknown},
}

// Source: k8s.io/kubelet config/v1beta1/types.go: the field tracing is there
// from v0.25.0 on (v0.25.16:788).
var kubeletTraced = since[bool]{
	{numbers{1, 22}, false},
	{numbers{1, 25}, true},
}

// Source: k8s.io/kubernetes pkg/features/kube_features.go of each release
// (v1.25.16:1029 alpha, v1.27.16:1050 beta, v1.34.4:1436 locked; still
// registered in v1.37.1:1813, unlike APIServerTracing).
var kubeletTracingGate = since[Gate]{
	{numbers{1, 22}, GateUnknown},
	{numbers{1, 25}, GateRequired},
	{numbers{1, 27}, GateOptional},
	{numbers{1, 34}, GateLocked},
}

// Source: k8s.io/kubernetes cmd/kubelet/app/server.go of each release
// (v1.28.15:214 and :322 mergo over defaults, v1.29.1:216 and :330 JSON merge
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
// (v1.27.3:1897, v1.28.15:1940, v1.29.1:1963, v1.30.0:1972); seen with 1.29.1,
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

// Source: k8s.io/apiserver pkg/endpoints/filters/traces.go of each release
// (WithPublicEndpoint with OpenTelemetry 0.20 up to v0.25, whose sampler still
// sees the remote context; with 1.x from v0.26 on; WithPublicEndpointFn from
// v0.33.0:83 on).
var traceContext = since[TraceContext]{
	{numbers{1, 22}, TraceContextForcesSampling},
	{numbers{1, 26}, TraceContextIgnored},
	{numbers{1, 33}, TraceContextPrivileged},
}

// The instruments of otelgrpc and otelhttp without a noop meter provider. 1.32
// never had it.
//
// Source: noop.NewMeterProvider in k8s.io/apiserver
// pkg/server/options/tracing.go of v0.29.10, v0.30.6 and v0.31.2;
// kubernetes/kubernetes#126957.
var leakFixedIn = since[string]{
	{numbers{1, 29}, "1.29.10"},
	{numbers{1, 30}, "1.30.6"},
	{numbers{1, 31}, "1.31.2"},
	{numbers{1, 32}, ""},
}

// v1beta3 is read by kubeadm 1.22 to 1.36, v1beta4 by 1.31 and later, and from
// 1.31 on v1beta3 is deprecated.
//
// Source: k8s.io/kubernetes cmd/kubeadm/app/util/config/common.go of each
// release (v1.30.14, v1.31.14:90, v1.37.1:84).
var kubeadmAPI = since[string]{
	{numbers{1, 22}, "kubeadm.k8s.io/v1beta3"},
	{numbers{1, 31}, "kubeadm.k8s.io/v1beta4"},
}

// What kubeadm no longer reads it refuses by name, and says which releases of it
// do. 1.28 to 1.30 know v1beta4, but not for init and join.
//
// Source: as above, and the folders of cmd/kubeadm/app/apis/kubeadm.
var kubeadmOldestAPI = since[string]{
	{numbers{1, 22}, "kubeadm.k8s.io/v1beta2"},
	{numbers{1, 27}, "kubeadm.k8s.io/v1beta3"},
	{numbers{1, 37}, "kubeadm.k8s.io/v1beta4"},
}

// kubeadmAPIs are the versions of kubeadm's API that a release of the tables
// reads, oldest first.
var kubeadmAPIs = []string{"kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4"}

// KubeadmReads says whether kubeadm init of this release reads documents of a
// version of its API, "kubeadm.k8s.io/v1beta3", be it with a warning that it is
// deprecated. What it does not read, kubeadm config migrate of a release that
// reads both turns into a version that it does.
func (r Release) KubeadmReads(apiVersion string) bool {
	at := slices.Index(kubeadmAPIs, apiVersion)
	return at >= 0 && slices.Index(kubeadmAPIs, r.KubeadmOldestAPIVersion) <= at && at <= slices.Index(kubeadmAPIs, r.KubeadmAPIVersion)
}

// etcdMinors are the first and the last minor release of etcd, or no last one.
type etcdMinors struct{ oldest, newest string }

// Up to 1.33 kubeadm starts etcd with --experimental-initial-corrupt-check, which
// 3.7 no longer has; from 1.36 on with --feature-gates=InitialCorruptCheck=true,
// which 3.5 does not have yet; in between it goes by the image's tag.
//
// Source: getEtcdCommand in k8s.io/kubernetes cmd/kubeadm/app/phases/etcd/local.go
// (v1.25.16, v1.33.13, v1.34.4, v1.35.4, v1.36.3, v1.37.2).
var startableEtcd = since[etcdMinors]{
	{numbers{1, 22}, etcdMinors{"3.5", "3.6"}},
	{numbers{1, 34}, etcdMinors{"3.5", ""}},
	{numbers{1, 36}, etcdMinors{"3.6", ""}},
}

// etcdRange is the oldest and the newest etcd of a kubeadm default.
type etcdRange struct{ lowest, highest numbers }

// Source: DefaultEtcdVersion and SupportedEtcdVersion in k8s.io/kubernetes
// cmd/kubeadm/app/constants/constants.go, over the patches of this minor's
// kubeadm and of the next one's.
var defaultEtcd = since[etcdRange]{
	{numbers{1, 22}, etcdRange{numbers{3, 5, 0}, numbers{3, 5, 6}}},
	{numbers{1, 23}, etcdRange{numbers{3, 5, 1}, numbers{3, 5, 6}}},
	{numbers{1, 24}, etcdRange{numbers{3, 5, 3}, numbers{3, 5, 6}}},
	{numbers{1, 25}, etcdRange{numbers{3, 5, 4}, numbers{3, 5, 10}}},
	{numbers{1, 26}, etcdRange{numbers{3, 5, 6}, numbers{3, 5, 12}}},
	{numbers{1, 27}, etcdRange{numbers{3, 5, 7}, numbers{3, 5, 15}}},
	{numbers{1, 28}, etcdRange{numbers{3, 5, 9}, numbers{3, 5, 16}}},
	{numbers{1, 29}, etcdRange{numbers{3, 5, 10}, numbers{3, 5, 16}}},
	{numbers{1, 30}, etcdRange{numbers{3, 5, 12}, numbers{3, 5, 24}}},
	{numbers{1, 31}, etcdRange{numbers{3, 5, 15}, numbers{3, 5, 24}}},
	{numbers{1, 32}, etcdRange{numbers{3, 5, 16}, numbers{3, 5, 24}}},
	{numbers{1, 33}, etcdRange{numbers{3, 5, 21}, numbers{3, 5, 24}}},
	{numbers{1, 34}, etcdRange{numbers{3, 6, 4}, numbers{3, 6, 6}}},
	{numbers{1, 35}, etcdRange{numbers{3, 6, 6}, numbers{3, 6, 8}}},
	{numbers{1, 36}, etcdRange{numbers{3, 6, 8}, numbers{3, 7, 0}}},
	{numbers{1, 37}, etcdRange{numbers{3, 7, 0}, numbers{3, 7, 0}}},
}
