package tracing

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
)

// versionPattern is a version as people write it: an optional v, two or three
// numbers, and after three of them a pre-release or build part. The numbers are
// short enough never to overflow.
var versionPattern = regexp.MustCompile(`^v?(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})([-+][0-9A-Za-z.+-]*[0-9A-Za-z])?)?$`)

// parsedVersion is a version of which the tables compare the numbers only: a
// release candidate counts as its release.
type parsedVersion struct {
	numbers
	text     string // as it was written, without the v
	hasPatch bool
}

// parseVersion reads a version, and says false where text is none.
func parseVersion(text string) (parsedVersion, bool) {
	match := versionPattern.FindStringSubmatch(text)
	if match == nil {
		return parsedVersion{}, false
	}
	parse := version.ParseGeneric
	if match[3] != "" {
		parse = version.ParseSemantic // as kubeadm does
	}
	v, err := parse(text)
	if err != nil {
		return parsedVersion{}, false
	}
	return parsedVersion{
		numbers:  numbers{v.Major(), v.Minor(), v.Patch()},
		text:     strings.TrimPrefix(text, "v"),
		hasPatch: match[3] != "",
	}, true
}

// minor returns "1.29" for 1.29.1.
func (n numbers) minor() string { return fmt.Sprintf("%d.%d", n[0], n[1]) }

// String returns "1.29.1".
func (n numbers) String() string { return fmt.Sprintf("%d.%d.%d", n[0], n[1], n[2]) }

// tagPattern is an image tag that begins with a whole version: "v3.5.11",
// "3.5.11-0", "3.5.11-0-arm64".
var tagPattern = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+)([-_+.][A-Za-z0-9._-]*)?$`)

// tagVersion reads the version that an image tag begins with, and says false
// where it names none.
func tagVersion(tag string) (parsedVersion, bool) {
	match := tagPattern.FindStringSubmatch(tag)
	if match == nil {
		return parsedVersion{}, false
	}
	return parseVersion(match[1])
}
