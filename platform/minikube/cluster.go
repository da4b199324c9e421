package minikube

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/containerd"
	"kubetrace/crio"
	"kubetrace/etcd"
	"kubetrace/internal/memfs"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// kubeletFolder holds settings of the kubelet, which reads files that end in .conf.
const kubeletFolder = "/etc/kubernetes/kubelet.conf.d"

// Start is what minikube start needs.
type Start struct {
	// Flags are those of minikube start: the version of Kubernetes, v1.34 for the newest
	// patch that minikube knows where the spec names none, the container runtime, where
	// the spec has containerd or CRI-O alone, and --extra-config of components. minikube
	// keeps them with the profile.
	Flags []string
	// Files are copied to every node, each time minikube starts, from where FS has them.
	Files []kubetrace.NodeFile
}

// FS returns the files as they lie below $MINIKUBE_HOME, which is ~/.minikube: a folder
// files with what the node has at its root. os.CopyFS writes it. Their mode on the node is
// that of the copies.
func (s Start) FS() fs.FS {
	files := memfs.FS{}
	for _, file := range s.Files {
		files[path.Join("files", file.Path)] = file.Content
	}
	return files
}

// Cluster returns the flags and files with which a cluster of minikube traces itself. It
// starts with whatever other flags it has; a second --extra-config of one flag takes the
// place of the first. The error is that of [Resolve].
func Cluster(spec tracing.TracingSpec) (Start, error) {
	r, err := Resolve(spec)
	if err != nil {
		return Start{}, err
	}
	var start Start
	start.Flags = append(start.Flags, "--kubernetes-version="+cmp.Or(r.KubernetesPatch(), "v"+r.KubernetesMinor()))
	switch hasContainerd, hasCRIO := r.Spec().Containerd != nil, r.Spec().CRIO != nil; {
	case hasContainerd && !hasCRIO:
		start.Flags = append(start.Flags, "--container-runtime=containerd")
	case hasCRIO && !hasContainerd:
		start.Flags = append(start.Flags, "--container-runtime=cri-o")
	}
	give := func(component string, args []kubeadm.Arg) {
		for _, arg := range args {
			start.Flags = append(start.Flags, fmt.Sprintf("--extra-config=%s.%s=%s", component, arg.Name, arg.Value))
		}
	}
	give("apiserver", apiserver.ArgsFor(r))
	give("etcd", etcd.ArgsFor(r))
	add := func(path string, component tracing.Component, content []byte) {
		start.Files = append(start.Files, kubetrace.NodeFile{Path: path, Content: content, Mode: 0o644, Owner: "root:root", Component: component})
	}
	if drop := containerd.ServiceDropInFor(r); drop != nil {
		add(kubetrace.NodeFileContainerd, tracing.ComponentContainerd, drop.Marshal())
	}
	if config := crio.ConfigFileFor(r); config != nil {
		add(kubetrace.NodeFileCRIO, tracing.ComponentCRIO, config.Marshal())
	}
	if config := kubelet.ConfigurationFor(r); config != nil {
		content, err := tracing.Marshal(config)
		if err != nil {
			return Start{}, err
		}
		give("kubelet", []kubeadm.Arg{{Name: "config-dir", Value: kubeletFolder}})
		add(kubeletFolder+"/90-kubetrace.conf", tracing.ComponentKubelet, content)
	}
	if config := apiserver.TracingConfigurationFor(r); config != nil {
		content, err := tracing.Marshal(config)
		if err != nil {
			return Start{}, err
		}
		add(r.Spec().APIServer.ConfigFile, tracing.ComponentAPIServer, content)
	}
	return start, nil
}

// ClusterFor is Cluster of a spec that is resolved already, by [Resolve] or not.
func ClusterFor(r tracing.Resolved) (Start, error) { return Cluster(r.Spec()) }

// local is where a file of a node lies below $MINIKUBE_HOME.
func local(file kubetrace.NodeFile) string { return "files/" + strings.TrimPrefix(file.Path, "/") }
