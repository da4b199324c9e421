package apiserver

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
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
	if r.NotGenerated(tracing.ComponentAPIServer) != nil {
		return nil
	}
	args := []kubeadm.Arg{{Name: "tracing-config-file", Value: r.Spec().APIServer.ConfigFile}}
	if r.ControlPlane().APIServerTracing == tracing.GateRequired {
		args = append(args, kubeadm.Arg{Name: "feature-gates", Value: tracing.GateNameAPIServer + "=true"})
	}
	return args
}

// volumeName is none of the volumes that kubeadm makes itself, which a volume
// of the same name would replace.
const volumeName = "tracing-config"

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
	file := r.Spec().APIServer.ConfigFile
	return &kubeadm.Patch{
		APIServer: kubeadm.APIServerPatch{
			Args: ArgsFor(r),
			Volumes: []kubeadm.HostPathMount{{
				Name:      volumeName,
				HostPath:  file,
				MountPath: file,
				ReadOnly:  true,
				// Not FileOrCreate, which would make an empty file that
				// kube-apiserver cannot read, nor unset, which would make a
				// folder.
				PathType: corev1.HostPathFile,
			}},
		},
		Files: []kubeadm.NodeFile{{Path: file, Object: TracingConfigurationFor(r)}},
	}
}
