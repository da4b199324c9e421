package jaeger

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The shapes of Jaeger's JSON, without what nothing here asks for. Times are
// microseconds.
type (
	traceJSON struct {
		TraceID   string                 `json:"traceID"`
		Spans     []spanJSON             `json:"spans"`
		Processes map[string]processJSON `json:"processes"`
	}
	spanJSON struct {
		TraceID       string          `json:"traceID"`
		SpanID        string          `json:"spanID"`
		OperationName string          `json:"operationName"`
		References    []referenceJSON `json:"references"`
		// Unsigned, as Jaeger writes them: a span that ends before it starts, for
		// its clock was set back, has a duration of nearly 1<<64.
		StartTime uint64    `json:"startTime"`
		Duration  uint64    `json:"duration"`
		Tags      []tagJSON `json:"tags"`
		ProcessID string    `json:"processID"`
	}
	referenceJSON struct {
		RefType string `json:"refType"`
		TraceID string `json:"traceID"`
		SpanID  string `json:"spanID"`
	}
	processJSON struct {
		ServiceName string    `json:"serviceName"`
		Tags        []tagJSON `json:"tags"`
	}
	tagJSON struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	errorJSON struct {
		Msg     string `json:"msg"`
		TraceID string `json:"traceID"`
	}
)

func (t traceJSON) model() Trace {
	trace := Trace{ID: t.TraceID, Spans: make([]Span, len(t.Spans))}
	for i, s := range t.Spans {
		process := t.Processes[s.ProcessID]
		span := Span{
			ID:        s.SpanID,
			TraceID:   s.TraceID,
			Operation: s.OperationName,
			Service:   process.ServiceName,
			Start:     time.UnixMicro(int64(s.StartTime)).UTC(),
			Duration:  time.Duration(int64(s.Duration)) * time.Microsecond,
			Tags:      texts(s.Tags),
			Resource:  texts(process.Tags),
		}
		for _, r := range s.References {
			if span.ParentID == "" && r.RefType == ChildOf && r.TraceID == s.TraceID {
				span.ParentID = r.SpanID
				continue
			}
			span.Links = append(span.Links, Link{Type: r.RefType, TraceID: r.TraceID, SpanID: r.SpanID})
		}
		span.Error = span.Tags["error"] == "true" || span.Tags["otel.status_code"] == "ERROR"
		trace.Spans[i] = span
	}
	slices.SortStableFunc(trace.Spans, func(a, b Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return trace
}

func texts(tags []tagJSON) map[string]string {
	values := make(map[string]string, len(tags))
	for _, tag := range tags {
		values[tag.Key] = tag.text()
	}
	return values
}

// text is a string as it is, and of anything else the JSON, so that no number
// loses a digit. Integers beyond 1<<53 and binary values are strings already.
func (t tagJSON) text() string {
	var text string
	if json.Unmarshal(t.Value, &text) == nil {
		return text
	}
	return string(t.Value)
}

func (e errorJSON) err() error {
	if e.TraceID != "" {
		return fmt.Errorf("trace %s: %s", e.TraceID, e.Msg)
	}
	return errors.New(e.Msg)
}
