package k0s

import (
	"slices"

	"kubetrace/collector"
	"kubetrace/internal/distribution"
	"kubetrace/tracing"
)

// WarnControllers: controllers without a kubelet have no collector of a DaemonSet beside
// them.
const WarnControllers tracing.WarningCode = "ControllersWithoutKubelet"

// WarnContainerdTOML: the spec's containerd reads its configuration alone.
const WarnContainerdTOML tracing.WarningCode = "ContainerdTOML"

// Options say what the cluster is. The zero Options are for controllers without a kubelet
// and an etcd that k0s runs.
type Options struct {
	// ControllersRunKubelet says that all controllers are started with --enable-worker or
	// --single, and do not keep the DaemonSet's pods away with a taint that it does not
	// tolerate.
	ControllersRunKubelet bool
	// ExternalDatastore says that spec.storage is kine or an external etcd. Nothing of
	// etcd is written then.
	ExternalDatastore bool
	// Overwrite has Cluster put the spec's value in the place of another, instead of the
	// error.
	Overwrite bool
}

// Resolve resolves a spec for a cluster of k0s: the etcd is the one that the release
// brings, which is resolved as an external one of its version, and kube-apiserver's file is
// /etc/k0s/tracing-config.yaml where apiServer.configFile is the library's default.
// kubetrace.GenerateFor makes the bundle of the result, and check and upgrade take its
// Spec. Resolving that Spec again gives the same outputs.
//
// Write the version with its patch, "v1.36.3" or "v1.36.3+k0s.0": etcd changes between
// patches. The error is a *tracing.InvalidSpecError. It refuses what tracing.Resolve
// refuses, an image of etcd, a version of it that the release does not have, and
// kube-apiserver before 1.26, which ends itself with the egress selector of k0s.
func Resolve(spec tracing.TracingSpec, o Options) (tracing.Resolved, error) {
	r, err := distribution.Resolve(spec, distribution.K0s(o.ExternalDatastore))
	if err != nil {
		return tracing.Resolved{}, err
	}
	if needsHost(r, o) {
		w := tracing.Warning{
			Code: WarnControllers, Field: "collector", Release: "k0s",
			Message: "Controllers run no kubelet, so no DaemonSet puts a collector beside kube-apiserver and etcd",
			Cure:    "Run the collector of collector.HostFiles on every controller, whose files Node returns",
		}
		if collector.HostFilesFor(r) == nil {
			w.Field, w.Cure = "collector.exporter.endpoint", "Write an exporter that the controllers' hosts reach, and run the collector on each that Node then returns, or start them with --enable-worker"
		}
		r.Warnings = slices.Insert(r.Warnings, 0, w)
	}
	if r.ContainerdTOML() && !r.ContainerdVariables() {
		r.Warnings = append(r.Warnings, tracing.Warning{
			Code: WarnContainerdTOML, Field: "containerd.version", Release: "containerd " + r.Spec().Containerd.Version,
			Message: "This containerd reads no variables, so it gets a file in " + containerdFolder + ", which k0s reads from 1.27.1 on while it manages /etc/k0s/containerd.toml itself",
			Cure:    "Where k0s does not, put what containerd.ConfigFile returns into that file",
		})
	}
	return r, nil
}

// needsHost says whether something on the controllers sends to a collector that no
// DaemonSet puts there.
func needsHost(r tracing.Resolved, o Options) bool {
	traced := r.NotGenerated(tracing.ComponentEtcd) == nil || r.NotGenerated(tracing.ComponentAPIServer) == nil
	return !o.ControllersRunKubelet && traced && r.NotGenerated(tracing.ComponentCollector) == nil
}
