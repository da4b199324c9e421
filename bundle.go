package kubetrace

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	apiserverv1beta1 "k8s.io/apiserver/pkg/apis/apiserver/v1beta1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/apiserver"
	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/etcd"
	"kubetrace/gateway"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// Bundle is everything that a spec asks for, as typed objects. Only [Generate]
// makes one. The objects may be changed before [Bundle.FS] writes them; each
// field's comment names the file that it becomes. A setting that stands in two
// files, such as the kubelet's in Kubelet and in Kubeadm, has to be changed in
// both fields. Better change the spec.
type Bundle struct {
	// Warnings are what a person should know about these outputs.
	Warnings []tracing.Warning
	// TracingConfiguration is kube-apiserver's tracing file, or nil where the
	// API server is disabled: apiserver/tracing-config.yaml.
	TracingConfiguration *apiserverv1beta1.TracingConfiguration
	// Kubelet is the fragment of every kubelet's configuration, or nil where
	// the kubelet is disabled or the oldest one is before 1.25:
	// kubelet/90-tracing.conf.
	Kubelet *kubeletv1beta1.KubeletConfiguration
	// Kubeadm holds the changes to a kubeadm cluster, of etcd, kube-apiserver
	// and kubelet together: kubeadm/config.yaml and kubeadm/patches. It is never
	// nil. To add settings of your own, put kubeadm.Merge(yours, bundle.Kubeadm)
	// in its place.
	Kubeadm *kubeadm.Patch
	// Collector holds the collector's objects in the order to apply them; empty
	// where it is disabled: collector.yaml.
	Collector []runtime.Object
	// Gateway holds the gateway's objects in the order to apply them; empty where
	// the spec has none: gateway.yaml.
	Gateway []runtime.Object
	// Backend holds the development backend's objects in the order to apply
	// them; empty where the spec names an exporter endpoint: backend.yaml.
	Backend []runtime.Object

	resolved tracing.Resolved
}

// Generate resolves the spec and makes all of its outputs. The error is a
// *tracing.InvalidSpecError. What the spec disables, or the release cannot do,
// is nil or empty in the bundle.
func Generate(spec tracing.TracingSpec) (*Bundle, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return GenerateFor(resolved)
}

// GenerateFor is Generate of a spec that is resolved already. It errs only
// where patches contradict each other, which those of one spec do not.
func GenerateFor(r tracing.Resolved) (*Bundle, error) {
	etcdPatch, serverPatch, kubeletPatch := etcd.KubeadmPatchFor(r), apiserver.KubeadmPatchFor(r), kubelet.KubeadmPatchFor(r)
	var version *kubeadm.Patch
	if etcdPatch != nil || serverPatch != nil || kubeletPatch != nil {
		version = &kubeadm.Patch{KubernetesVersion: r.KubernetesPatch()}
	}
	patch, err := kubeadm.Merge(version, etcdPatch, serverPatch, kubeletPatch)
	if err != nil {
		return nil, err
	}
	r.Warnings = slices.Clone(r.Warnings)
	return &Bundle{
		Warnings:             slices.Clone(r.Warnings),
		TracingConfiguration: apiserver.TracingConfigurationFor(r),
		Kubelet:              kubelet.ConfigurationFor(r),
		Kubeadm:              patch,
		Collector:            collector.ObjectsFor(r),
		Gateway:              gateway.ObjectsFor(r),
		Backend:              backend.ObjectsFor(r),
		resolved:             r,
	}, nil
}

// Resolved returns the resolved spec that the bundle was made of.
func (b *Bundle) Resolved() tracing.Resolved {
	r := b.resolved
	r.Warnings = slices.Clone(r.Warnings)
	return r
}
