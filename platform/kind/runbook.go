package kind

import (
	_ "embed"
	"errors"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template("kind.md", runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Cluster, Folder, Config string
	Release                 string // the oldest release of kind that will do
	Mount, Relative         bool
	OwnNetwork              bool
}

// RunBook returns what to do with a bundle's files in kind, as Markdown: how to
// create the cluster that [ClusterFor] returned for hostDir, see that it works
// and undo it. It belongs beside the bundle's files, as kind.md, with the
// cluster as kind.yaml. The bundle's own README.md is about kubeadm.
func RunBook(r tracing.Resolved, cluster *v1alpha4.Cluster, hostDir string) ([]byte, error) {
	if r.Spec().KubernetesVersion == "" {
		return nil, errors.New("this Resolved was not made by tracing.Resolve")
	}
	if cluster == nil {
		return nil, errors.New("there is no cluster: give RunBook the one that ClusterFor returns")
	}
	name := cluster.Name
	if name == "" {
		name = "kind" // as kind itself does
	}
	node := name + "-control-plane"
	data := runBookData{
		Common:     runbook.New(r, node, "docker exec "+node+" "),
		Cluster:    name,
		Folder:     hostDir,
		Config:     runbook.ShellWord(path.Join(hostDir, "kind.yaml")),
		OwnNetwork: cluster.Networking.DisableDefaultCNI,
	}
	data.Mount = data.APIServer
	data.Relative = hostDir != "" && !path.IsAbs(hostDir)
	image, release, known := NodeImageFor(r)
	if known && slices.ContainsFunc(cluster.Nodes, func(n v1alpha4.Node) bool { return n.Image == image }) {
		data.Release = release
	}
	data.files(r.Spec().APIServer.ConfigFile)
	return runbook.Write(runBookTemplate, data)
}

// files fills in what kind uses of the folder, and what it does not.
func (d *runBookData) files(configFile string) {
	var unused []string
	if d.Kubelet || d.APIServer || d.Etcd && !d.ExternalEtcd {
		unused = append(unused, "kubeadm/")
	}
	if d.Kubelet {
		unused = append(unused, "kubelet/")
	}
	for _, row := range []struct {
		has  bool
		file runbook.File
	}{
		{true, runbook.File{Name: "kind.yaml", What: "the cluster and the kubeadm patches of tracing", Where: "`kind create cluster`"}},
		{d.APIServer, runbook.File{Name: "apiserver/tracing-config.yaml", What: "kube-apiserver's TracingConfiguration", Where: "kind mounts it into the control-plane nodes, at `" + configFile + "`"}},
		{d.Collector, runbook.File{Name: "collector.yaml", What: "the collector's objects", Where: "`kubectl apply`"}},
		{d.Gateway, runbook.File{Name: "gateway.yaml", What: "the gateway's objects", Where: "`kubectl apply`"}},
		{d.Backend, runbook.File{Name: "backend.yaml", What: "a development backend, Jaeger in memory", Where: "`kubectl apply`"}},
		{true, runbook.File{Name: strings.Join(append(unused, "README.md"), "`, `"), What: "the same for clusters without kind", Where: "not used here"}},
	} {
		if row.has {
			d.Files = append(d.Files, row.file)
		}
	}
}
