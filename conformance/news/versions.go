package news

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"
)

// order compares two versions of modules. A pre-release comes before its release.
func order(a, b string) int {
	first, second := version.MustParseSemantic(a), version.MustParseSemantic(b)
	switch {
	case first.LessThan(second):
		return -1
	case second.LessThan(first):
		return 1
	}
	return 0
}

// lineOf is the minor release of a version, "1.38".
func lineOf(v string) string {
	parsed := version.MustParseSemantic(v)
	return fmt.Sprintf("%d.%d", parsed.Major(), parsed.Minor())
}

// preRelease says whether a version is before its release.
func preRelease(v string) bool { return version.MustParseSemantic(v).PreRelease() != "" }

// newest returns the newest of some versions for which something holds. Pre-releases
// count where there is nothing else.
func newest(versions []string, holds func(string) bool) (found string) {
	for _, v := range slices.SortedFunc(slices.Values(versions), order) {
		if holds(v) && (found == "" || preRelease(found) || !preRelease(v)) {
			found = v
		}
	}
	return found
}

func all(string) bool { return true }

func inLine(line string) func(string) bool { return func(v string) bool { return lineOf(v) == line } }

// sameMajor says that a version has the major release of another.
func sameMajor(v string) func(string) bool {
	return func(other string) bool {
		return version.MustParseSemantic(v).Major() == version.MustParseSemantic(other).Major()
	}
}
