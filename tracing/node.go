package tracing

import "fmt"

// CheckNodeVersion says what is wrong with a node that runs another Kubernetes
// than the spec says, as the tag of its image names it ("v1.29.1"), or nil. A
// control-plane node has to be of the spec's minor release, another node between
// that of the oldest kubelet and that of the control plane. A tag that names no
// version is not judged.
func (r Resolved) CheckNodeVersion(tag string, controlPlane bool) error {
	version, ok := tagVersion(tag)
	if !ok || r.facts == nil {
		return nil
	}
	node, control := minorOf(version.numbers), minorOf(r.facts.kubernetes.numbers)
	oldest := minorOf(r.facts.kubelet.numbers)
	switch {
	case controlPlane && node != control:
		return fmt.Errorf("this is Kubernetes %s and the spec says %s: make them agree", version.minor(), control.minor())
	case control.before(node):
		return fmt.Errorf("this is Kubernetes %s, and a kubelet may not be newer than the control plane, %s: change the image", version.minor(), control.minor())
	case node.before(oldest):
		return fmt.Errorf("this is Kubernetes %s and the spec's oldest kubelet is %s: change the image, or write %s into kubeletVersion", version.minor(), oldest.minor(), version.minor())
	}
	return nil
}

// minorOf drops the patch.
func minorOf(n numbers) numbers { return numbers{n[0], n[1]} }
