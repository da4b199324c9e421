// Package kindnode is what is known of the images of kind's nodes.
package kindnode

import (
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"kubetrace/tracing"
)

// rendersMaps are the minor releases for which every kind writes kubeadm
// documents whose extraArgs are maps. For later ones it writes v1beta4, with
// lists, from its 0.32 on; an older kind is not meant for such nodes.
//
// Source: pkg/cluster/internal/kubeadm/config.go of sigs.k8s.io/kind v0.33.0
// (:675, v1beta4 from 1.36 on) and v0.30.0 (never).
var rendersMaps = []string{
	"1.22", "1.23", "1.24", "1.25", "1.26", "1.27", "1.28",
	"1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35",
}

// Repository is where the images of kind's nodes are.
const Repository = "kindest/node"

// RendersMaps says whether every kind writes extraArgs as maps for the nodes of a
// cluster.
func RendersMaps(r tracing.Resolved) bool { return slices.Contains(rendersMaps, r.KubernetesMinor()) }

// oldestChosen is the oldest release of kind whose images nodes get that name none: since
// it nodes have cgroups of their own, for which older images are not made.
//
// Source: https://github.com/kubernetes-sigs/kind/releases/tag/v0.20.0, "Breaking Changes".
const oldestChosen = "v0.20.0"

// Image returns the image of nodes that name none, and the newest release of kind that
// published it: of the release's very patch, or else the newest of the minor release. It
// has no digest, since a newer kind may not run with an old build of a tag. known is
// false for a release that is newer than the table.
func Image(r tracing.Resolved) (image, kind string, known bool) {
	for _, release := range kindReleases {
		for _, i := range release.images {
			if exact := i.tag == r.KubernetesPatch(); exact || !known && strings.HasPrefix(i.tag, "v"+r.KubernetesMinor()+".") {
				image, kind, known = Repository+":"+i.tag, release.name, true
				if exact {
					return image, kind, known
				}
			}
		}
		if release.name == oldestChosen {
			break
		}
	}
	return image, kind, known
}

// TagOf returns the tag of an image, or nothing where it has none.
func TagOf(image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("this is not an image (%w): write one such as kindest/node:v1.34.0", err)
	}
	if tagged, ok := named.(reference.Tagged); ok {
		return tagged.Tag(), nil
	}
	return "", nil
}

// IsPublished says whether an image is one of kind's own, whether this table has it or not.
func IsPublished(image string) bool {
	named, err := reference.ParseNormalizedNamed(image)
	return err == nil && reference.Domain(named) == "docker.io" && reference.Path(named) == Repository
}

// Containerd returns the version of containerd in an image of kind's nodes, "2.3.4": that
// of the build with its digest, or without one of the newest build of its tag, which is
// what the tag names in the registry. It is false for an image that is not in the table.
func Containerd(image string) (version string, known bool) {
	if !IsPublished(image) {
		return "", false
	}
	named, _ := reference.ParseNormalizedNamed(image) // IsPublished has read it
	tag, _ := TagOf(image)
	digest := ""
	if digested, ok := named.(reference.Digested); ok {
		digest = digested.Digest().Encoded()
	}
	for _, release := range kindReleases {
		for _, i := range release.images {
			if digest != "" && i.digest == digest || digest == "" && i.tag == tag {
				return release.containerd, true
			}
		}
	}
	return "", false
}
