package kind

import (
	"kubetrace/internal/kindnode"
	"kubetrace/tracing"
)

// ComponentNode names kind's nodes in a *tracing.NotGeneratedError.
const ComponentNode tracing.Component = "kind node"

// NodeImage returns the image that nodes without one get, of the spec's very
// patch where it is known and else the preferred one of its minor release, and
// the release of kind that published it, which is the oldest to use it with. The
// error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError of
// [ComponentNode] where no image is known: for a release newer than the tables.
func NodeImage(spec tracing.TracingSpec) (image, kindRelease string, err error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return "", "", err
	}
	image, kindRelease, known := NodeImageFor(resolved)
	if !known {
		return "", "", &tracing.NotGeneratedError{Component: ComponentNode, Field: "kubernetesVersion", Reason: "no image of " + kindnode.Repository + " is known for Kubernetes " + resolved.KubernetesMinor()}
	}
	return image, kindRelease, nil
}

// NodeImageFor is NodeImage of a spec that is resolved already. It says false where
// no image is known.
func NodeImageFor(r tracing.Resolved) (image, kindRelease string, known bool) {
	return kindnode.Image(r)
}
