package talos

import (
	"fmt"
	"strconv"
	"strings"

	"kubetrace/release"
)

// Release is what is known of a minor release of Talos.
type Release struct {
	// Talos is its minor version, "1.13".
	Talos string
	// KubernetesOldest and KubernetesNewest are the minor releases that it runs.
	KubernetesOldest, KubernetesNewest string
	// Etcd are the releases of etcd that it runs by default, oldest first, from the patch
	// of Talos that brings each.
	Etcd []EtcdFrom
	// Environment says that variables are a document of their own, EnvironmentConfig, and
	// not machine.env.
	Environment bool
	// MultiDocument says that a configuration which it generates has documents for
	// kube-apiserver and the kubelet, beside which a patch of this package is refused.
	MultiDocument bool
	// Preview says that it was read before it was released.
	Preview bool
}

// EtcdFrom is an etcd and the first patch of Talos that runs it.
type EtcdFrom struct {
	// Patch is that of Talos, 9 of 1.10.9.
	Patch int
	// Version is etcd's, "3.5.26".
	Version string
}

// Source: github.com/siderolabs/talos, every tag of these releases up to v1.3.7, v1.4.8,
// v1.5.6, v1.6.8, v1.7.7, v1.8.4, v1.9.6, v1.10.9, v1.11.6, v1.12.11, v1.13.9 and
// v1.14.0-rc.1: pkg/machinery/constants/constants.go (DefaultEtcdVersion),
// pkg/machinery/compatibility/talosNNN (MinimumKubernetesVersion and
// MaximumKubernetesVersion), pkg/machinery/config/types/runtime/environment.go
// (EnvironmentConfig, from v1.13.0 on), pkg/machinery/config/contract.go
// (MultidocKubernetesConfigSupported, v1.14.0-rc.1).
var releases = []Release{
	{Talos: "1.3", KubernetesOldest: "1.24", KubernetesNewest: "1.26", Etcd: []EtcdFrom{{0, "3.5.6"}, {3, "3.5.7"}}},
	{Talos: "1.4", KubernetesOldest: "1.25", KubernetesNewest: "1.27", Etcd: []EtcdFrom{{0, "3.5.8"}, {5, "3.5.9"}}},
	{Talos: "1.5", KubernetesOldest: "1.26", KubernetesNewest: "1.28", Etcd: []EtcdFrom{{0, "3.5.9"}, {5, "3.5.10"}}},
	{Talos: "1.6", KubernetesOldest: "1.24", KubernetesNewest: "1.29", Etcd: []EtcdFrom{{0, "3.5.11"}}},
	{Talos: "1.7", KubernetesOldest: "1.25", KubernetesNewest: "1.30", Etcd: []EtcdFrom{{0, "3.5.13"}}},
	{Talos: "1.8", KubernetesOldest: "1.26", KubernetesNewest: "1.31", Etcd: []EtcdFrom{{0, "3.5.16"}, {4, "3.5.17"}}},
	{Talos: "1.9", KubernetesOldest: "1.27", KubernetesNewest: "1.32", Etcd: []EtcdFrom{{0, "3.5.17"}, {3, "3.5.18"}, {5, "3.5.19"}, {6, "3.5.21"}}},
	{Talos: "1.10", KubernetesOldest: "1.28", KubernetesNewest: "1.33", Etcd: []EtcdFrom{{0, "3.5.21"}, {9, "3.5.26"}}},
	{Talos: "1.11", KubernetesOldest: "1.29", KubernetesNewest: "1.34", Etcd: []EtcdFrom{{0, "3.6.4"}, {3, "3.6.5"}}},
	{Talos: "1.12", KubernetesOldest: "1.30", KubernetesNewest: "1.35", Etcd: []EtcdFrom{{0, "3.6.7"}, {5, "3.6.8"}, {7, "3.6.9"}, {8, "3.6.11"}}},
	{Talos: "1.13", KubernetesOldest: "1.31", KubernetesNewest: "1.36", Etcd: []EtcdFrom{{0, "3.6.9"}, {1, "3.6.11"}, {4, "3.6.12"}}, Environment: true},
	{Talos: "1.14", KubernetesOldest: "1.32", KubernetesNewest: "1.37", Etcd: []EtcdFrom{{0, "3.7.1"}}, Environment: true, MultiDocument: true, Preview: true},
}

// Releases returns one row per minor release of Talos that is known, oldest first. The
// slices are the caller's.
func Releases() []Release {
	all := make([]Release, len(releases))
	for i, row := range releases {
		row.Etcd = append([]EtcdFrom(nil), row.Etcd...)
		all[i] = row
	}
	return all
}

// releaseOf returns the row of a version of Talos, "1.13" or "v1.13.9", and the etcd that
// it runs. Without a patch that is the oldest of its minor release: what that one takes,
// the later ones take too.
func releaseOf(version string) (row Release, etcd string, err error) {
	oldest, newest := releases[0].Talos, releases[len(releases)-1].Talos
	if version == "" {
		return Release{}, "", fmt.Errorf("write the oldest release of the nodes, such as %q: it decides which etcd runs, and talosctl version shows it", releases[len(releases)-2].Talos)
	}
	parsed, ok := release.ParseVersion(version)
	if !ok {
		return Release{}, "", fmt.Errorf("write two or three numbers, such as %q", releases[len(releases)-2].Talos)
	}
	for _, row := range releases {
		if row.Talos != parsed.Minor() {
			continue
		}
		etcd := row.Etcd[0].Version
		patch, _ := strconv.Atoi(strings.TrimPrefix(parsed.Numbers(), parsed.Minor()+".")) // 0 without one
		for _, from := range row.Etcd {
			if from.Patch <= patch {
				etcd = from.Version
			}
		}
		return row, etcd, nil
	}
	return Release{}, "", fmt.Errorf("known are %s to %s: which etcd another runs is not known, and a flag too many ends it", oldest, newest)
}
