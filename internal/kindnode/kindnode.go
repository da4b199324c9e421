// Package kindnode is what is known of the images of kind's nodes.
package kindnode

import (
	"fmt"
	"slices"

	"github.com/distribution/reference"

	"kubetrace/tracing"
)

// nodeTag is a tag of kindest/node and the release of kind that published it.
type nodeTag struct{ tag, kind string }

// nodeTags are tags by minor release, the preferred one first. They are written
// without digests, since kind rebuilds a tag for its newer releases and an old
// build may not run with them.
//
// Source: "Images pre-built for this release" in the release notes of kind
// (https://github.com/kubernetes-sigs/kind/releases), of the newest release that
// published one for the minor; v1.37.0 also in
// pkg/apis/config/defaults/image.go of sigs.k8s.io/kind v0.33.0.
var nodeTags = map[string][]nodeTag{
	"1.22": {{"v1.22.17", "v0.20.0"}},
	"1.23": {{"v1.23.17", "v0.22.0"}},
	"1.24": {{"v1.24.17", "v0.22.0"}},
	"1.25": {{"v1.25.16", "v0.24.0"}},
	"1.26": {{"v1.26.15", "v0.25.0"}},
	"1.27": {{"v1.27.16", "v0.25.0"}},
	"1.28": {{"v1.28.15", "v0.25.0"}},
	"1.29": {{"v1.29.14", "v0.27.0"}, {"v1.29.1", "v0.22.0"}},
	"1.30": {{"v1.30.13", "v0.29.0"}},
	"1.31": {{"v1.31.14", "v0.31.0"}},
	"1.32": {{"v1.32.11", "v0.31.0"}},
	"1.33": {{"v1.33.12", "v0.32.0"}},
	"1.34": {{"v1.34.11", "v0.33.0"}},
	"1.35": {{"v1.35.8", "v0.33.0"}},
	"1.36": {{"v1.36.4", "v0.33.0"}},
	"1.37": {{"v1.37.0", "v0.33.0"}},
}

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

// Image returns the image of nodes that name none, and the release of kind that
// published it. known is false for a release that is newer than the table.
func Image(r tracing.Resolved) (image, kindRelease string, known bool) {
	tags := nodeTags[r.KubernetesMinor()]
	if len(tags) == 0 {
		return "", "", false
	}
	chosen := tags[0]
	for _, t := range tags {
		if t.tag == r.KubernetesPatch() {
			chosen = t
		}
	}
	return Repository + ":" + chosen.tag, chosen.kind, true
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

// containerdOf is the containerd in the images that a release of kind published.
//
// Source: CONTAINERD_VERSION in images/base/Dockerfile of github.com/kubernetes-sigs/kind
// at the tag of the release (v0.20.0 to v0.33.0), which is the base of its images.
var containerdOf = map[string]string{
	"v0.20.0": "1.7.1",
	"v0.22.0": "1.7.13",
	"v0.24.0": "1.7.18",
	"v0.25.0": "1.7.18",
	"v0.27.0": "2.0.2",
	"v0.29.0": "2.1.1",
	"v0.31.0": "2.2.0",
	"v0.32.0": "2.3.1",
	"v0.33.0": "2.3.4",
}

// Containerd returns the version of containerd in an image of kind's nodes, "2.3.4", and
// false for an image that is not in the table.
func Containerd(image string) (version string, known bool) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil || reference.Path(named) != Repository {
		return "", false
	}
	tag, err := TagOf(image)
	if err != nil {
		return "", false
	}
	for _, tags := range nodeTags {
		for _, t := range tags {
			if t.tag == tag {
				return containerdOf[t.kind], true
			}
		}
	}
	return "", false
}
