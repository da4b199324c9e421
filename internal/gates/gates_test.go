package gates_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/gates"
)

func TestParse(t *testing.T) {
	for value, want := range map[string][]gates.Gate{
		"":                      nil,
		"B=true,A=false":        {{Name: "B", On: true}, {Name: "A"}},
		" A = T , , B=0":        {{Name: "A", On: true}, {Name: "B"}},
		"AllAlpha=true,A=False": {{Name: "AllAlpha", On: true}, {Name: "A"}},
	} {
		got, err := gates.Parse(value)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", value, err, diff)
		}
	}
	for _, value := range []string{"A", "A=", "A=yes", "=true", "A=true,B"} {
		if got, err := gates.Parse(value); err == nil {
			t.Errorf("%q: got %v, want an error", value, got)
		}
	}
}
