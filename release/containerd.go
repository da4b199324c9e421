package release

import "strings"

// Containerd is what is known of the containerd releases from one on. None of them
// needs OTLP over HTTP: each sends over gRPC, to a TCP address and to an abstract
// socket.
type Containerd struct {
	// From is the first release of the row, "1.7.16"; it holds until the next.
	From string
	// Variables says that it goes by the variables OTEL_….
	Variables bool
	// TOML says that it reads the tables of tracing in its config.toml,
	// plugins."io.containerd.tracing.processor.v1.otlp" and
	// plugins."io.containerd.internal.v1.tracing". Where Variables holds too, it
	// takes from there what no variable says. Others log at most that the tables are
	// deprecated.
	TOML bool
	// FollowsParent says that a call is traced where its caller samples it, whatever
	// the rate. Without it the rate alone decides.
	FollowsParent bool
	// CRISpans says that what a call of the kubelet does has spans of its own, beside
	// the one of the call.
	CRISpans bool
	// RuntimeConfig says that it has the call of the CRI by this name, without which
	// kubelets from 1.35 on say that they lose support for it.
	RuntimeConfig bool
	// ConfigVersion is the newest version of config.toml that it knows.
	ConfigVersion int
	// RefusesNewerConfig says that it does not start with a newer one. Others start, and
	// pass over the tables that only the newer version has, such as those of the CRI.
	RefusesNewerConfig bool
}

// refusesNewerConfig is since when containerd refuses a config.toml that is newer than
// it knows.
//
// Source: ValidateV2 of github.com/containerd/containerd services/server/config/config.go
// (in v1.6.32:107, v1.7.17:107 and v1.7.18, not in v1.6.31, v1.7.15 and v1.7.16) and
// github.com/containerd/containerd/v2 cmd/containerd/server/config/config.go (v2.0.13:117,
// v2.4.2:127). Those of 1.x in conformance/containerd were started with one.
var refusesNewerConfig = since[bool]{
	{numbers{1, 6, 32}, true},
	{numbers{1, 7, 0}, false},
	{numbers{1, 7, 17}, true},
}

// Source: github.com/containerd/containerd tracing/plugin/otlp.go (v1.6.31:48, :144
// TraceIDRatioBased; v1.7.0 and v1.7.15:50, :186 ParentBased; variables alone in
// v1.6.32, v1.6.36, v1.7.16 and v1.7.18; tables copied into variables in v1.7.19:146
// and v1.7.35) and services/server/config/config.go (ConfigVersion: v1.7.30:99), and
// github.com/containerd/containerd/v2 pkg/tracing/plugin/otlp.go (variables alone in
// v2.0.13 and v2.3.4; no configuration at all in v2.4.2), version/version.go
// (ConfigVersion: v2.0.13:41, v2.3.4:41) and internal/cri/server/runtime_config.go
// (RuntimeConfig: v2.0.13:26, in no v1.7.35). CRI spans: StartSpan of tracing in
// pkg/cri, none in v1.6.36.
var containerdTable = since[Containerd]{
	{numbers{1, 6, 0}, Containerd{TOML: true, ConfigVersion: 2}},
	{numbers{1, 6, 32}, Containerd{Variables: true, FollowsParent: true, ConfigVersion: 2}},
	{numbers{1, 7, 0}, Containerd{TOML: true, FollowsParent: true, CRISpans: true, ConfigVersion: 2}},
	{numbers{1, 7, 16}, Containerd{Variables: true, FollowsParent: true, CRISpans: true, ConfigVersion: 2}},
	{numbers{1, 7, 19}, Containerd{Variables: true, TOML: true, FollowsParent: true, CRISpans: true, ConfigVersion: 2}},
	{numbers{2, 0, 0}, Containerd{Variables: true, FollowsParent: true, CRISpans: true, RuntimeConfig: true, ConfigVersion: 3}},
	{numbers{2, 3, 0}, Containerd{Variables: true, FollowsParent: true, CRISpans: true, RuntimeConfig: true, ConfigVersion: 4}},
}

// newestContainerd is the newest minor release that was read. Later ones of the same
// major version are treated as the last row.
var newestContainerd = numbers{2, 4}

// AllContainerd returns the table of containerd releases, oldest first. The slice is
// the caller's.
func AllContainerd() []Containerd {
	rows := make([]Containerd, 0, len(containerdTable))
	for _, row := range containerdTable {
		rows = append(rows, containerdAt(row.from))
	}
	return rows
}

// ContainerdAt returns the first and the last row that a version may be of, and how it
// stands to the table. They are the same where the version has its patch, "1.7.18"; of
// a minor release, "1.7", they are those of its oldest and newest patch.
func ContainerdAt(v Version) (oldest, newest Containerd, support Support) {
	switch {
	case v.numbers.before(containerdTable[0].from):
		return Containerd{}, Containerd{}, SupportTooOld
	case v.numbers[0] > newestContainerd[0]:
		return Containerd{}, Containerd{}, SupportTooNew
	}
	support = SupportKnown
	if newestContainerd.before(numbers{v.numbers[0], v.numbers[1]}) {
		support = SupportNewer
	}
	last := v.numbers
	if !v.hasPatch {
		last[2] = lastPatch
	}
	return containerdAt(v.numbers), containerdAt(last), support
}

// lastPatch is more than any patch of a minor release.
const lastPatch = 1_000_000

// ContainerdOf returns what holds of the containerd that a node's status names,
// "containerd://1.7.18", or a distribution, "1.6.20~ds1". known is false where it names
// none with its patch, or one that the table does not have.
func ContainerdOf(version string) (row Containerd, known bool) {
	parsed, ok := VersionOfTag(strings.TrimPrefix(version, "containerd://"))
	if !ok {
		return Containerd{}, false
	}
	row, _, support := ContainerdAt(parsed)
	return row, support == SupportKnown || support == SupportNewer
}

// ContainerdBounds returns the oldest release of the table and the newest minor
// release that was read, "1.6" and "2.4".
func ContainerdBounds() (oldest, newest string) {
	return containerdTable[0].from.minor(), newestContainerd.minor()
}

// containerdAt returns the row of a containerd release, with From and
// RefusesNewerConfig filled in.
func containerdAt(n numbers) Containerd {
	row := containerdTable.row(n)
	row.value.From = row.from.String()
	row.value.RefusesNewerConfig = refusesNewerConfig.at(n)
	return row.value
}

// From this release on a kubelet says, in its log and in the metric
// kubelet_cri_losing_support, that it will not go on with a runtime without the call
// RuntimeConfig. It still does in 1.38.0-beta.0.
//
// Source: getCgroupDriverFromCRI in k8s.io/kubernetes cmd/kubelet/app/server.go
// (v1.35.4:1394, v1.37.2:1478, v1.38.0-beta.0:1492).
var wantsRuntimeConfig = since[bool]{
	{numbers{1, 35}, true},
}

// KubeletDrops says whether a kubelet announces that it loses support for a containerd.
func KubeletDrops(kubelet Version, row Containerd) bool {
	return wantsRuntimeConfig.at(kubelet.numbers) && !row.RuntimeConfig
}
