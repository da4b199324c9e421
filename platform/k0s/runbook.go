package k0s

import (
	_ "embed"
	"slices"

	"kubetrace"
	"kubetrace/collector"
	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

// The files that belong beside those of a bundle.
const (
	// FileCluster is what Cluster returns, k0s' own name of it.
	FileCluster = "k0s.yaml"
	// FileRunBook is what RunBook returns.
	FileRunBook = "k0s.md"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Controller, Worker       kubetrace.Node
	ClusterFile              string
	HostService, HostProgram string // of the collector on controllers, or nothing
	CollectorImage           string
	HostSecrets              []collector.HostSecret
	HostPaths                []string // of them, each once
	NoCollector              bool     // on controllers, though something sends to it
	Config                   bool     // something is in ClusterFile
}

// RunBook returns what to do in a cluster of k0s, as Markdown: where each file goes, in
// which order, how to see that it works and how to undo it. It belongs beside the bundle's
// files, as [FileRunBook], with what [Cluster] returns as [FileCluster]; the bundle's own
// README.md is about kubeadm. The error is that of [Resolve].
func RunBook(spec tracing.TracingSpec, o Options) ([]byte, error) {
	r, err := Resolve(spec, o)
	if err != nil {
		return nil, err
	}
	data := runBookData{Common: runbook.New(r, "NODE", ""), ClusterFile: FileCluster, CollectorImage: r.Spec().Collector.Image}
	if data.Controller, err = Node(spec, kubetrace.ControlPlane, o); err != nil {
		return nil, err
	}
	if data.Worker, err = Node(spec, kubetrace.Worker, o); err != nil {
		return nil, err
	}
	data.Config = data.Etcd || data.APIServer || data.Kubelet
	if needsHost(r, o) {
		data.NoCollector = true
		if host := collector.HostFilesFor(r); host != nil {
			data.NoCollector, data.HostService, data.HostProgram, data.HostSecrets = false, collector.HostService, collector.HostProgram, host.Secrets
			for _, secret := range host.Secrets {
				data.HostPaths = append(data.HostPaths, secret.Path)
			}
			slices.Sort(data.HostPaths)
			data.HostPaths = slices.Compact(data.HostPaths)
		}
	}
	data.Logs = "`journalctl -u k0scontroller` on controllers, with the lines of kube-apiserver and etcd, and `journalctl -u k0sworker` on workers, with those of the kubelet and containerd"
	if data.Config {
		data.Files = append(data.Files, runbook.File{Name: FileCluster, What: "k0s' ClusterConfig with tracing in it", Where: "merged with `/etc/k0s/k0s.yaml` of every controller"})
	}
	for _, file := range kubetrace.Files() {
		if file.Applied && r.NotGenerated(file.Component) == nil {
			data.Files = append(data.Files, runbook.File(file))
		}
	}
	return runbook.Write(runBookTemplate, data)
}

// RunBookFor is RunBook of a spec that is resolved already, by [Resolve] or not.
func RunBookFor(r tracing.Resolved, o Options) ([]byte, error) { return RunBook(r.Spec(), o) }
