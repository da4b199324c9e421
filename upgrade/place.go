package upgrade

// Place is where a change is made.
type Place string

// The places of changes.
const (
	// ClusterConfiguration is that in the ConfigMap kubeadm-config of kube-system, which
	// kubeadm makes the static pods from: see Step.ClusterConfiguration.
	ClusterConfiguration Place = "kubeadm-config"
	// KubeletConfiguration is that in the ConfigMap kubelet-config of kube-system, which
	// kubeadm upgrade node writes to a node: see Step.KubeletConfiguration.
	KubeletConfiguration Place = "kubelet-config"
	// KubeProxyConfiguration is config.conf in the ConfigMap kube-proxy of kube-system.
	// No Step edits it; apply.Documents does.
	KubeProxyConfiguration Place = "kube-proxy"
	// KubeadmFlags is the file of the flags that kubeadm gives the kubelet of a node.
	KubeadmFlags Place = "kubeadm-flags"
	// KubeletFiles are the kubelet's settings on a node that kubeadm does not keep: its
	// patches for kubeletconfiguration, and the files of --config-dir.
	KubeletFiles Place = "kubelet-files"
	// OwnFiles are the configuration files that people keep for kubeadm.
	OwnFiles Place = "kubeadm-files"
	// NodeFile is kube-apiserver's tracing file on every control-plane node.
	NodeFile Place = "node-file"
	// RuntimeFile is a file of the container runtime, on every node.
	RuntimeFile Place = "runtime-file"
	// ExternalEtcd is where an etcd runs that kubeadm does not. Its settings are written
	// as flags; those of Step.Spec in the other forms are etcd.Env and etcd.ConfigFile.
	ExternalEtcd Place = "external-etcd"
	// FirstNode is the control-plane node on which the upgrade begins, OtherControlPlane
	// are the other control-plane nodes, OtherNodes those and the workers, and Nodes are
	// all nodes.
	FirstNode         Place = "first-control-plane-node"
	OtherControlPlane Place = "other-control-plane-nodes"
	OtherNodes        Place = "other-nodes"
	Nodes             Place = "nodes"
	// Objects are those of the collector, the gateway and the backend in the cluster.
	Objects Place = "cluster-objects"
)

var inWords = map[Place]string{
	ClusterConfiguration:   "the ClusterConfiguration in the ConfigMap kubeadm-config",
	KubeletConfiguration:   "the KubeletConfiguration in the ConfigMap kubelet-config",
	KubeProxyConfiguration: "the KubeProxyConfiguration in the ConfigMap kube-proxy",
	KubeadmFlags:           "on every node",
	KubeletFiles:           "patches for kubeletconfiguration and files of --config-dir, on every node",
	OwnFiles:               "your own configuration files of kubeadm",
	NodeFile:               "on every control-plane node",
	RuntimeFile:            "on every node",
	ExternalEtcd:           "where etcd runs, one member after the other",
	FirstNode:              "the first control-plane node",
	OtherControlPlane:      "the other control-plane nodes, one after the other",
	OtherNodes:             "the other control-plane nodes and then the workers, one after the other",
	Nodes:                  "the nodes, one after the other",
	Objects:                "the cluster",
}

// String returns the place in words for people. Programs compare it with the constants.
func (p Place) String() string { return inWords[p] }
