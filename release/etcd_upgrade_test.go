package release

import "testing"

func TestEtcdBefore(t *testing.T) {
	for _, test := range []struct {
		tag, other string
		want       bool
	}{
		{"3.5.21-0", "3.6.4-0", true},
		{"3.6.4-0", "v3.6.10", true},
		{"v3.6.10", "3.6.4-0", false},
		{"3.6.4-0", "3.6.4-1", false},
		{"3.6.4", "3.6.4-0", false},
		{"mine", "3.6.4-0", false},
		{"3.6.4-0", "mine", false},
		{"", "", false},
	} {
		if got := EtcdBefore(test.tag, test.other); got != test.want {
			t.Errorf("%q before %q: got %t", test.tag, test.other, got)
		}
	}
}

func TestEtcdSkips(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     bool
	}{
		{"3.5.21-0", "v3.6.5", false},
		{"3.5.21-0", "3.7.0-0", true},
		{"3.6.5", "3.7.0", false},
		{"3.7.0", "3.5.21", false},
		{"mine", "3.7.0", false},
		{"3.5.21", "", false},
	} {
		if got := EtcdSkips(test.from, test.to); got != test.want {
			t.Errorf("from %q to %q: got %t", test.from, test.to, got)
		}
	}
}
