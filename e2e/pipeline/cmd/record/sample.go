package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// kept is how many spans of each component are kept, of a hundred bytes or so
// once they are compressed.
const kept = 2500

// sample chooses requests of each component at random: the requests in the order
// of their size are cut into as many equal parts as are to be chosen, and one is
// taken of each, so that the sizes are distributed as they were.
func sample(requests []request) []ptrace.Traces {
	random := rand.New(rand.NewPCG(1, 2))
	var chosen []ptrace.Traces
	for _, sender := range senders {
		var all []request
		spans := 0
		for _, came := range requests {
			if came.from == sender && came.spans > 0 {
				all = append(all, came)
				spans += came.spans
			}
		}
		slices.SortStableFunc(all, func(a, b request) int { return a.spans - b.spans })
		n := min(len(all), max(4, kept*len(all)/max(spans, 1)))
		for i := range n {
			from, to := i*len(all)/n, (i+1)*len(all)/n
			chosen = append(chosen, all[from+random.IntN(to-from)].Traces)
		}
	}
	neutral(chosen)
	return chosen
}

// neutral gives every trace and span a small number for an id: whoever sends
// them gives them new ones, and random ones cannot be compressed.
func neutral(requests []ptrace.Traces) {
	traces, spans := map[pcommon.TraceID]uint64{}, map[pcommon.SpanID]uint64{}
	trace := func(id pcommon.TraceID) (small pcommon.TraceID) {
		if !id.IsEmpty() {
			binary.BigEndian.PutUint64(small[8:], number(traces, id))
		}
		return small
	}
	span := func(id pcommon.SpanID) (small pcommon.SpanID) {
		if !id.IsEmpty() {
			binary.BigEndian.PutUint64(small[:], number(spans, id))
		}
		return small
	}
	for _, request := range requests {
		for _, group := range request.ResourceSpans().All() {
			for _, scope := range group.ScopeSpans().All() {
				for _, s := range scope.Spans().All() {
					s.SetTraceID(trace(s.TraceID()))
					s.SetSpanID(span(s.SpanID()))
					s.SetParentSpanID(span(s.ParentSpanID()))
					for _, link := range s.Links().All() {
						link.SetTraceID(trace(link.TraceID()))
						link.SetSpanID(span(link.SpanID()))
					}
				}
			}
		}
	}
}

// number is how many different ids came before one, and one more.
func number[ID comparable](numbers map[ID]uint64, id ID) uint64 {
	n, there := numbers[id]
	if !there {
		n = uint64(len(numbers) + 1)
		numbers[id] = n
	}
	return n
}
