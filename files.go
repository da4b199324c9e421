package kubetrace

import (
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// The names of a bundle's files, with slashes between folder and file. [Files]
// says what they hold.
const (
	FileTracingConfiguration = "apiserver/tracing-config.yaml"
	FileKubelet              = "kubelet/90-tracing.conf"
	FileContainerd           = "containerd/90-tracing.conf"
	FileContainerdConfig     = "containerd/90-tracing.toml"
	FileCRIO                 = "crio/90-tracing.conf"
	FileKubeadm              = "kubeadm/config.yaml"
	FolderPatches            = "kubeadm/patches"
	FileCollector            = "collector.yaml"
	FileGateway              = "gateway.yaml"
	FileBackend              = "backend.yaml"
	FileReadme               = "README.md"
)

// Where the files of the container runtimes go on a node.
const (
	// NodeFileContainerd is a drop-in of containerd.service, NodeFileContainerdConfig a
	// file that containerd's config.toml has to import, and NodeFileCRIO one of those
	// that CRI-O reads.
	NodeFileContainerd       = "/etc/systemd/system/containerd.service.d/90-kubetrace.conf"
	NodeFileContainerdConfig = "/etc/containerd/conf.d/90-kubetrace.toml"
	NodeFileCRIO             = "/etc/crio/crio.conf.d/90-kubetrace.conf"
)

// File describes a file that a bundle may hold.
type File struct {
	// Name is one of the constants above; that of FolderPatches is a folder.
	Name string
	// Field is the field of Bundle that it is written from, or empty for the
	// README, which speaks of all of them.
	Field string
	// Component is what it configures, or empty where that is several.
	Component tracing.Component
	// Applied says that it holds objects for kubectl apply.
	Applied bool
	// What it holds and Where it goes, as Markdown.
	What, Where string
}

// Files returns a description of every file that a bundle may hold, in the order
// in which its README names them. A platform that puts some of them elsewhere,
// as kind does, says so itself.
func Files() []File {
	files := make([]File, len(table))
	for i, row := range table {
		files[i] = row.File
	}
	return files
}

// table holds every file, with what its content is made of. Without content there
// is no file.
var table = []struct {
	File
	content func(*Bundle) ([]byte, error)
}{
	{
		File{FileTracingConfiguration, "TracingConfiguration", tracing.ComponentAPIServer, false, "kube-apiserver's TracingConfiguration", "the path of `apiServer.configFile` on every control-plane node"},
		func(b *Bundle) ([]byte, error) {
			if b.TracingConfiguration == nil {
				return nil, nil
			}
			return tracing.Marshal(b.TracingConfiguration)
		},
	},
	{
		File{FileKubelet, "Kubelet", tracing.ComponentKubelet, false, "the part of the kubelet's configuration that switches tracing on", "kubelets that kubeadm does not configure, see below"},
		func(b *Bundle) ([]byte, error) {
			if b.Kubelet == nil {
				return nil, nil
			}
			return tracing.Marshal(b.Kubelet)
		},
	},
	{
		File{FileContainerd, "Containerd", tracing.ComponentContainerd, false, "containerd's variables, as a drop-in of its service", "`" + NodeFileContainerd + "` on every node"},
		func(b *Bundle) ([]byte, error) {
			if b.Containerd == nil {
				return nil, nil
			}
			return b.Containerd.Marshal(), nil
		},
	},
	{
		File{FileContainerdConfig, "ContainerdConfig", tracing.ComponentContainerd, false, "containerd's tables of tracing, for its configuration of version 2", "`" + NodeFileContainerdConfig + "` on every node"},
		func(b *Bundle) ([]byte, error) {
			if b.ContainerdConfig == nil {
				return nil, nil
			}
			return b.ContainerdConfig.Marshal(), nil
		},
	},
	{
		File{FileCRIO, "CRIO", tracing.ComponentCRIO, false, "CRI-O's table of tracing", "`" + NodeFileCRIO + "` on every node"},
		func(b *Bundle) ([]byte, error) {
			if b.CRIO == nil {
				return nil, nil
			}
			return b.CRIO.Marshal(), nil
		},
	},
	{
		File{FileKubeadm, "Kubeadm", "", false, "kubeadm's ClusterConfiguration and KubeletConfiguration", "`kubeadm init --config`"},
		func(b *Bundle) ([]byte, error) {
			return kubeadm.Marshal(b.Kubeadm, b.resolved.ControlPlane().KubeadmAPIVersion)
		},
	},
	{
		File{FolderPatches, "Kubeadm", "", false, "patches of static pods", "kubeadm's `patches.directory`"},
		nil, // several files, see Bundle.patches
	},
	{
		File{FileCollector, "Collector", tracing.ComponentCollector, true, "the collector's objects", "`kubectl apply`"},
		func(b *Bundle) ([]byte, error) { return tracing.MarshalAll(b.Collector) },
	},
	{
		File{FileGateway, "Gateway", tracing.ComponentGateway, true, "the gateway's objects", "`kubectl apply`"},
		func(b *Bundle) ([]byte, error) { return tracing.MarshalAll(b.Gateway) },
	},
	{
		File{FileBackend, "Backend", tracing.ComponentBackend, true, "a development backend, Jaeger in memory", "`kubectl apply`"},
		func(b *Bundle) ([]byte, error) { return tracing.MarshalAll(b.Backend) },
	},
	{
		File{FileReadme, "", "", false, "what to do with these files on this release", "a person reads it"},
		nil, // made of all others, see runBook
	},
}
