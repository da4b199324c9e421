package setting_test

import (
	"testing"

	"kubetrace/internal/setting"
)

func TestFirstDifference(t *testing.T) {
	for _, test := range []struct{ a, b, first, second string }{
		{"a\nb\nc", "a\nx\nc", "b", "x"},
		{"a", "x", "a", "x"},
		{"a\nb", "a", "b", ""},
		{"a", "a\nb", "", "b"},
		{"a\n", "a\n", "", ""},
	} {
		if first, second := setting.FirstDifference(test.a, test.b); first != test.first || second != test.second {
			t.Errorf("%q and %q: got %q and %q", test.a, test.b, first, second)
		}
	}
}
