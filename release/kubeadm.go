package release

import "slices"

// v1beta3 is read by kubeadm 1.22 to 1.36, v1beta4 by 1.31 and later, and from
// 1.31 on v1beta3 is deprecated.
//
// Source: validateSupportedVersion in k8s.io/kubernetes
// cmd/kubeadm/app/util/config/common.go of each release (v1.30.14, v1.31.14:90, v1.37.1:84).
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

// kubeadmAPIs are the versions of kubeadm's API, oldest first: by their text v1
// would come before v1beta4. v1 is there from 1.37 on, as an experiment that is
// refused without --allow-experimental-api, so no release of the tables reads it.
//
// Source: as above (v1.37.1, v1.38.0-beta.0:88).
var kubeadmAPIs = []string{"kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1"}

// KubeadmVersions returns the versions of kubeadm's API that kubeadm init of this
// release reads, be it with a warning that one is deprecated, oldest first:
// KubeadmOldestAPIVersion to KubeadmAPIVersion. The slice is the caller's.
func (k Kubernetes) KubeadmVersions() []string {
	oldest, newest := slices.Index(kubeadmAPIs, k.KubeadmOldestAPIVersion), slices.Index(kubeadmAPIs, k.KubeadmAPIVersion)
	if oldest < 0 || newest < oldest {
		return nil
	}
	return slices.Clone(kubeadmAPIs[oldest : newest+1])
}

// KubeadmArgsAreLists says whether extraArgs are lists of names and values in a version of
// kubeadm's API: from v1beta4 on. In older ones they are maps.
// Source: k8s.io/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/doc.go.
func KubeadmArgsAreLists(apiVersion string) bool {
	return slices.Index(kubeadmAPIs, apiVersion) >= slices.Index(kubeadmAPIs, "kubeadm.k8s.io/v1beta4")
}

// KubeadmReads says whether a version of kubeadm's API, "kubeadm.k8s.io/v1beta3", is
// one of KubeadmVersions. What is not, MigrationsFrom may lead to one that is.
func (k Kubernetes) KubeadmReads(apiVersion string) bool {
	return slices.Contains(k.KubeadmVersions(), apiVersion)
}

// MigrationsFrom returns the minor releases of kubeadm whose config migrate, one
// after the other, leads from a version of kubeadm's API to one that this release
// reads: "1.26", and then "1.36". It is empty where the release reads that version
// and where no kubeadm of the tables leads there, such as from a newer version.
func (k Kubernetes) MigrationsFrom(apiVersion string) []string {
	return k.migrations(All(), apiVersion)
}

// migrations takes, of the releases, each time the newest one that reads a document
// and writes it in a later version, but in none that is too new for k.
func (k Kubernetes) migrations(releases []Kubernetes, apiVersion string) []string {
	order := func(version string) int { return slices.Index(kubeadmAPIs, version) }
	var minors []string
	for !k.KubeadmReads(apiVersion) {
		var next Kubernetes
		for _, row := range releases {
			if row.KubeadmReads(apiVersion) && order(apiVersion) < order(row.KubeadmAPIVersion) && order(row.KubeadmAPIVersion) <= order(k.KubeadmAPIVersion) {
				next = row
			}
		}
		if next.Kubernetes == "" {
			return nil
		}
		minors, apiVersion = append(minors, next.Kubernetes), next.KubeadmAPIVersion
	}
	return minors
}
