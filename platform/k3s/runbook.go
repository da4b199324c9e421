package k3s

import (
	_ "embed"

	"kubetrace"
	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

// FileRunBook is the name of what RunBook returns, beside the files of a bundle.
const FileRunBook = "k3s.md"

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Distribution, Server, Agent     string // its name and its units
	ConfigPath, DropInPath, DataDir string
	TracingPath                     string
	ServerFiles, AgentFiles         []kubetrace.NodeFile
	RKE2, OtherDatastore            bool
}

// RunBook returns what to do on the nodes of a cluster of k3s or RKE2, as Markdown: where
// each file goes, in which order, how to see that it works and how to undo it. It belongs
// beside the bundle's files, as [FileRunBook]; the bundle's own README.md is about
// kubeadm. The error is that of [Resolve].
func RunBook(spec tracing.TracingSpec, o Options) ([]byte, error) {
	r, err := Resolve(spec, o)
	if err != nil {
		return nil, err
	}
	o, err = o.withDefaults()
	if err != nil {
		return nil, err
	}
	server, err := Node(spec, kubetrace.ControlPlane, o)
	if err != nil {
		return nil, err
	}
	agent, err := Node(spec, kubetrace.Worker, o)
	if err != nil {
		return nil, err
	}
	data := runBookData{
		Common:       runbook.New(r, "NODE", ""),
		Distribution: o.name(), Server: o.unit(kubetrace.ControlPlane), Agent: o.unit(kubetrace.Worker),
		ConfigPath: o.ConfigPath(), DropInPath: o.DropInPath(), DataDir: o.DataDir, TracingPath: r.Spec().APIServer.ConfigFile,
		ServerFiles: server.Files, AgentFiles: agent.Files,
		RKE2: o.Distribution == RKE2, OtherDatastore: o.ExternalDatastore,
	}
	data.Logs = "`journalctl -u " + data.Server + "` on servers and `journalctl -u " + data.Agent + "` on agents"
	if data.RKE2 {
		data.Logs += ", `kubectl -n kube-system logs kube-apiserver-NODE` and `etcd-NODE`, and `" + o.DataDir + "/agent/logs/kubelet.log` on every node"
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
