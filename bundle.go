package kubetrace

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	apiserverv1beta1 "k8s.io/apiserver/pkg/apis/apiserver/v1beta1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/apiserver"
	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/containerd"
	"kubetrace/crio"
	"kubetrace/etcd"
	"kubetrace/gateway"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// Bundle is everything that a spec asks for, as typed objects. Only [Generate]
// makes one. Each field's comment says for whom it is; [Files] names the file that
// it becomes.
//
// A program may add to the objects before [Bundle.FS] writes them: kubeadm settings,
// kubelet fields, tolerations, labels, objects of its own. What the spec decides it
// may not change here, since the other files and the README say the same: FS errs
// and names the field. Change the spec and generate again.
type Bundle struct {
	// Warnings are what a person should know about these outputs. The README
	// prints them.
	Warnings []tracing.Warning
	// TracingConfiguration is the file that kube-apiserver reads, or nil where the
	// API server is disabled. It is for every cluster: put it where the spec's
	// apiServer.configFile says, on every control-plane node.
	TracingConfiguration *apiserverv1beta1.TracingConfiguration
	// Kubelet is the fragment of every kubelet's configuration, or nil where
	// the kubelet is disabled or the oldest one is before 1.25. It is for kubelets
	// that kubeadm does not configure; Kubeadm has the same for the others.
	Kubelet *kubeletv1beta1.KubeletConfiguration
	// EtcdArgs are etcd's flags for an etcd that kubeadm does not run, that is the
	// spec's etcd.external and clusters without kubeadm; Kubeadm has the same for
	// the etcd that it does run. Empty where etcd is disabled or cannot be traced.
	// The same as environment variables is etcd.EnvFor(b.Resolved()), and as fields
	// of etcd's configuration file etcd.ConfigFileFor(b.Resolved()). An etcd gets
	// one of the three: with a flag and its variable it ends itself, and with a
	// configuration file it reads neither.
	EtcdArgs []kubeadm.Arg
	// APIServerArgs are kube-apiserver's flags for a kube-apiserver that kubeadm
	// does not run; Kubeadm has the same for the others. Empty where the API server
	// is disabled. They name the file of TracingConfiguration, which the process
	// has to see at that path.
	APIServerArgs []kubeadm.Arg
	// Containerd is a drop-in of every node's containerd.service, or nil where the
	// spec names no containerd or one that reads its config.toml. The same for one that
	// systemd does not start is containerd.EnvFor(b.Resolved()).
	Containerd *containerd.DropIn
	// ContainerdConfig is for every node's config.toml, or nil where the spec names no
	// containerd or one that goes by its environment.
	ContainerdConfig *containerd.Config
	// CRIO is for a file in every node's /etc/crio/crio.conf.d, or nil where the spec
	// names no CRI-O.
	CRIO *crio.Config
	// Kubeadm holds the changes to a kubeadm cluster, of etcd, kube-apiserver
	// and kubelet together. It is never nil. To add settings of your own, put
	// kubeadm.Merge(yours, bundle.Kubeadm) in its place.
	Kubeadm *kubeadm.Patch
	// Collector holds the collector's objects in the order to apply them; empty
	// where it is disabled.
	Collector []runtime.Object
	// Gateway holds the gateway's objects in the order to apply them; empty where
	// the spec has none.
	Gateway []runtime.Object
	// Backend holds the development backend's objects in the order to apply
	// them; empty where the spec names an exporter endpoint.
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
		EtcdArgs:             etcd.ArgsFor(r),
		APIServerArgs:        apiserver.ArgsFor(r),
		Containerd:           containerd.ServiceDropInFor(r),
		ContainerdConfig:     containerd.ConfigFileFor(r),
		CRIO:                 crio.ConfigFileFor(r),
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
