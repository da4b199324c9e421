package etcd

import (
	"kubetrace/internal/generate"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// KubeadmPatch returns the flags, and the image where the spec names one, as
// changes to kubeadm's etcd.local. The error is a *tracing.InvalidSpecError, or
// a *tracing.NotGeneratedError where Args is empty or kubeadm does not run etcd
// (EtcdSpec.External).
func KubeadmPatch(spec tracing.TracingSpec) (*kubeadm.Patch, error) {
	return generate.Unless(spec, notByKubeadm, KubeadmPatchFor)
}

// KubeadmPatchFor is KubeadmPatch of a spec that is resolved already, or nil.
func KubeadmPatchFor(r tracing.Resolved) *kubeadm.Patch {
	if notByKubeadm(r) != nil {
		return nil
	}
	spec := r.Spec().Etcd
	return &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{
		ImageRepository: spec.ImageRepository,
		ImageTag:        spec.ImageTag,
		Args:            ArgsFor(r),
	}}
}

// notByKubeadm says why kubeadm has nothing to do for etcd, or nil.
func notByKubeadm(r tracing.Resolved) *tracing.NotGeneratedError {
	why := r.NotGenerated(tracing.ComponentEtcd)
	if why == nil && r.Spec().Etcd.External {
		return &tracing.NotGeneratedError{Component: tracing.ComponentEtcd, Field: "etcd.external", Reason: "kubeadm does not run this etcd, so it gets its flags (Args), environment (Env) or configuration file (ConfigFile) from whoever does"}
	}
	return why
}
