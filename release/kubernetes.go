package release

// Kubernetes is what is known of one minor release of Kubernetes.
type Kubernetes struct {
	// Kubernetes is the minor release, "1.29".
	Kubernetes string
	// Preview is the pre-release that the row was read from and judged by,
	// "1.38.0-beta.0", and empty once the release itself is out. What holds of a
	// preview may still change.
	Preview string
	// TracingConfigurationAPIVersion is what kube-apiserver's tracing file is
	// written in: the oldest version that the release and every later one
	// reads, so that a file survives upgrades and rollbacks.
	TracingConfigurationAPIVersion string
	// TracingConfigurationStrict says that kube-apiserver does not start with a
	// tracing file that has an unknown field, which a key in another case is too,
	// or a key twice. Before 1.32 it ignores the one, and takes the last of the
	// other.
	TracingConfigurationStrict bool
	// APIServerTracing is the gate of kube-apiserver's tracing. From 1.37 on it
	// is unknown and tracing is always there.
	APIServerTracing Gate
	// KubeletTraced says whether the kubelet can be traced at all.
	KubeletTraced bool
	// KubeletTracing is the gate of the kubelet's tracing, before 1.25 and from
	// 1.38 on unknown; see KubeletTraced.
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
	// reads, perhaps with a warning; see [Kubernetes.KubeadmReads].
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

// The oldest and the newest minor of the tables. All goes from one to the other.
//
// Each table of this package names the upstream file that a new release has to be
// compared with. CONTRIBUTING.md says how to add a release.
const (
	oldestMinor = 22
	newestMinor = 38
)

// preview names the pre-release of a minor that is not released yet. Take the row
// out when it is: a test of conformance fails from that day on.
var preview = since[string]{
	{numbers{1, 38}, "1.38.0-beta.0"},
}

// minorsBeyond is how many minors beyond the newest that is released are treated as the
// newest row.
// That is a year's worth of releases; of a later one, or of another major, nothing
// is known.
const minorsBeyond = 3

// All returns one row per supported minor release of Kubernetes, oldest first. The
// slice is the caller's.
func All() []Kubernetes {
	rows := make([]Kubernetes, 0, newestMinor-oldestMinor+1)
	for minor := uint(oldestMinor); minor <= newestMinor; minor++ {
		rows = append(rows, kubernetesAt(numbers{1, minor}))
	}
	return rows
}

// Bounds returns the oldest and the newest minor release of Kubernetes that have a
// row, "1.22" and "1.38", and the latest one that is treated as the newest row,
// "1.40".
func Bounds() (oldest, newest, latest string) {
	return numbers{1, oldestMinor}.minor(), numbers{1, newestMinor}.minor(), numbers{1, latestMinor()}.minor()
}

// NewestReleased returns the newest minor release whose row is no preview, "1.37".
func NewestReleased() string { return numbers{1, newestReleased()}.minor() }

func newestReleased() uint {
	minor := uint(newestMinor)
	for preview.at(numbers{1, minor}) != "" {
		minor--
	}
	return minor
}

func latestMinor() uint { return newestReleased() + minorsBeyond }

// KubernetesAt returns the row of a version of Kubernetes, and whether that row is
// about it. A version that is newer than the tables, and up to three minors newer than
// the newest release in them, gets the newest row, a later one and another major none.
func KubernetesAt(v Version) (Kubernetes, Support) {
	switch {
	case v.numbers.before(numbers{1, oldestMinor}):
		return Kubernetes{}, SupportTooOld
	case v.numbers.before(numbers{1, newestMinor + 1}):
		return kubernetesAt(v.numbers), SupportKnown
	case v.numbers.before(numbers{1, latestMinor() + 1}):
		return kubernetesAt(numbers{1, newestMinor}), SupportNewer
	}
	return Kubernetes{}, SupportTooNew
}

// KubernetesOf returns the row of the Kubernetes that a version or an image's tag
// names with its patch, "v1.29.1", and false where it names none of [All].
func KubernetesOf(tag string) (Kubernetes, bool) {
	version, _ := VersionOfTag(tag)
	row, support := KubernetesAt(version)
	if support != SupportKnown {
		return Kubernetes{}, false
	}
	return row, true
}

// kubernetesAt returns the row of a minor release of the tables.
func kubernetesAt(n numbers) Kubernetes {
	n = numbers{n[0], n[1]}
	etcd := defaultEtcd.at(n)
	lowest, highest := etcdAt(etcd.lowest), etcdAt(etcd.highest)
	return Kubernetes{
		Kubernetes:                     n.minor(),
		Preview:                        preview.at(n),
		TracingConfigurationAPIVersion: tracingConfigurationAPI.at(n),
		TracingConfigurationStrict:     tracingConfigurationStrict.at(n),
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

// Leaks says whether a version of this release has that leak, or may have it where
// it names no patch.
func (k Kubernetes) Leaks(v Version) bool {
	fixed, ok := ParseVersion(k.LeakFixedIn)
	return ok && (!v.hasPatch || v.numbers.before(fixed.numbers))
}
