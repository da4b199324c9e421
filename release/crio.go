package release

import "strings"

// CRIO is what is known of the CRI-O releases from one on.
type CRIO struct {
	// From is the first release of the row, "1.26.0"; it holds until the next.
	From string
	// DefaultEndpoint is where it sends to without a setting.
	DefaultEndpoint string
	// CRISpans says that what a call of the kubelet does has spans of its own, beside
	// the one of the call.
	CRISpans bool
	// ConfigCommand prints the configuration that it runs with: "crio status config".
	ConfigCommand string
}

// The table [crio.tracing] has the same three keys in every release; before 1.23 it is
// not known, and passed over.
//
// Source: pkg/config/config.go of github.com/cri-o/cri-o (TracingConfig in
// v1.23.0:514 to v1.36.0:798, none in v1.22.5; the default in v1.23.0:790 to
// v1.30.0:937, and in v1.31.0:952), internal/opentelemetry/tracing_config.go (always
// ParentBased, gRPC without TLS), StartSpan, which nothing calls in v1.25.0,
// cmd/crio-status/main.go (v1.23.0:46 to v1.28.0) and StatusCommand in
// internal/criocli/status.go (from v1.28.0:18 on).
var crioTable = since[CRIO]{
	{numbers{1, 23, 0}, CRIO{DefaultEndpoint: "0.0.0.0:4317", ConfigCommand: "crio-status config"}},
	{numbers{1, 26, 0}, CRIO{DefaultEndpoint: "0.0.0.0:4317", CRISpans: true, ConfigCommand: "crio-status config"}},
	{numbers{1, 28, 0}, CRIO{DefaultEndpoint: "0.0.0.0:4317", CRISpans: true, ConfigCommand: "crio status config"}},
	{numbers{1, 31, 0}, CRIO{DefaultEndpoint: "127.0.0.1:4317", CRISpans: true, ConfigCommand: "crio status config"}},
}

// newestCRIO is the newest minor release that was read.
var newestCRIO = numbers{1, 36}

// AllCRIO returns the table of CRI-O releases, oldest first. The slice is the
// caller's.
func AllCRIO() []CRIO {
	rows := make([]CRIO, 0, len(crioTable))
	for _, row := range crioTable {
		rows = append(rows, crioAt(row.from))
	}
	return rows
}

// CRIOAt returns the row of a version of CRI-O, and how it stands to the table. All
// patches of a minor release are alike.
func CRIOAt(v Version) (CRIO, Support) {
	switch {
	case v.numbers.before(crioTable[0].from):
		return CRIO{}, SupportTooOld
	case v.numbers[0] > newestCRIO[0]:
		return CRIO{}, SupportTooNew
	case newestCRIO.before(numbers{v.numbers[0], v.numbers[1]}):
		return crioAt(v.numbers), SupportNewer
	}
	return crioAt(v.numbers), SupportKnown
}

// CRIOOf returns what holds of the CRI-O that a node's status names, "cri-o://1.33.1".
// known is false where it names none with its patch, or one that the table does not
// have.
func CRIOOf(version string) (row CRIO, known bool) {
	parsed, ok := VersionOfTag(strings.TrimPrefix(version, "cri-o://"))
	if !ok {
		return CRIO{}, false
	}
	row, support := CRIOAt(parsed)
	return row, support == SupportKnown || support == SupportNewer
}

// CRIOBounds returns the oldest release of the table and the newest minor release that
// was read, "1.23" and "1.36".
func CRIOBounds() (oldest, newest string) {
	return crioTable[0].from.minor(), newestCRIO.minor()
}

// crioAt returns the row of a CRI-O release, with From filled in.
func crioAt(n numbers) CRIO {
	row := crioTable.row(n)
	row.value.From = row.from.String()
	return row.value
}
