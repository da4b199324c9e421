package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forms says by what a row goes: "env", "toml" or both, with "!" where the rate alone
// decides.
func forms(row Containerd) string {
	text := ""
	if row.Variables {
		text += "env"
	}
	if row.TOML {
		text += "toml"
	}
	if !row.FollowsParent && row.From != "" {
		text += "!"
	}
	return text
}

func TestContainerdAt(t *testing.T) {
	for version, want := range map[string][3]string{ // oldest, newest, support
		"1.6.0": {"toml!", "toml!", "known"}, "1.6.31": {"toml!", "toml!", "known"},
		"1.6.32": {"env", "env", "known"}, "1.6.39": {"env", "env", "known"}, "1.6": {"toml!", "env", "known"},
		"1.7.0": {"toml", "toml", "known"}, "1.7.15": {"toml", "toml", "known"},
		"1.7.16": {"env", "env", "known"}, "1.7.18": {"env", "env", "known"},
		"1.7.19": {"envtoml", "envtoml", "known"}, "v1.7.35": {"envtoml", "envtoml", "known"}, "1.7": {"toml", "envtoml", "known"},
		"2.0.0-rc.6": {"env", "env", "known"}, "2.0": {"env", "env", "known"}, "2.4.2": {"env", "env", "known"},
		"2.5": {"env", "env", "newer"}, "2.5.1": {"env", "env", "newer"},
		"1.5.18": {"", "", "too old"}, "3.0": {"", "", "too new"},
	} {
		v, ok := ParseVersion(version)
		if !ok {
			t.Fatal(version)
		}
		oldest, newest, support := ContainerdAt(v)
		if diff := cmp.Diff(want, [3]string{forms(oldest), forms(newest), string(support)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
}

func TestContainerdOf(t *testing.T) {
	for version, want := range map[string]string{ // the row, or nothing where it is not known
		"containerd://1.7.18": "1.7.16", "containerd://1.6.20~ds1": "1.6.0", "containerd://1.6.19-46-g941215f49": "1.6.0",
		"v1.7.35": "1.7.19", "2.0.0": "2.0.0", "2.2.9": "2.0.0", "2.3.1": "2.3.0", "2.4.2": "2.3.0", "2.9.0": "2.3.0",
		"1.5.18": "", "": "", "mine": "", "1.7": "", "cri-o://1.34.0": "", "3.0.0": "",
	} {
		row, known := ContainerdOf(version)
		if row.From != want || known != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", version, row.From, known, want)
		}
	}
}

func TestRefusesNewerConfig(t *testing.T) {
	for version, want := range map[string]bool{
		"1.6.31": false, "1.6.32": true, "1.6.39": true, "1.7.0": false, "1.7.15": false, "1.7.16": false,
		"1.7.17": true, "1.7.18": true, "1.7.35": true, "2.0.0": true, "2.4.2": true,
	} {
		row, known := ContainerdOf(version)
		if !known || row.RefusesNewerConfig != want {
			t.Errorf("%s: got %t, want %t", version, row.RefusesNewerConfig, want)
		}
	}
}

// A release that reads neither would be one that cannot be traced.
func TestContainerdRows(t *testing.T) {
	for _, row := range AllContainerd() {
		if !row.Variables && !row.TOML || row.ConfigVersion < 2 {
			t.Errorf("%+v", row)
		}
	}
}
