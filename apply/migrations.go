package apply

import (
	"slices"

	"kubetrace/tracing"
)

// migrations are the kubeadms that lead from one version of the API to one that a
// release reads: each the newest that reads what the one before it wrote.
func migrations(apiVersion string, target tracing.Release) []string {
	var all []string
	releases := tracing.Releases()
	for !target.KubeadmReads(apiVersion) {
		next := ""
		for _, release := range releases {
			if release.KubeadmReads(apiVersion) && release.KubeadmAPIVersion > apiVersion {
				next = release.Kubernetes
			}
		}
		i := slices.IndexFunc(releases, func(r tracing.Release) bool { return r.Kubernetes == next })
		if i < 0 || releases[i].KubeadmAPIVersion > target.KubeadmAPIVersion {
			return nil
		}
		all, apiVersion = append(all, next), releases[i].KubeadmAPIVersion
	}
	return all
}
