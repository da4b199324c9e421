package upgrade

import (
	"fmt"

	"kubetrace/tracing"
)

// Phase is when a change has to be made.
type Phase string

// The phases of a step, in their order.
const (
	// Before is while the cluster still runs the old release.
	Before Phase = "before"
	// During is the upgrade of the nodes, one after the other. Old and new stand
	// side by side.
	During Phase = "during"
	// After is when every node runs the new release.
	After Phase = "after"
)

// The places of changes.
const (
	// ClusterConfiguration is what kubeadm keeps in the ConfigMap kubeadm-config of
	// kube-system, and makes the static pods from. Changing it changes no pod that
	// runs. See Step.ClusterConfiguration.
	ClusterConfiguration = "the ClusterConfiguration in the ConfigMap kubeadm-config"
	// KubeletConfiguration is what kubeadm keeps in the ConfigMap kubelet-config of
	// kube-system, and writes to a node with kubeadm upgrade node. See
	// Step.KubeletConfiguration.
	KubeletConfiguration = "the KubeletConfiguration in the ConfigMap kubelet-config"
	// OtherGates are feature gates that no Step edits: those of kube-proxy,
	// in the ConfigMap of that name in kube-system, and those that kubeletExtraArgs
	// gave to the kubelets.
	OtherGates = "the ConfigMap kube-proxy, and /var/lib/kubelet/kubeadm-flags.env on every node"
	// AllGates are feature gates wherever there are some.
	AllGates = "the ConfigMaps kubeadm-config (extraArgs), kubelet-config and kube-proxy, and /var/lib/kubelet/kubeadm-flags.env on every node"
	// OwnFiles are configuration files of kubeadm that people keep.
	OwnFiles = "your own configuration files of kubeadm"
	// FirstNode is the control-plane node on which the upgrade begins.
	FirstNode = "the first control-plane node"
	// OtherControlPlane are the other control-plane nodes, one after the other.
	OtherControlPlane = "the other control-plane nodes, one after the other"
	// OtherNodes are all nodes but the first, one after the other.
	OtherNodes = "the other control-plane nodes and then the workers, one after the other"
	// Nodes are all nodes, one after the other.
	Nodes = "the nodes, one after the other"
	// ExternalEtcd is where an etcd runs that kubeadm does not. Its settings are
	// written as flags; those of Step.Spec in the other forms are etcd.Env and
	// etcd.ConfigFile.
	ExternalEtcd = "where etcd runs, one member after the other"
	// Objects are the collector's, the gateway's and the backend's in the cluster.
	Objects = "the cluster"
)

// Change is one thing to do.
type Change struct {
	// Phase is when.
	Phase Phase
	// Component is what it is for.
	Component tracing.Component
	// Where is the place, one of the constants above or the path of a file on every
	// control-plane node.
	Where string
	// Setting is what changes there, "--distributed-tracing-address".
	Setting string
	// Old and New are the setting before and after, as they are written there. One
	// of them may be empty: it is new, or goes.
	Old, New string
	// Optional says that nothing breaks without it.
	Optional bool
	// Stale says that Old may not be there, since the spec does not ask for it:
	// there is nothing to do then.
	Stale bool
	// Why says what happens otherwise, as a sentence without its full stop.
	Why string
	// Run is a command that does it, or empty.
	Run string
}

// String returns the change as one line.
func (c Change) String() string {
	text := fmt.Sprintf("%s: %s", c.Phase, c.Where)
	switch {
	case c.Old != "" && c.New != "":
		text += fmt.Sprintf(": write %s in place of %s", c.New, c.Old)
	case c.Old != "":
		text += ": take out " + c.Old
	case c.New != "":
		text += ": add " + c.New
	default:
		text += ": " + c.Setting
	}
	if c.Optional {
		text += " (optional)"
	}
	text += ". " + c.Why
	if c.Run != "" {
		text += ". Run " + c.Run
	}
	return text
}
