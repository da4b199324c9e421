package wire

import (
	"bytes"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// request has a root with a link, and a child, in two groups.
func request(t testing.TB) Raw {
	t.Helper()
	traces := ptrace.NewTraces()
	add := func() ptrace.Span {
		group := traces.ResourceSpans().AppendEmpty()
		group.Resource().Attributes().PutStr("service.name", "etcd")
		span := group.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetName("a name")
		span.SetStartTimestamp(1)
		span.SetFlags(3)
		span.Attributes().PutInt("n", 7)
		return span
	}
	root, child := add(), add()
	root.SetTraceID([16]byte{1})
	root.SetSpanID([8]byte{2})
	link := root.Links().AppendEmpty()
	link.SetTraceID([16]byte{3})
	link.SetSpanID([8]byte{4})
	child.SetTraceID([16]byte{1})
	child.SetSpanID([8]byte{5})
	child.SetParentSpanID([8]byte{2})
	raw, err := ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestSpans(t *testing.T) {
	raw := request(t)
	var got []Span
	if err := Spans(raw, func(s Span) { got = append(got, s) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].ID[0] != 2 || got[0].Parent != nil || len(got[0].Links) != 2 || len(got[0].Links[0])+len(got[0].Links[1]) != 24 ||
		got[1].Trace[0] != 1 || got[1].ID[0] != 5 || got[1].Parent[0] != 2 {
		t.Fatalf("got %v", got)
	}
	// What is written into an id is written into the request.
	got[1].ID[7] = 9
	changed := ptraceotlp.NewExportRequest()
	if err := changed.UnmarshalProto(raw); err != nil {
		t.Fatal(err)
	}
	if id := changed.Traces().ResourceSpans().At(1).ScopeSpans().At(0).Spans().At(0).SpanID(); id != [8]byte{5, 0, 0, 0, 0, 0, 0, 9} {
		t.Errorf("the id is %v", id)
	}
}

func TestRejected(t *testing.T) {
	for rejected, want := range map[int64]bool{0: false, 3: true} {
		response := ptraceotlp.NewExportResponse()
		response.PartialSuccess().SetRejectedSpans(rejected)
		raw, err := response.MarshalProto()
		if err != nil {
			t.Fatal(err)
		}
		if err := Rejected(raw); (err != nil) != want {
			t.Errorf("%d are rejected: %v", rejected, err)
		}
	}
}

// FuzzSpans says that what is no request is an error and no panic, and that the
// library agrees on what is.
func FuzzSpans(f *testing.F) {
	raw := request(f)
	f.Add([]byte(raw))
	f.Add([]byte(raw[:len(raw)-3]))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		n, err := Count(text)
		if !bytes.Equal(before, text) {
			t.Fatal("it was changed")
		}
		message := ptraceotlp.NewExportRequest()
		if err == nil && message.UnmarshalProto(text) == nil && n != message.Traces().SpanCount() {
			t.Errorf("%d spans, of which the library sees %d", n, message.Traces().SpanCount())
		}
	})
}
