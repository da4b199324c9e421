package kind

import (
	"kubetrace/internal/kindnode"
	"kubetrace/tracing"
)

// ComponentNode names kind's nodes in a *tracing.NotGeneratedError.
const ComponentNode tracing.Component = "kind node"

// NodeImage returns the image that nodes without one get, of the spec's very
// patch where kind has published it since v0.20.0 and else the newest of its minor
// release, and the release of kind that published it, which is the oldest to use it with. The
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

// NodeContainerd returns the version of containerd in the image that nodes without one
// get, "2.3.4", to write into the spec as containerd.version. The error is that of
// NodeImage.
func NodeContainerd(spec tracing.TracingSpec) (string, error) {
	image, _, err := NodeImage(spec)
	if err != nil {
		return "", err
	}
	version, _ := kindnode.Containerd(image) // all of the table have one
	return version, nil
}

// NodeContainerdFor is NodeContainerd of a spec that is resolved already. It says false
// where no image is known.
func NodeContainerdFor(r tracing.Resolved) (version string, known bool) {
	image, _, known := NodeImageFor(r)
	if !known {
		return "", false
	}
	return kindnode.Containerd(image)
}

// ImageContainerd returns the version of containerd in an image that kind published,
// "2.3.4": that of the build with its digest, or without one of the newest build of its
// tag. It says false for an image that is not in the tables. [Cluster] believes the spec
// for such an image.
func ImageContainerd(image string) (version string, known bool) { return kindnode.Containerd(image) }

// NodeImageFor is NodeImage of a spec that is resolved already. It says false where
// no image is known.
func NodeImageFor(r tracing.Resolved) (image, kindRelease string, known bool) {
	return kindnode.Image(r)
}
