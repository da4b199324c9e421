package puritytest_test

import (
	"fmt"
	"strings"
	"testing"

	"kubetrace/internal/puritytest"
)

// recorder is a testing.TB that remembers what failed.
type recorder struct {
	testing.TB
	messages []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
}

type thing struct {
	List []string
	Map  map[string]*int
	Any  any
}

func newThing() thing {
	one := 1
	return thing{List: []string{"a"}, Map: map[string]*int{"b": &one}, Any: []int{1}}
}

func TestCheck(t *testing.T) {
	kept, calls := newThing(), 0
	for _, test := range []struct {
		name     string
		function func(thing) thing
		want     string // in the first message; empty where it is pure
	}{
		{name: "pure", function: func(thing) thing { return newThing() }},
		{name: "writes into the input", function: func(in thing) thing { in.List[0] = "z"; return newThing() }, want: "the input was changed"},
		{name: "counts", function: func(thing) thing { calls++; return thing{Any: calls} }, want: "two calls differ"},
		{name: "returns the input's map", function: func(in thing) thing { return thing{Map: in.Map} }, want: "shares something with the input"},
		{name: "returns the input's slice", function: func(in thing) thing { return thing{List: in.List[:0]} }, want: "shares something with the input"},
		{name: "returns what it keeps", function: func(thing) thing { return thing{Any: kept.Any} }, want: "two results share something"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &recorder{TB: t}
			puritytest.Check(r, newThing, test.function)
			got := strings.Join(r.messages, "\n")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
