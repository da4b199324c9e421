package release

// gatesOfComponents says since when the flag --feature-gates of a component of the
// control plane takes kube: before a gate.
//
// Source: AddFlags and Set in k8s.io/component-base compatibility/registry.go
// (v0.37.2:233 and :347, the same in v0.38.0-beta.0; in v0.32.0 it is in the folder
// featuregate, :244 and :350, and in v0.31.0 in pkg/util/version of the API server's
// library).
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
