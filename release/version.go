package release

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
)

// numbers are the major, minor and patch of a release.
type numbers [3]uint

func (n numbers) before(other numbers) bool { return slices.Compare(n[:], other[:]) < 0 }

// minor returns "1.29" for 1.29.1.
func (n numbers) minor() string { return fmt.Sprintf("%d.%d", n[0], n[1]) }

// String returns "1.29.1".
func (n numbers) String() string { return fmt.Sprintf("%d.%d.%d", n[0], n[1], n[2]) }

// Version is a version of which only the numbers are compared: a release
// candidate counts as its release. [ParseVersion] and [VersionOfTag] make one; the
// zero Version is none.
type Version struct {
	numbers  numbers
	text     string // as it was written, without the v
	hasPatch bool
}

// versionPattern is a version as people write it: an optional v, two or three
// numbers, and after three of them a pre-release or build part. The numbers are
// short enough never to overflow.
var versionPattern = regexp.MustCompile(`^v?(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})([-+][0-9A-Za-z.+-]*[0-9A-Za-z])?)?$`)

// ParseVersion reads a version as people write it, "1.34", "v1.34.2" or
// "1.34.0-rc.1", and says false where text is none.
func ParseVersion(text string) (Version, bool) {
	match := versionPattern.FindStringSubmatch(text)
	if match == nil {
		return Version{}, false
	}
	parse := version.ParseGeneric
	if match[3] != "" {
		parse = version.ParseSemantic // as kubeadm does
	}
	v, err := parse(text)
	if err != nil {
		return Version{}, false
	}
	return Version{
		numbers:  numbers{v.Major(), v.Minor(), v.Patch()},
		text:     strings.TrimPrefix(text, "v"),
		hasPatch: match[3] != "",
	}, true
}

// tagPattern is an image tag that begins with a whole version, "v3.5.11",
// "3.5.11-0", "3.5.11-0-arm64", or the version of a distribution's package,
// "1.6.20~ds1".
var tagPattern = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+)([-_+.~][A-Za-z0-9._~+-]*)?$`)

// VersionOfTag reads the version that an image's tag begins with, "3.5.11-0", and
// says false where it names none with all three numbers.
func VersionOfTag(tag string) (Version, bool) {
	match := tagPattern.FindStringSubmatch(tag)
	if match == nil {
		return Version{}, false
	}
	return ParseVersion(match[1])
}

// String returns the version as it was written, without a v: "1.34.0-rc.1".
func (v Version) String() string { return v.text }

// Minor returns the minor release, "1.34".
func (v Version) Minor() string { return v.numbers.minor() }

// Numbers returns all three numbers, "1.34.0", also where the patch was not
// written.
func (v Version) Numbers() string { return v.numbers.String() }

// HasPatch says whether the patch was written.
func (v Version) HasPatch() bool { return v.hasPatch }

// CompareMinor is negative where the minor release is older than another's, 0
// where it is the same and positive where it is newer.
func (v Version) CompareMinor(other Version) int {
	return cmp.Or(cmp.Compare(v.numbers[0], other.numbers[0]), cmp.Compare(v.numbers[1], other.numbers[1]))
}

// RuntimeBefore says whether a container runtime is older than another, each named by
// its version, "1.7" or "1.7.15". Within a minor release both need a patch for that. It
// is false where one of them is no version.
func RuntimeBefore(version, other string) bool {
	v, ok := ParseVersion(version)
	than, known := ParseVersion(other)
	return ok && known && (v.CompareMinor(than) < 0 || v.hasPatch && v.numbers.before(than.numbers))
}

// Agrees says whether another version has the same numbers, as far as this one
// names them: 1.34 agrees with 1.34.2.
func (v Version) Agrees(other Version) bool {
	return v.CompareMinor(other) == 0 && (!v.hasPatch || v.numbers == other.numbers)
}
