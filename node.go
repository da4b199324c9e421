package kubetrace

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// Role is what a node of the cluster is for.
type Role string

const (
	// ControlPlane nodes run kube-apiserver, mostly etcd, and a kubelet.
	ControlPlane Role = "control-plane"
	// Worker nodes run a kubelet alone.
	Worker Role = "worker"
)

// NodePatches is the folder of kubeadm's patches on a node, unless NodeOptions name
// another.
const NodePatches = "/etc/kubernetes/kubetrace-patches"

// NodeOptions say where an installer puts things. The zero NodeOptions are fine for
// kubeadm.
type NodeOptions struct {
	// PatchesDirectory is the folder of kubeadm's patches on the node, an absolute
	// path. The default is NodePatches. kubeadm reads one folder, so a cluster that has
	// one already says so here.
	PatchesDirectory string
}

// Node is what has to be on a node before kubeadm runs there.
type Node struct {
	// Files are written as they are, their folders with mode 0755. The order is that
	// of their paths.
	Files []NodeFile
	// PatchesDirectory is for patches.directory of kubeadm's InitConfiguration and
	// JoinConfiguration (kubeadm init --patches), or empty where no file is a patch.
	// kubeadm does not keep it: kubeadm upgrade takes --patches again.
	PatchesDirectory string
	// Commands are run as root when the files are there, before kubeadm: the container
	// runtime takes its settings over. Pods go on running meanwhile.
	Commands []string
}

// NodeFile is a file of a node.
type NodeFile struct {
	// Path is absolute.
	Path string
	// Content is text.
	Content []byte
	// Mode is the file's permissions, such as 0644. kube-apiserver does not run as
	// root on every platform, so what it reads is for everyone.
	Mode fs.FileMode
	// Owner is a user and group, "root:root".
	Owner string
	// Component reads the file.
	Component tracing.Component
}

// Permissions is the mode as cloud-init, Ignition's translators, Ansible and Cluster
// API take it, "0644".
func (f NodeFile) Permissions() string { return fmt.Sprintf("%04o", f.Mode.Perm()) }

// Node returns what has to be on every node of a role before kubeadm runs there, for
// installers that write files: cloud-init, Ignition, Ansible, Cluster API.
//
//   - kube-apiserver's tracing file, on control-plane nodes;
//   - the kubelet's part as a patch of kubeadm for the target kubeletconfiguration,
//     which kubeadm reads from 1.25 on. It traces the kubelet of that node alone, and
//     does no harm where Kubeadm.Kubelet, which is for all of them, is given as well;
//   - patches of static pods, where this release of kubeadm needs some;
//   - the settings of the container runtime, where the spec names one.
//
// What kubeadm reads from its own documents is Bundle.Kubeadm. The errors are those of
// [Bundle.FS], and one for a role or a folder that is none.
func (b *Bundle) Node(role Role, o NodeOptions) (Node, error) {
	if err := b.check(); err != nil {
		return Node{}, err
	}
	if role != ControlPlane && role != Worker {
		return Node{}, fmt.Errorf("role %q is not known: write %s or %s", role, ControlPlane, Worker)
	}
	folder := cmp.Or(o.PatchesDirectory, NodePatches)
	if !path.IsAbs(folder) || path.Clean(folder) != folder || strings.ContainsFunc(folder, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Node{}, fmt.Errorf("NodeOptions.PatchesDirectory is %q: write an absolute path without a slash at its end, such as %s", folder, NodePatches)
	}
	var node Node
	add := func(path string, component tracing.Component, content []byte) {
		node.Files = append(node.Files, NodeFile{Path: path, Content: content, Mode: 0o644, Owner: "root:root", Component: component})
	}
	if role == ControlPlane {
		for _, file := range b.Kubeadm.Files {
			content, err := tracing.Marshal(file.Object)
			if err != nil {
				return Node{}, fmt.Errorf("%s: %w", file.Path, err)
			}
			add(file.Path, tracing.ComponentAPIServer, content)
		}
	}
	patches, err := b.nodePatches(role)
	if err != nil {
		return Node{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(patches)) {
		add(folder+"/"+name, targetOf(name), []byte(patches[name]))
		node.PatchesDirectory = folder
	}
	b.nodeRuntime(&node, add)
	slices.SortFunc(node.Files, func(a, b NodeFile) int { return strings.Compare(a.Path, b.Path) })
	return node, nil
}

// nodePatches are the files of kubeadm's patches directory of a role.
func (b *Bundle) nodePatches(role Role) (map[string]string, error) {
	patch := &kubeadm.Patch{}
	if role == ControlPlane {
		patch.Etcd.Env, patch.APIServer.Env = b.Kubeadm.Etcd.Env, b.Kubeadm.APIServer.Env
	}
	for _, pod := range b.Kubeadm.StaticPods {
		if role == ControlPlane || pod.Target == kubeadm.TargetKubelet {
			patch.StaticPods = append(patch.StaticPods, pod)
		}
	}
	if b.Kubelet != nil {
		content, err := tracing.Marshal(b.Kubelet)
		if err != nil {
			return nil, err
		}
		patch.StaticPods = append(patch.StaticPods, kubeadm.StaticPodPatch{Target: kubeadm.TargetKubelet, Suffix: patchSuffix, Content: string(content)})
	}
	return kubeadm.PatchFiles(patch, b.resolved.ControlPlane().KubeadmAPIVersion)
}

// patchSuffix orders the kubelet's patch behind those of most people, and says whose
// it is.
const patchSuffix = "90-kubetrace"

// targetOf is the component that a patch of a static pod is of.
func targetOf(file string) tracing.Component {
	for _, c := range []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer} {
		if strings.HasPrefix(file, string(c)) {
			return c
		}
	}
	if strings.HasPrefix(file, kubeadm.TargetKubelet) {
		return tracing.ComponentKubelet
	}
	return ""
}

// nodeRuntime adds the settings of the container runtime.
func (b *Bundle) nodeRuntime(node *Node, add func(string, tracing.Component, []byte)) {
	if b.Containerd != nil {
		add(NodeFileContainerd, tracing.ComponentContainerd, b.Containerd.Marshal())
		node.Commands = append(node.Commands, "systemctl daemon-reload")
	}
	if b.ContainerdConfig != nil {
		add(NodeFileContainerdConfig, tracing.ComponentContainerd, b.ContainerdConfig.Marshal())
	}
	if b.Containerd != nil || b.ContainerdConfig != nil {
		node.Commands = append(node.Commands, "systemctl restart containerd")
	}
	if b.CRIO != nil {
		add(NodeFileCRIO, tracing.ComponentCRIO, b.CRIO.Marshal())
		node.Commands = append(node.Commands, "systemctl restart crio")
	}
}
