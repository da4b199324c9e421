package release

// Support says how a version stands to a table.
type Support string

const (
	// SupportKnown means that a row is about it.
	SupportKnown Support = "known"
	// SupportNewer means that it is newer than the table, and is treated as the
	// newest row.
	SupportNewer Support = "newer"
	// SupportTooOld means that it is too old for tracing, and has no row.
	SupportTooOld Support = "too old"
	// SupportTooNew means that nobody can say what holds of it: it has no row.
	SupportTooNew Support = "too new"
)
