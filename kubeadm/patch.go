package kubeadm

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
)

// Patch is a set of changes to a kubeadm cluster, in no version of kubeadm's
// API. The zero Patch changes nothing. [Marshal] and [PatchFiles] write it.
type Patch struct {
	// KubernetesVersion is the control plane's version, "v1.34.2". Empty leaves
	// the choice to kubeadm, which then looks it up in the network.
	KubernetesVersion string
	// Etcd are the changes to the etcd that kubeadm runs.
	Etcd EtcdPatch
	// APIServer are the changes to kube-apiserver.
	APIServer APIServerPatch
	// Kubelet holds the fields to set in the configuration of every kubelet, or
	// is nil.
	Kubelet *kubeletv1beta1.KubeletConfiguration
	// StaticPods are patches for kubeadm's patches directory.
	StaticPods []StaticPodPatch
	// Files must be on every control-plane node before kubeadm runs.
	Files []NodeFile
}

// EtcdPatch are changes to the etcd that kubeadm runs, its etcd.local.
type EtcdPatch struct {
	// ImageRepository and ImageTag choose the image; empty means kubeadm's own.
	ImageRepository, ImageTag string
	// Args are command-line flags.
	Args []Arg
	// Env are environment variables. Up to v1beta3 they become a static-pod
	// patch.
	Env []corev1.EnvVar
}

// APIServerPatch are changes to kube-apiserver, kubeadm's apiServer.
type APIServerPatch struct {
	// Args are command-line flags.
	Args []Arg
	// Env are environment variables. Up to v1beta3 they become a static-pod
	// patch.
	Env []corev1.EnvVar
	// Volumes are paths of the node that the pod sees.
	Volumes []HostPathMount
}

// Arg is a command-line flag, with its name as in --name=value but without the
// dashes. A flag may be given more than once in v1beta4 only.
type Arg struct {
	Name, Value string
}

// String returns the flag as it stands in a command, "--name=value".
func (a Arg) String() string { return "--" + a.Name + "=" + a.Value }

// HostPathMount mounts a path of the node into a static pod, kubeadm's
// extraVolumes.
type HostPathMount struct {
	// Name of the volume, a DNS label. kubeadm's own names (k8s-certs, ca-certs
	// and the like) would replace its volumes.
	Name string
	// HostPath is the path on the node, MountPath that in the pod.
	HostPath, MountPath string
	// ReadOnly mounts it read-only.
	ReadOnly bool
	// PathType says what has to be at HostPath. FileOrCreate makes an empty
	// file where there is none, which no component can read; use File.
	PathType corev1.HostPathType
}

// TargetKubelet is the target of a patch of a node's KubeletConfiguration.
const TargetKubelet = "kubeletconfiguration"

// StaticPodPatch is a patch of a static pod's manifest, a file of kubeadm's
// patches directory. kubeadm forgets it: it has to be given again on every
// kubeadm upgrade.
type StaticPodPatch struct {
	// Target is the component: etcd, kube-apiserver, kube-controller-manager or
	// kube-scheduler; from kubeadm 1.25 on also TargetKubelet.
	Target string
	// Suffix tells patches of one target apart and orders them. It has no '+'
	// and no '.'.
	Suffix string
	// Type is strategic (the default), merge or json.
	Type string
	// Content is the patch, as YAML or JSON.
	Content string
}

// FileName returns the name that kubeadm looks for,
// "kube-apiserver0+strategic.yaml".
func (p StaticPodPatch) FileName() string {
	patchType := p.Type
	if patchType == "" {
		patchType = "strategic"
	}
	return p.Target + p.Suffix + "+" + patchType + ".yaml"
}

// NodeFile is an object that has to be in a file on every control-plane node,
// as tracing.Marshal prints it.
type NodeFile struct {
	// Path is absolute.
	Path string
	// Object is what the file holds.
	Object runtime.Object
}
