package jaeger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/e2e/jaeger"
)

// traceOf makes a trace of pairs: a span and its parent.
func traceOf(pairs ...[2]string) jaeger.Trace {
	trace := jaeger.Trace{ID: "t"}
	for _, pair := range pairs {
		trace.Spans = append(trace.Spans, jaeger.Span{ID: pair[0], ParentID: pair[1], TraceID: "t", Service: "of " + pair[0][:1]})
	}
	return trace
}

func idsOf(spans []jaeger.Span) (ids []string) {
	for _, span := range spans {
		ids = append(ids, span.ID)
	}
	return ids
}

func TestRoot(t *testing.T) {
	for name, c := range map[string]struct {
		trace jaeger.Trace
		want  string
	}{
		"empty":             {traceOf(), ""},
		"one":               {traceOf([2]string{"a"}), "a"},
		"child is earlier":  {traceOf([2]string{"b", "a"}, [2]string{"a"}), "a"},
		"parent is absent":  {traceOf([2]string{"b", "a"}, [2]string{"c", "b"}), "b"},
		"two":               {traceOf([2]string{"c", "absent"}, [2]string{"a"}), "c"},
		"circle":            {traceOf([2]string{"a", "b"}, [2]string{"b", "a"}), ""},
		"circle and a root": {traceOf([2]string{"a", "a"}, [2]string{"b"}), "b"},
	} {
		root, ok := c.trace.Root()
		if root.ID != c.want || ok != (c.want != "") {
			t.Errorf("%s: the root is %q, %t, want %q", name, root.ID, ok, c.want)
		}
	}
}

func TestDescendants(t *testing.T) {
	tree := traceOf([2]string{"a"}, [2]string{"b", "a"}, [2]string{"c", "a"}, [2]string{"b1", "b"}, [2]string{"c1", "c"}, [2]string{"b2", "b"}, [2]string{"d", "absent"})
	circle := traceOf([2]string{"a", "c"}, [2]string{"b", "a"}, [2]string{"c", "b"}, [2]string{"d", "d"})
	for name, c := range map[string]struct {
		trace jaeger.Trace
		of    string
		want  []string
	}{
		"root":           {tree, "a", []string{"b", "b1", "b2", "c", "c1"}},
		"middle":         {tree, "b", []string{"b1", "b2"}},
		"leaf":           {tree, "b1", nil},
		"not arrived":    {tree, "absent", []string{"d"}},
		"circle":         {circle, "a", []string{"b", "c"}},
		"its own parent": {circle, "d", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, idsOf(c.trace.Descendants(c.of))); diff != "" {
				t.Errorf("descendants (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFind(t *testing.T) {
	trace := traceOf([2]string{"a"}, [2]string{"b1", "a"}, [2]string{"b2", "a"})
	got := idsOf(trace.Find(func(span jaeger.Span) bool { return span.ParentID == "a" }))
	if diff := cmp.Diff([]string{"b1", "b2"}, got); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"of a", "of b"}, trace.Services()); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if got := (jaeger.Trace{}).Services(); len(got) != 0 {
		t.Errorf("an empty trace has services %q", got)
	}
}
