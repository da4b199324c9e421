package tracing

import (
	"fmt"

	"kubetrace/release"
)

// CheckNodeVersion says what is wrong with a node that runs another Kubernetes
// than the spec says, as the tag of its image names it ("v1.29.1"), or nil. A
// control-plane node has to be of the spec's minor release, another node between
// that of the oldest kubelet and that of the control plane. A tag that names no
// version is not judged.
func (r Resolved) CheckNodeVersion(tag string, controlPlane bool) error {
	version, ok := release.VersionOfTag(tag)
	if !ok || r.facts == nil {
		return nil
	}
	node, control, oldest := version.Minor(), r.facts.kubernetes, r.facts.kubelet
	switch {
	case controlPlane && version.CompareMinor(control) != 0:
		return fmt.Errorf("this is Kubernetes %s and the spec says %s: make them agree", node, control.Minor())
	case version.CompareMinor(control) > 0:
		return fmt.Errorf("this is Kubernetes %s, and a kubelet may not be newer than the control plane, %s: take one of %s or older, or write another kubernetesVersion into the spec", node, control.Minor(), control.Minor())
	case version.CompareMinor(oldest) < 0:
		return fmt.Errorf("this is Kubernetes %s and the spec's oldest kubelet is %s: take a newer one, or write %s into kubeletVersion", node, oldest.Minor(), node)
	}
	return nil
}
