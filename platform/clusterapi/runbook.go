package clusterapi

import (
	_ "embed"

	"kubetrace"
	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

// FileRunBook is the name of what RunBook returns, beside the files of a bundle.
const FileRunBook = "clusterapi.md"

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	ControlPlane, Worker []string // the paths of their files on a node
	KubeadmEtcd          bool     // etcd is traced, and kubeadm runs it
	Rolls                bool     // machines are made anew
	Change               func() int
}

// RunBook returns what to do with the changed objects, as Markdown: where things go, in
// which order the machines are rolled, how to see that it works, what an upgrade needs and
// how to undo it. It belongs beside the bundle's files, as [FileRunBook]; the bundle's own
// README.md is about kubeadm without Cluster API. The error is a *tracing.InvalidSpecError.
func RunBook(spec tracing.TracingSpec) ([]byte, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return RunBookFor(r)
}

// RunBookFor is RunBook of a spec that is resolved already.
func RunBookFor(r tracing.Resolved) ([]byte, error) {
	bundle, err := kubetrace.GenerateFor(r)
	if err != nil {
		return nil, err
	}
	data := runBookData{Common: runbook.New(r, "NODE", ""), Change: runbook.Counter()}
	data.KubeadmEtcd = data.Etcd && !data.ExternalEtcd
	for role, paths := range map[kubetrace.Role]*[]string{kubetrace.ControlPlane: &data.ControlPlane, kubetrace.Worker: &data.Worker} {
		node, err := bundle.Node(role, kubetrace.NodeOptions{})
		if err != nil {
			return nil, err
		}
		for _, file := range node.Files {
			*paths = append(*paths, file.Path)
		}
	}
	data.Rolls = data.KubeadmEtcd || len(data.ControlPlane) > 0
	for _, file := range kubetrace.Files() {
		if file.Applied && r.NotGenerated(file.Component) == nil {
			data.Files = append(data.Files, runbook.File(file))
		}
	}
	return runbook.Write(runBookTemplate, data)
}
