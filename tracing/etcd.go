package tracing

// RootSampling says how etcd samples a request that brings no trace context.
// Requests of a traced kube-apiserver always bring one.
type RootSampling string

const (
	// RootSamplingAll samples every such request.
	RootSamplingAll RootSampling = "all"
	// RootSamplingNone samples no such request, and there is no setting.
	RootSamplingNone RootSampling = "none"
	// RootSamplingRate samples the rate that etcd is given.
	RootSamplingRate RootSampling = "rate"
)

// EtcdRelease is what kubetrace knows of the etcd releases from one patch on.
type EtcdRelease struct {
	// From is the first release of the row, "3.5.11"; it holds until the next.
	From string
	// Traced is false where tracing does more harm than good: etcd before 3.5.5
	// samples everything and leaks memory.
	Traced bool
	// FlagPrefix stands before the tracing flags, "experimental-" or nothing.
	FlagPrefix string
	// SamplingRateFlag says whether there is a flag for the sampling rate.
	SamplingRateFlag bool
	// RootSampling says how requests without a trace context are sampled.
	RootSampling RootSampling
}

// etcd 3.6 accepts both spellings, but not both at once; 3.7 ends on an
// experimental one, 3.5 on a plain one.
//
// Source: server/embed/config_tracing.go and server/etcdmain/config.go of
// go.etcd.io/etcd/server/v3 at each patch (v3.5.5 config_tracing.go:67 hard-codes
// no root sampling, v3.5.11 etcdmain/config.go:279 adds the rate, v3.6.0 adds
// the plain spelling, v3.7.0 removes the experimental one); the leak is
// etcd-io/etcd#13990.
var etcdReleases = since[EtcdRelease]{
	{numbers{3, 5, 0}, EtcdRelease{FlagPrefix: "experimental-", RootSampling: RootSamplingAll}},
	{numbers{3, 5, 5}, EtcdRelease{FlagPrefix: "experimental-", RootSampling: RootSamplingNone, Traced: true}},
	{numbers{3, 5, 11}, EtcdRelease{FlagPrefix: "experimental-", RootSampling: RootSamplingRate, Traced: true, SamplingRateFlag: true}},
	{numbers{3, 6, 0}, EtcdRelease{RootSampling: RootSamplingRate, Traced: true, SamplingRateFlag: true}},
}

// The bounds of what the etcd table speaks of.
var (
	firstTracedEtcd = numbers{3, 5, 5}
	newestEtcdMinor = numbers{3, 7}
)

// EtcdReleases returns the table of etcd releases, oldest first. The last row
// also holds for what is newer. The slice is the caller's.
func EtcdReleases() []EtcdRelease {
	rows := make([]EtcdRelease, 0, len(etcdReleases))
	for _, row := range etcdReleases {
		rows = append(rows, etcdAt(row.from))
	}
	return rows
}

// etcdAt returns the row of an etcd release, with From filled in.
func etcdAt(n numbers) EtcdRelease {
	row := etcdReleases.row(n)
	row.value.From = row.from.String()
	return row.value
}
