package release

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMinorsAfter(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     []string
		says     string
	}{
		{"1.34", "v1.36.1", []string{"1.35", "1.36"}, ""},
		{"1.34", "1.34", nil, ""},
		{"v1.34.1", "1.34.7", nil, ""},
		{"v1.34.1", "1.34", nil, ""},
		{"1.34", "1.33.9", nil, "no upgrade"},
		{"1.34.2", "1.34.1", nil, "no upgrade"},
		{"1.39", "1.40", []string{"1.40"}, ""},
		{"1.40", "1.41", nil, "1.41 is far from the newest release that is known here, 1.38: write one up to 1.40"},
		{"1.34", "1.900000", nil, "far from the newest"},
		{"1.37", "2.0", nil, "far from the newest"},
		{"0.9", "1.34", nil, "no upgrade"},
		{"x", "1.34", nil, `"x" is no version`},
		{"1.34", "y", nil, `"y" is no version`},
	} {
		got, err := MinorsAfter(test.from, test.to)
		if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s to %s: got %v", test.from, test.to, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s to %s (-want +got):\n%s", test.from, test.to, diff)
		}
	}
}
