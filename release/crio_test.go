package release

import "testing"

func TestCRIO(t *testing.T) {
	for version, want := range map[string]string{ // the row, or nothing where it is not known
		"cri-o://1.23.0": "1.23.0", "1.25.5": "1.23.0", "1.26.0": "1.26.0", "1.27.9": "1.26.0", "1.28.0": "1.28.0", "1.30.14": "1.28.0",
		"1.31.0": "1.31.0", "cri-o://1.36.3": "1.31.0", "1.37.0-dev": "1.31.0",
		"1.22.5": "", "1.33": "", "2.0.0": "", "containerd://2.0.0": "",
	} {
		row, known := CRIOOf(version)
		if row.From != want || known != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", version, row.From, known, want)
		}
	}
	for version, want := range map[string]Support{"1.22": SupportTooOld, "1.23": SupportKnown, "1.36": SupportKnown, "1.37": SupportNewer, "2.0": SupportTooNew} {
		v, _ := ParseVersion(version)
		if _, support := CRIOAt(v); support != want {
			t.Errorf("%s: got %s, want %s", version, support, want)
		}
	}
	for version, want := range map[string]string{"1.23": "crio-status config", "1.27": "crio-status config", "1.28": "crio status config", "1.37": "crio status config"} {
		v, _ := ParseVersion(version)
		if row, _ := CRIOAt(v); row.ConfigCommand != want {
			t.Errorf("%s: got %q, want %q", version, row.ConfigCommand, want)
		}
	}
}
