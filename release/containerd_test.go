package release

import "testing"

func TestContainerdTOML(t *testing.T) {
	for version, want := range map[string][2]bool{ // honoured, known
		"1.6.0": {true, true}, "1.6.31": {true, true}, "1.6.32": {false, true}, "1.6.39": {false, true},
		"1.7.0": {true, true}, "1.7.15": {true, true}, "1.7.16": {false, true}, "1.7.18": {false, true},
		"1.7.19": {true, true}, "v1.7.35": {true, true},
		"2.0.0": {false, true}, "2.0.0-rc.6": {false, true}, "2.4.2": {false, true},
		"containerd://1.7.18": {false, true}, "containerd://1.6.20~ds1": {true, true}, "containerd://1.6.19-46-g941215f49": {true, true},
		"1.5.18": {}, "": {}, "mine": {}, "1.7": {}, "cri-o://1.34.0": {},
	} {
		if honoured, known := ContainerdTOML(version); honoured != want[0] || known != want[1] {
			t.Errorf("%q: got %t, %t, want %v", version, honoured, known, want)
		}
	}
}
