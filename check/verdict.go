package check

import "kubetrace/internal/setting"

// severityOf says how bad a verdict is.
func severityOf(v setting.Verdict) Severity {
	switch v.Class {
	case setting.RefusesToStart:
		return RefusesToStart
	case setting.Silent, setting.Missing, setting.Void:
		return NoTraces
	case setting.Exposed:
		return Exposed
	}
	return Stale
}

// report reports a verdict of a setting, as people call it, unless nothing is wrong.
func (r reporter) report(v setting.Verdict, name, have string) {
	if v.Settled() || v.Default {
		return
	}
	want := v.Value
	if want == "" {
		want = "nothing"
	}
	r.add(severityOf(v), name, want, quoted(have), "%s", v.Cure)
}
