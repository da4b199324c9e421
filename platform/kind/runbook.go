package kind

import (
	_ "embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace"
	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

// The files that belong beside those of a bundle.
const (
	// FileCluster is the cluster that Cluster returns.
	FileCluster = "kind.yaml"
	// FileRunBook is what RunBook returns.
	FileRunBook = "kind.md"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Cluster, Folder, Config           string
	ClusterFile, TracingFile, Readme  string // names in the folder
	ConfigFileArg                     string // where the tracing file is on the nodes
	Release                           string // the oldest release of kind that will do
	Mount, Relative                   bool
	ContainerdFile                    string // the drop-in in the folder, or nothing
	ContainerdPath                    string // and on the nodes
	OwnNetwork, LocalEtcd             bool
	ControlPlaneNodes, AllNodes, Node string // names of nodes: lists with spaces, and one
	Change                            func() int
}

// RunBook returns what to do with a bundle's files in kind, as Markdown: how to
// create the cluster that [Cluster] returned for the spec and hostDir, see that it
// works, change it and undo it. It belongs beside the bundle's files, as
// [FileRunBook], with the cluster as [FileCluster]. The bundle's own README.md is
// about kubeadm. The error is a *tracing.InvalidSpecError, or says that there is no
// cluster.
func RunBook(spec tracing.TracingSpec, cluster *v1alpha4.Cluster, hostDir string) ([]byte, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return RunBookFor(resolved, cluster, hostDir)
}

// RunBookFor is RunBook of a spec that is resolved already.
func RunBookFor(r tracing.Resolved, cluster *v1alpha4.Cluster, hostDir string) ([]byte, error) {
	if r.Spec().KubernetesVersion == "" {
		return nil, errors.New("this Resolved was not made by tracing.Resolve")
	}
	if cluster == nil {
		return nil, errors.New("there is no cluster: give the one that Cluster or ClusterFor returns")
	}
	name := cluster.Name
	if name == "" {
		name = "kind" // as kind itself does
	}
	controlPlane, workers := nodeNames(name, cluster.Nodes)
	data := runBookData{
		Common:      runbook.New(r, controlPlane[0], "docker exec "+controlPlane[0]+" "),
		Cluster:     name,
		Folder:      hostDir,
		Config:      runbook.ShellWord(path.Join(hostDir, FileCluster)),
		ClusterFile: FileCluster, TracingFile: kubetrace.FileTracingConfiguration, Readme: kubetrace.FileReadme,
		ConfigFileArg:     runbook.ShellWord(r.Spec().APIServer.ConfigFile),
		OwnNetwork:        cluster.Networking.DisableDefaultCNI,
		Node:              controlPlane[0],
		ControlPlaneNodes: strings.Join(controlPlane, " "),
		AllNodes:          strings.Join(slices.Concat(controlPlane, workers), " "),
		Change:            runbook.Counter(),
	}
	if r.ContainerdVariables() {
		data.ContainerdFile, data.ContainerdPath = kubetrace.FileContainerd, kubetrace.NodeFileContainerd
	}
	data.Mount, data.LocalEtcd = data.APIServer, data.Etcd && !data.ExternalEtcd
	data.Relative = hostDir != "" && !path.IsAbs(hostDir)
	image, release, known := NodeImageFor(r)
	if known && slices.ContainsFunc(cluster.Nodes, func(n v1alpha4.Node) bool { return n.Image == image }) {
		data.Release = release
	}
	data.files(r)
	return runbook.Write(runBookTemplate, data)
}

// nodeNames returns the names that kind gives to the nodes. A cluster without
// nodes gets a control plane of one.
//
// Source: pkg/cluster/internal/providers/common/namer.go of sigs.k8s.io/kind
// v0.33.0.
func nodeNames(cluster string, nodes []v1alpha4.Node) (controlPlane, workers []string) {
	named := func(role v1alpha4.NodeRole, before []string) []string {
		name := fmt.Sprintf("%s-%s", cluster, role)
		if len(before) > 0 {
			name += fmt.Sprint(len(before) + 1)
		}
		return append(before, name)
	}
	for _, node := range nodes {
		if isControlPlane(node) {
			controlPlane = named(v1alpha4.ControlPlaneRole, controlPlane)
		} else {
			workers = named(v1alpha4.WorkerRole, workers)
		}
	}
	if len(controlPlane) == 0 {
		controlPlane = named(v1alpha4.ControlPlaneRole, nil)
	}
	return controlPlane, workers
}

// files fills in what kind uses of the folder, and what it does not.
func (d *runBookData) files(r tracing.Resolved) {
	d.Files = []runbook.File{{Name: FileCluster, What: "the cluster and the kubeadm patches of tracing", Where: "`kind create cluster`"}}
	var unused []string
	if d.Kubelet || d.APIServer || d.Etcd && !d.ExternalEtcd {
		unused = append(unused, path.Dir(kubetrace.FileKubeadm)+"/")
	}
	if d.Kubelet {
		unused = append(unused, path.Dir(kubetrace.FileKubelet)+"/")
	}
	if r.ContainerdTOML() {
		unused = append(unused, kubetrace.FileContainerdConfig)
	}
	for _, file := range kubetrace.Files() {
		switch {
		case file.Component != "" && r.NotGenerated(file.Component) != nil:
		case file.Name == kubetrace.FileTracingConfiguration:
			file.Where = "kind mounts it into the control-plane nodes, at `" + r.Spec().APIServer.ConfigFile + "`"
			d.Files = append(d.Files, runbook.File(file))
		case file.Name == kubetrace.FileContainerd && r.ContainerdVariables():
			file.Where = "kind mounts it into every node, at `" + kubetrace.NodeFileContainerd + "`"
			d.Files = append(d.Files, runbook.File(file))
		case file.Applied:
			d.Files = append(d.Files, runbook.File(file))
		}
	}
	d.Files = append(d.Files, runbook.File{Name: strings.Join(append(unused, kubetrace.FileReadme), "`, `"), What: "the same for clusters without kind", Where: "not used here"})
}

// isControlPlane says whether a node is one; kind's default role is that.
func isControlPlane(node v1alpha4.Node) bool {
	return node.Role == v1alpha4.ControlPlaneRole || node.Role == ""
}
