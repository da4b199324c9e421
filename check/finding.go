package check

import (
	"cmp"
	"fmt"
	"slices"

	"kubetrace/tracing"
)

// Severity says how bad a finding is.
type Severity string

// The severities, worst first.
const (
	// RefusesToStart means that the component does not run, or will not when it
	// starts the next time.
	RefusesToStart Severity = "refuses to start"
	// NoTraces means that the component runs, and that some or all of its traces
	// are silently missing.
	NoTraces Severity = "silently no traces"
	// Exposed means that spans go, or can be sent from, where the spec does not let
	// them.
	Exposed Severity = "exposed"
	// Stale means that it works, but not as the spec says.
	Stale Severity = "stale"
	// Unseen means that what is needed to judge was not given.
	Unseen Severity = "not seen"
)

var severities = []Severity{RefusesToStart, NoTraces, Exposed, Stale, Unseen}

// Finding is something that is not as the spec says.
type Finding struct {
	// Component is whose setting it is.
	Component tracing.Component `json:"component"`
	// Node is the node it was found on, or empty where it holds of the cluster.
	Node string `json:"node,omitempty"`
	// Setting is what is not as wanted: a flag "--tracing-config-file", a field
	// "tracing.endpoint", a path of an object.
	Setting string `json:"setting"`
	// Want is what the spec says and Have what is there.
	Want string `json:"want"`
	Have string `json:"have"`
	// Severity says how bad it is.
	Severity Severity `json:"severity"`
	// Cure says what to do, as sentences without the last full stop.
	Cure string `json:"cure"`
}

// String returns the finding as one line.
func (f Finding) String() string {
	node := ""
	if f.Node != "" {
		node = " on " + f.Node
	}
	return fmt.Sprintf("%s%s: %s is %s, wanted is %s (%s): %s", f.Component, node, f.Setting, f.Have, f.Want, f.Severity, f.Cure)
}

// sorted puts the worst first.
func sorted(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(a.Component, b.Component), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Setting, b.Setting),
		)
	})
	return slices.Compact(findings)
}
