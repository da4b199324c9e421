package release

import "slices"

// v1beta3 is read by kubeadm 1.22 to 1.36, v1beta4 by 1.31 and later, and from
// 1.31 on v1beta3 is deprecated.
//
// Source: k8s.io/kubernetes cmd/kubeadm/app/util/config/common.go of each
// release (v1.30.14, v1.31.14:90, v1.37.1:84).
var kubeadmAPI = since[string]{
	{numbers{1, 22}, "kubeadm.k8s.io/v1beta3"},
	{numbers{1, 31}, "kubeadm.k8s.io/v1beta4"},
}

// What kubeadm no longer reads it refuses by name, and says which releases of it
// do. 1.28 to 1.30 know v1beta4, but not for init and join.
//
// Source: as above, and the folders of cmd/kubeadm/app/apis/kubeadm.
var kubeadmOldestAPI = since[string]{
	{numbers{1, 22}, "kubeadm.k8s.io/v1beta2"},
	{numbers{1, 27}, "kubeadm.k8s.io/v1beta3"},
	{numbers{1, 37}, "kubeadm.k8s.io/v1beta4"},
}

// kubeadmAPIs are the versions of kubeadm's API that a release of the tables
// reads, oldest first.
var kubeadmAPIs = []string{"kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4"}

// KubeadmReads says whether kubeadm init of this release reads documents of a
// version of its API, "kubeadm.k8s.io/v1beta3", be it with a warning that it is
// deprecated. What it does not read, kubeadm config migrate of a release that
// reads both turns into a version that it does.
func (k Kubernetes) KubeadmReads(apiVersion string) bool {
	at := slices.Index(kubeadmAPIs, apiVersion)
	return at >= 0 && slices.Index(kubeadmAPIs, k.KubeadmOldestAPIVersion) <= at && at <= slices.Index(kubeadmAPIs, k.KubeadmAPIVersion)
}
