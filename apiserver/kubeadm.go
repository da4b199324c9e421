package apiserver

import (
	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// Args returns kube-apiserver's flags for tracing: --tracing-config-file, and
// up to Kubernetes 1.26 --feature-gates=APIServerTracing=true. Merge the latter
// with gates of your own (kubeadm.Merge does): kubeadm replaces the flag. It is
// empty where the API server is disabled. The error is a
// *tracing.InvalidSpecError.
func Args(spec tracing.TracingSpec) ([]kubeadm.Arg, error) {
	return generate.List(spec, ArgsFor)
}

// ArgsFor is Args of a spec that is resolved already.
func ArgsFor(r tracing.Resolved) []kubeadm.Arg {
	var args []kubeadm.Arg
	for _, s := range setting.Of(r, tracing.ComponentAPIServer) {
		switch s.Kind {
		case setting.Flag:
			args = append(args, kubeadm.Arg{Name: s.Name, Value: s.Value})
		case setting.Gate:
			args = append(args, kubeadm.Arg{Name: setting.FlagGates, Value: s.Name + "=" + s.Value})
		}
	}
	return args
}

// KubeadmPatch returns the flags, the mount of the tracing file and the file
// itself, which has to be on every control-plane node before kubeadm runs. The
// error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where
// the API server is disabled.
func KubeadmPatch(spec tracing.TracingSpec) (*kubeadm.Patch, error) {
	return generate.Object(spec, tracing.ComponentAPIServer, KubeadmPatchFor)
}

// KubeadmPatchFor is KubeadmPatch of a spec that is resolved already, or nil.
func KubeadmPatchFor(r tracing.Resolved) *kubeadm.Patch {
	if r.NotGenerated(tracing.ComponentAPIServer) != nil {
		return nil
	}
	mount := setting.FileMount(r)
	return &kubeadm.Patch{
		APIServer: kubeadm.APIServerPatch{
			Args: ArgsFor(r),
			Volumes: []kubeadm.HostPathMount{{
				Name: mount.Name, HostPath: mount.HostPath, MountPath: mount.MountPath, ReadOnly: true, PathType: mount.Type,
			}},
		},
		Files: []kubeadm.NodeFile{{Path: mount.HostPath, Object: TracingConfigurationFor(r)}},
	}
}
