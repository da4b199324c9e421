package release

// gatesOfComponents says since when the flag --feature-gates of a component of the
// control plane takes kube: before a gate.
// Source: k8s.io/component-base v0.32.0 featuregate/registry.go, AddFlags and Set;
// k8s.io/apiserver v0.31.0 pkg/util/version/registry.go.
var gatesOfComponents = since[bool]{
	{numbers{1, 22}, false},
	{numbers{1, 31}, true},
}

// GatesOfComponents says whether the flag --feature-gates of kube-apiserver takes
// kube:Name=true for Name=true, all of them so or none, and passes over a part of
// spaces: from 1.31 on. Before, it ends itself with either.
func (k Kubernetes) GatesOfComponents() bool {
	version, _ := ParseVersion(k.Kubernetes)
	return gatesOfComponents.at(version.numbers)
}
