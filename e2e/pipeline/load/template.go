package load

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"slices"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/wire"
)

// template is a request of which only the ids change from one sending to the
// next.
type template struct {
	text  wire.Raw
	spans []ids
	// traces is how many different traces there are in it.
	traces int
}

// ids are where those of one span stand in the text.
type ids struct {
	trace, id, parent int // parent is 0 where there is none
	number            int // of the trace in the template
	parentSpan        int // the index of the parent, or -1 where it is elsewhere
	links             []int
}

func newTemplate(request wire.Raw) (*template, error) {
	t := &template{text: slices.Clone(request)}
	// What is left of the text behind where a part begins is its capacity.
	offset := func(part []byte) int { return cap(t.text) - cap(part) }
	traces, parents := map[string]int{}, map[string]int{}
	var parentIDs []string
	err := wire.Spans(t.text, func(s wire.Span) {
		span := ids{trace: offset(s.Trace), id: offset(s.ID), parentSpan: -1}
		number, there := traces[string(s.Trace)]
		if !there {
			number = len(traces)
			traces[string(s.Trace)] = number
		}
		span.number = number
		if s.Parent != nil {
			span.parent = offset(s.Parent)
		}
		for _, link := range s.Links {
			span.links = append(span.links, offset(link), len(link))
		}
		parents[string(s.ID)] = len(t.spans)
		parentIDs = append(parentIDs, string(s.Parent))
		t.spans = append(t.spans, span)
	})
	for i, parent := range parentIDs {
		if at, there := parents[parent]; there {
			t.spans[i].parentSpan = at
		}
	}
	t.traces = len(traces)
	return t, err
}

// fill writes the request again, into a buffer that may be used again, with the
// ids of spans that are numbered from first on.
func (t *template) fill(buffer wire.Raw, book *ledger.Ledger, first uint64) wire.Raw {
	buffer = append(buffer[:0], t.text...)
	traces := make([]byte, 16*t.traces)
	rand.Read(traces) // it never fails
	for i, span := range t.spans {
		copy(buffer[span.trace:span.trace+16], traces[16*span.number:])
		book.PutID(buffer[span.id:span.id+8], first+uint64(i))
		switch {
		case span.parent == 0:
		case span.parentSpan >= 0:
			book.PutID(buffer[span.parent:span.parent+8], first+uint64(span.parentSpan))
		default: // a span of another request, which nobody looks for
			binary.BigEndian.PutUint64(buffer[span.parent:], mathrand.Uint64())
		}
		for link := 0; link < len(span.links); link += 2 {
			rand.Read(buffer[span.links[link] : span.links[link]+span.links[link+1]])
		}
	}
	return buffer
}
