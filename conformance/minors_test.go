package conformance

import (
	"slices"
	"strings"
	"testing"

	"kubetrace/tracing"
)

func TestMinors(t *testing.T) {
	var all []string
	for _, release := range tracing.Releases() {
		all = append(all, release.Kubernetes)
	}
	for _, test := range []struct {
		value string
		want  []string
		err   string
	}{
		{"", all, ""},
		{"1.22", []string{"1.22"}, ""},
		{"1.37,1.22", []string{"1.22", "1.37"}, ""},
		{"1.22, 1.37,", []string{"1.22", "1.37"}, ""},
		{"1.22,1.21", nil, `"1.21"`},
		{"1.3", nil, `"1.3"`},
		{"v1.30", nil, `"v1.30"`},
	} {
		t.Run(test.value, func(t *testing.T) {
			t.Setenv(MinorsVariable, test.value)
			got, err := Minors()
			if !slices.Equal(got, test.want) || (err == nil) != (test.err == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%v does not name %s", err, test.err)
			}
		})
	}
}
