package tracing

import "fmt"

// WarningCode names a kind of [Warning], for programs that handle one.
type WarningCode string

// The kinds of warnings, each documented with what brings it about.
const (
	// WarnMemoryLeak: kube-apiserver or kubelet 1.29.0–1.29.9, 1.30.0–1.30.5 or
	// 1.31.0–1.31.1, or one of these minors without a patch.
	WarnMemoryLeak WarningCode = "MemoryLeak"
	// WarnEtcdNotTraced: the default etcd of 1.22 to 1.25 may be older than
	// 3.5.5, so etcd is left alone.
	WarnEtcdNotTraced WarningCode = "EtcdNotTraced"
	// WarnEtcdNoRootSampling: etcd before 3.5.11 traces only what a traced
	// kube-apiserver asks of it.
	WarnEtcdNoRootSampling WarningCode = "EtcdNoRootSampling"
	// WarnEtcdRateIgnored: a rate was asked of an etcd that has no such flag.
	WarnEtcdRateIgnored WarningCode = "EtcdRateIgnored"
	// WarnEtcdVersionIgnored: the spec names an etcd version without an image tag,
	// and it allows more than every etcd that a kubeadm of the release may install.
	// Etcd.Version does not decide which of them runs, so it decides no flag.
	WarnEtcdVersionIgnored WarningCode = "EtcdVersionIgnored"
	// WarnEtcdImage: the registry most likely does not have etcd's image under
	// the tag.
	WarnEtcdImage WarningCode = "EtcdImage"
	// WarnEtcdExternal: etcd's flags have to be placed by hand.
	WarnEtcdExternal WarningCode = "EtcdExternal"
	// WarnInstanceIDShared: one instance id for all members of etcd.
	WarnInstanceIDShared WarningCode = "InstanceIDShared"
	// WarnClientsForceSampling: any client of a 1.22 to 1.25 API server can
	// have its request sampled.
	WarnClientsForceSampling WarningCode = "ClientsForceSampling"
	// WarnTraceContextIgnored: a 1.26 to 1.32 API server starts a new trace for
	// every request.
	WarnTraceContextIgnored WarningCode = "TraceContextIgnored"
	// WarnEgressSelectorPanic: a 1.22 to 1.25 API server with an egress
	// selector that has no controlplane entry panics when tracing is on.
	WarnEgressSelectorPanic WarningCode = "EgressSelectorPanic"
	// WarnKubeletNotTraced: kubelets before 1.25 have no tracing.
	WarnKubeletNotTraced WarningCode = "KubeletNotTraced"
	// WarnKubeletDropIn: kubelets before 1.30 have no usable --config-dir.
	WarnKubeletDropIn WarningCode = "KubeletDropIn"
	// WarnKubeletCallsApart: in kubelets 1.25, 1.26, 1.28 and 1.29 the calls that
	// start a pod are traces of their own.
	WarnKubeletCallsApart WarningCode = "KubeletCallsApart"
	// WarnRuntimePolls: a container runtime has a rate of its own, and the kubelet is
	// not traced, so that its polls bring no trace context.
	WarnRuntimePolls WarningCode = "RuntimePolls"
	// WarnRuntimeIdle: a container runtime traces what the kubelet samples, and the
	// kubelet is not traced.
	WarnRuntimeIdle WarningCode = "RuntimeIdle"
	// WarnRuntimeIgnoresKubelet: containerd before 1.6.32 traces by its rate alone.
	WarnRuntimeIgnoresKubelet WarningCode = "RuntimeIgnoresKubelet"
	// WarnRuntimeUntraced: containerd 1.6 without a patch, which is traced from 1.6.32
	// on.
	WarnRuntimeUntraced WarningCode = "RuntimeUntraced"
	// WarnRuntimeOld: a container runtime is older than the kubelet wants it.
	WarnRuntimeOld WarningCode = "RuntimeOld"
	// WarnRuntimeEndpoint: CRI-O sends to an abstract socket, and its monitor of
	// containers cannot.
	WarnRuntimeEndpoint WarningCode = "RuntimeEndpoint"
	// WarnDefaultRate: a traced component follows the default rate, 1 %.
	WarnDefaultRate WarningCode = "DefaultRate"
	// WarnNothingTraced: the spec disables etcd, kube-apiserver and kubelet.
	WarnNothingTraced WarningCode = "NothingTraced"
	// WarnInMemoryBackend: traces go to the development backend.
	WarnInMemoryBackend WarningCode = "InMemoryBackend"
	// WarnNamespaceNotManaged: the collector's namespace must be labelled by
	// hand.
	WarnNamespaceNotManaged WarningCode = "NamespaceNotManaged"
	// WarnCollectorRoot: the collector runs as root for a queue in a folder of the
	// node.
	WarnCollectorRoot WarningCode = "CollectorRoot"
	// WarnQueueUnbounded: the file of a queue on disk has no bound of its own in
	// collectors before 0.156.
	WarnQueueUnbounded WarningCode = "QueueUnbounded"
	// WarnQueueUnsafe: a queue on disk does not wait for the disk.
	WarnQueueUnsafe WarningCode = "QueueUnsafe"
	// WarnQueueDamage: a collector does not start with a queue's file that is
	// damaged.
	WarnQueueDamage WarningCode = "QueueDamage"
	// WarnGatewayPlainText: the way from the nodes to the gateway is not encrypted.
	WarnGatewayPlainText WarningCode = "GatewayPlainText"
	// WarnGatewayOpen: the gateway asks nobody for a certificate.
	WarnGatewayOpen WarningCode = "GatewayOpen"
	// WarnGatewayThrottled: a backend behind a gateway that answers 429 for long
	// loses spans.
	WarnGatewayThrottled WarningCode = "GatewayThrottled"
	// WarnNewerRelease: a version newer than the tables.
	WarnNewerRelease WarningCode = "NewerRelease"
	// WarnPreviewRelease: a Kubernetes that is known from a pre-release alone; see
	// Release.Preview.
	WarnPreviewRelease WarningCode = "PreviewRelease"
)

// Warning is something that a valid spec brings along and a person should know:
// what upstream cannot do, does wrong, or does in a way that may not be
// expected. Nothing in kubetrace logs; callers print warnings as they see fit.
type Warning struct {
	// Code is the kind.
	Code WarningCode
	// Field is the path of the spec's field that it is about.
	Field string
	// Release is the component and the release that it is about, such as
	// "kubelet 1.29.1" or "etcd 3.5.10".
	Release string
	// Message says what happens.
	Message string
	// Cure says what to do about it.
	Cure string
}

// String returns the warning as one line.
func (w Warning) String() string {
	return fmt.Sprintf("%s (%s): %s. %s.", w.Field, w.Release, w.Message, w.Cure)
}
