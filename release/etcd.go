package release

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

// Etcd is what is known of the etcd releases from one patch on.
type Etcd struct {
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
// Source: go.etcd.io/etcd/server/v3 embed/config_tracing.go, embed/config.go and
// etcdmain/config.go at each patch: DistributedTracing and --distributed-tracing in
// names, newTracingExporter, determineSampler and validateTracingConfig (v3.5.5
// config_tracing.go:67 hard-codes no root sampling, v3.5.11 etcdmain/config.go:279 adds the rate, v3.6.0 adds
// the plain spelling, v3.7.0 removes the experimental one; v3.8.0-alpha.0 has
// every flag and field of v3.7.3, byte for byte); the leak is
// etcd-io/etcd#13990.
var etcdTable = since[Etcd]{
	{numbers{3, 5, 0}, Etcd{FlagPrefix: EtcdExperimental, RootSampling: RootSamplingAll}},
	{numbers{3, 5, 5}, Etcd{FlagPrefix: EtcdExperimental, RootSampling: RootSamplingNone, Traced: true}},
	{numbers{3, 5, 11}, Etcd{FlagPrefix: EtcdExperimental, RootSampling: RootSamplingRate, Traced: true, SamplingRateFlag: true}},
	{numbers{3, 6, 0}, Etcd{RootSampling: RootSamplingRate, Traced: true, SamplingRateFlag: true}},
}

// newestEtcdMinor is the newest minor release that the table speaks of.
var newestEtcdMinor = numbers{3, 7}

// NewestEtcd returns the newest minor release of etcd that is known, "3.7".
func NewestEtcd() string { return newestEtcdMinor.minor() }

// AllEtcd returns the table of etcd releases, oldest first. The last row also holds
// for what is newer. The slice is the caller's.
func AllEtcd() []Etcd {
	rows := make([]Etcd, 0, len(etcdTable))
	for _, row := range etcdTable {
		rows = append(rows, etcdAt(row.from))
	}
	return rows
}

// EtcdAt returns the row of a version of etcd, and whether it is about it: a version
// before 3.5 has none, and one that is newer than [NewestEtcd] gets the newest.
func EtcdAt(v Version) (Etcd, Support) {
	switch {
	case v.numbers.before(etcdTable[0].from):
		return Etcd{}, SupportTooOld
	case newestEtcdMinor.before(numbers{v.numbers[0], v.numbers[1]}):
		return etcdAt(v.numbers), SupportNewer
	}
	return etcdAt(v.numbers), SupportKnown
}

// EtcdOf returns the row of the etcd whose image has a tag, "3.5.21-0" or "v3.6.5",
// and false where the tag names no version from 3.5 on.
func EtcdOf(tag string) (Etcd, bool) {
	version, _ := VersionOfTag(tag)
	row, support := EtcdAt(version)
	return row, support != SupportTooOld
}

// etcdAt returns the row of an etcd release, with From filled in.
func etcdAt(n numbers) Etcd {
	row := etcdTable.row(n)
	row.value.From = row.from.String()
	return row.value
}
