package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]parsedVersion{
		"1.34":                {numbers{1, 34, 0}, "1.34", false},
		"v1.34.2":             {numbers{1, 34, 2}, "1.34.2", true},
		"1.34.0-rc.1":         {numbers{1, 34, 0}, "1.34.0-rc.1", true},
		"v1.29.1+k3s2":        {numbers{1, 29, 1}, "1.29.1+k3s2", true},
		"999999.999999.99999": {numbers{999999, 999999, 99999}, "999999.999999.99999", true},
		// None of these is a version.
		"": {}, "v": {}, "1": {}, "1.": {}, "1.34.": {}, "01.34": {}, "1.034": {}, "1.34-rc.1": {}, "1.34.0-": {},
		"1.34.0.0": {}, " 1.34": {}, "1.34\n": {}, "vv1.34": {}, "1.x": {}, "-1.34": {}, "1.34.2 beta": {}, "1.9999999": {},
	} {
		got, ok := parseVersion(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(parsedVersion{})); diff != "" || ok != (want.text != "") {
			t.Errorf("parseVersion(%q) says %t (-want +got):\n%s", text, ok, diff)
		}
	}
}

func TestTagVersion(t *testing.T) {
	for tag, want := range map[string]string{
		"v3.5.11": "3.5.11", "3.5.11-0": "3.5.11", "3.5.11-0-arm64": "3.5.11", "3.5.11_x": "3.5.11", "v1.29.1": "1.29.1",
		"": "", "latest": "", "3.5": "", "3.5.11x": "", "release-3.5.11": "", "03.5.11": "",
	} {
		got, ok := tagVersion(tag)
		if got.text != want || ok != (want != "") {
			t.Errorf("tagVersion(%q) is %q, %t, want %q", tag, got.text, ok, want)
		}
	}
}
