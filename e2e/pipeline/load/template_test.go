package load

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/wire"
)

// shape is how the spans of a request hang together, with numbers for ids in the
// order in which they come first.
func shape(t *testing.T, raw wire.Raw) (spans [][3]int, without wire.Raw) {
	t.Helper()
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalProto(raw); err != nil {
		t.Fatal(err)
	}
	traces, ids := map[[16]byte]int{}, map[[8]byte]int{}
	eachSpan(request.Traces(), func(s ptrace.Span) { ids[s.SpanID()] = len(ids) + 1 })
	eachSpan(request.Traces(), func(s ptrace.Span) {
		if traces[s.TraceID()] == 0 {
			traces[s.TraceID()] = len(traces) + 1
		}
		parent := ids[s.ParentSpanID()]
		if parent == 0 && !s.ParentSpanID().IsEmpty() {
			parent = -1 // elsewhere
		}
		spans = append(spans, [3]int{traces[s.TraceID()], ids[s.SpanID()], parent})
		s.SetTraceID([16]byte{})
		s.SetSpanID([8]byte{})
		s.SetParentSpanID([8]byte{})
		for _, link := range s.Links().All() {
			link.SetTraceID([16]byte{})
			link.SetSpanID([8]byte{})
		}
	})
	without, err := request.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return spans, without
}

func eachSpan(traces ptrace.Traces, each func(ptrace.Span)) {
	for _, group := range traces.ResourceSpans().All() {
		for _, scope := range group.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				each(span)
			}
		}
	}
}

// TestTemplate says that a request that is sent again differs from the recorded
// one in its ids alone, which hang together as they did.
func TestTemplate(t *testing.T) {
	recording, _, err := Recorded()
	if err != nil {
		t.Fatal(err)
	}
	book := ledger.New()
	for name, requests := range recording {
		for _, request := range requests {
			template, err := newTemplate(request)
			if err != nil {
				t.Fatal(err)
			}
			first := book.Issue(len(template.spans))
			book.Send(first, len(template.spans))
			again := template.fill(nil, book, first)
			wantShape, wantRest := shape(t, request)
			gotShape, gotRest := shape(t, again)
			if diff := cmp.Diff(wantShape, gotShape); diff != "" {
				t.Fatalf("a request of %s hangs together otherwise (-want +got):\n%s", name, diff)
			}
			if !bytes.Equal(wantRest, gotRest) {
				t.Fatalf("a request of %s differs in more than its ids", name)
			}
			var ids [][]byte
			if err := wire.Spans(again, func(s wire.Span) { ids = append(ids, s.ID) }); err != nil {
				t.Fatal(err)
			}
			book.Arrive(ids)
		}
	}
	if got := book.Counts(); got.Delivered != got.Sent || got.Doubled+got.Foreign > 0 {
		t.Errorf("the ids are not those of the ledger: %+v", got)
	}
}

func BenchmarkFill(b *testing.B) {
	recording, _, err := Recorded()
	if err != nil {
		b.Fatal(err)
	}
	template, err := newTemplate(recording["apiserver"][0])
	if err != nil {
		b.Fatal(err)
	}
	book := ledger.New()
	var buffer wire.Raw
	for b.Loop() {
		buffer = template.fill(buffer, book, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(template.spans)), "ns/span")
}
