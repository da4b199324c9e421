package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"1.34":                {numbers{1, 34, 0}, "1.34", false},
		"v1.34.2":             {numbers{1, 34, 2}, "1.34.2", true},
		"1.34.0-rc.1":         {numbers{1, 34, 0}, "1.34.0-rc.1", true},
		"v1.29.1+k3s2":        {numbers{1, 29, 1}, "1.29.1+k3s2", true},
		"999999.999999.99999": {numbers{999999, 999999, 99999}, "999999.999999.99999", true},
		// None of these is a version.
		"": {}, "v": {}, "1": {}, "1.": {}, "1.34.": {}, "01.34": {}, "1.034": {}, "1.34-rc.1": {}, "1.34.0-": {},
		"1.34.0.0": {}, " 1.34": {}, "1.34\n": {}, "vv1.34": {}, "1.x": {}, "-1.34": {}, "1.34.2 beta": {}, "1.9999999": {},
	} {
		got, ok := ParseVersion(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Version{})); diff != "" || ok != (want.text != "") {
			t.Errorf("ParseVersion(%q) says %t (-want +got):\n%s", text, ok, diff)
		}
	}
}

func TestVersionOfTag(t *testing.T) {
	for tag, want := range map[string]string{
		"v3.5.11": "3.5.11", "3.5.11-0": "3.5.11", "3.5.11-0-arm64": "3.5.11", "3.5.11_x": "3.5.11", "1.6.20~ds1": "1.6.20", "1.6.20~ds1-1+deb12u3": "1.6.20", "v1.29.1": "1.29.1",
		"": "", "latest": "", "3.5": "", "3.5.11x": "", "release-3.5.11": "", "03.5.11": "",
	} {
		got, ok := VersionOfTag(tag)
		if got.text != want || ok != (want != "") {
			t.Errorf("VersionOfTag(%q) is %q, %t, want %q", tag, got.text, ok, want)
		}
	}
}

func TestVersionQuestions(t *testing.T) {
	for _, test := range []struct {
		text, written, minor, numbers, other string
		compare                              int
		agrees                               bool
	}{
		{"v1.34", "1.34", "1.34", "1.34.0", "1.34.2", 0, true},
		{"1.34.0", "1.34.0", "1.34", "1.34.0", "1.34.2", 0, false},
		{"1.34.2-rc.1", "1.34.2-rc.1", "1.34", "1.34.2", "v1.34.2", 0, true},
		{"1.9.9", "1.9.9", "1.9", "1.9.9", "1.10", -1, false},
		{"2.0", "2.0", "2.0", "2.0.0", "1.37", 1, false},
	} {
		version, _ := ParseVersion(test.text)
		other, _ := ParseVersion(test.other)
		if version.String() != test.written || version.Minor() != test.minor || version.Numbers() != test.numbers {
			t.Errorf("%s: got %s, %s, %s", test.text, version, version.Minor(), version.Numbers())
		}
		if compare, agrees := version.CompareMinor(other), version.Agrees(other); compare != test.compare || agrees != test.agrees {
			t.Errorf("%s and %s: got %d, %t", test.text, test.other, compare, agrees)
		}
	}
}

func TestRuntimeBefore(t *testing.T) {
	for _, test := range []struct {
		version, other string
		want           bool
	}{
		{"1.6.36", "1.7.15", true},
		{"1.7.10", "1.7.15", true},
		{"1.6", "1.7", true},
		{"1.6", "1.7.15", true},
		{"1.7", "2.0", true},
		{"1.7", "1.7.15", false}, // may be of any patch
		{"1.7.15", "1.7", false},
		{"1.7.15", "1.7.15", false},
		{"2.0", "1.7.15", false},
		{"x", "1.7.15", false},
		{"1.6.36", "", false},
	} {
		if got := RuntimeBefore(test.version, test.other); got != test.want {
			t.Errorf("%s before %s: got %t", test.version, test.other, got)
		}
	}
}
