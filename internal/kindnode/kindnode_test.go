package kindnode

import (
	"regexp"
	"testing"
)

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// TestKindReleases has a table in which each digest stands once, so that it says one
// containerd.
func TestKindReleases(t *testing.T) {
	seen := map[string]string{}
	for _, release := range kindReleases {
		for _, i := range release.images {
			if !digest.MatchString(i.digest) || seen[i.digest] != "" {
				t.Errorf("%s of %s: digest %q, which is also of %q", i.tag, release.name, i.digest, seen[i.digest])
			}
			seen[i.digest] = i.tag
			image := Repository + ":" + i.tag + "@sha256:" + i.digest
			if got, known := Containerd(image); !known || got != release.containerd {
				t.Errorf("%s: containerd %q, want %q", image, got, release.containerd)
			}
		}
	}
}

func TestContainerd(t *testing.T) {
	const ofKind23 = "84333e26cae1d70361bb7339efb568df1871419f2019c80f9a12b7e2d485fe19"
	for image, want := range map[string]string{
		"kindest/node:v1.26.15":                               "1.7.18", // the newest build
		"kindest/node:v1.26.15@sha256:" + ofKind23:            "1.7.15",
		"docker.io/kindest/node@sha256:" + ofKind23:           "1.7.15",
		"kindest/node:v1.22.15":                               "1.6.9",
		"kindest/node:v1.99.0":                                "",
		"kindest/node":                                        "",
		"registry.example.com/kindest/node:v1.26.15":          "",
		"registry.example.com/node:v1@sha256:" + ofKind23:     "",
		"kindest/node:v1.26.15@sha256:" + ofKind23[:63] + "a": "",
		"Kind Node": "",
	} {
		if got, known := Containerd(image); got != want || known != (want != "") {
			t.Errorf("%s: containerd %q, %t, want %q", image, got, known, want)
		}
	}
}
