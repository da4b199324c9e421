package check

import "k8s.io/apimachinery/pkg/labels"

// Options say what of a cluster is not to be judged, for [ClusterWith]. The zero value
// is for a cluster that kubeadm made. With the right options the list of findings of
// every cluster can be empty:
//
//	kubeadm, kind, Cluster API with kubeadm     Options{}
//	minikube                                    Options{}
//	RKE2: static pods that kubeadm did not make Options{WithoutKubeadm: true}
//	Talos: etcd is no pod                       Options{WithoutKubeadm: true}, with etcd.external in the spec
//	k3s: all components in one process          Options{WithoutKubeadm: true, HiddenControlPlane: true}
//	k0s: controllers have no kubelet            Options{WithoutKubeadm: true, HiddenControlPlane: true}
//	a provider's control plane                  Options{WithoutKubeadm: true, HiddenControlPlane: true}
type Options struct {
	// IgnoreNodes chooses, by their labels, nodes of which nothing is judged, beside
	// those that have no kubelet of this cluster; see [ClusterWith]. The default, nil,
	// chooses none. labels.Parse makes a selector.
	IgnoreNodes labels.Selector
	// WithoutKubeadm says that kubeadm did not make the cluster, so that the
	// ConfigMaps that it keeps for later are neither missed nor judged.
	WithoutKubeadm bool
	// HiddenControlPlane says that etcd or kube-apiserver are not pods: they run in
	// one process with others, or on machines of a provider. They are not missed, and
	// judged only where they are pods after all or are given as State.Processes, and
	// a tracing file where it is given. [Flags] judges one that is on no node.
	HiddenControlPlane bool
}
