package jaeger

import (
	"slices"
	"time"
)

// The types of a Link.
const (
	// ChildOf is a parent. A span's first one of its own trace is its ParentID
	// and no link.
	ChildOf = "CHILD_OF"
	// FollowsFrom is what Jaeger makes of a link of OpenTelemetry.
	FollowsFrom = "FOLLOWS_FROM"
)

// Trace is what has arrived of one trace.
type Trace struct {
	// ID is hexadecimal.
	ID string
	// Spans are sorted by their start, and by ID where that is equal.
	Spans []Span
}

// Span is a piece of work of one service.
type Span struct {
	// ID and TraceID are hexadecimal.
	ID, TraceID string
	// ParentID is a span of the same trace, which need not have arrived; it is
	// empty for a span that has none.
	ParentID string
	// Links are all other references, to this trace or to others.
	Links []Link
	// Operation is the span's name, Service the service.name of its resource.
	Operation, Service string
	// Start and Duration are whole microseconds. Clocks of nodes differ: a child
	// may start before its parent, and a duration be negative.
	Start    time.Time
	Duration time.Duration
	// Tags are the span's attributes, and Resource those of what sent it, such as
	// k8s.node.name. All are text; of a key that comes twice the last counts.
	Tags, Resource map[string]string
	// Error says that the span has failed.
	Error bool
}

// Link is a reference to another span.
type Link struct {
	// Type is ChildOf or FollowsFrom.
	Type string
	// TraceID and SpanID say which span.
	TraceID, SpanID string
}

// End is when the span ended.
func (s Span) End() time.Time { return s.Start.Add(s.Duration) }

// Root returns the earliest span whose parent is not in the trace, and false
// where there is none.
func (t Trace) Root() (Span, bool) {
	ids := make(map[string]bool, len(t.Spans))
	for _, span := range t.Spans {
		ids[span.ID] = true
	}
	for _, span := range t.Spans {
		if !ids[span.ParentID] {
			return span, true
		}
	}
	return Span{}, false
}

// Descendants returns the spans below this one, each before its own children.
func (t Trace) Descendants(spanID string) []Span {
	children := map[string][]Span{}
	for _, span := range t.Spans {
		children[span.ParentID] = append(children[span.ParentID], span)
	}
	var found []Span
	seen := map[string]bool{spanID: true} // references may go in a circle
	var walk func(id string)
	walk = func(id string) {
		for _, child := range children[id] {
			if !seen[child.ID] {
				seen[child.ID] = true
				found = append(found, child)
				walk(child.ID)
			}
		}
	}
	walk(spanID)
	return found
}

// Find returns the spans for which it holds, the earliest first.
func (t Trace) Find(holds func(Span) bool) []Span {
	var found []Span
	for _, span := range t.Spans {
		if holds(span) {
			found = append(found, span)
		}
	}
	return found
}

// Services returns the names of the services that took part, sorted.
func (t Trace) Services() []string {
	var names []string
	for _, span := range t.Spans {
		names = append(names, span.Service)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// start is when the first span that has arrived started.
func (t Trace) start() time.Time {
	if len(t.Spans) == 0 {
		return time.Time{}
	}
	return t.Spans[0].Start
}
