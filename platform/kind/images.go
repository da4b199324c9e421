package kind

import (
	"kubetrace/internal/kindnode"
	"kubetrace/tracing"
)

// NodeImageFor returns the image that nodes without one get, of the spec's very
// patch where it is known and else the preferred one of its minor release, and
// the release of kind that published it, which is the oldest to use it with. It
// says false where no image is known: for a release newer than the tables.
func NodeImageFor(r tracing.Resolved) (image, kindRelease string, known bool) {
	return kindnode.Image(r)
}
