package talos

import (
	_ "embed"
	"strings"

	"kubetrace"
	"kubetrace/internal/runbook"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// The files that belong beside those of a bundle.
const (
	// FileControlPlane is the patch of control-plane nodes, FileWorker that of workers.
	FileControlPlane = "talos-controlplane.yaml"
	FileWorker       = "talos-worker.yaml"
	// FileRunBook is what RunBook returns.
	FileRunBook = "talos.md"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Talos, Contract            string
	ControlPlaneFile, Worker   string // names of files
	HasControlPlane, HasWorker bool
	Inline, Reboot, OldEtcd    bool
	EtcdVersion, ConfigFile    string
	EtcdFlags                  []string
	Change                     func() int
}

// RunBook returns what to do with the patches of a spec, as Markdown: where they go, in
// which order and with which reboots, how to see that it works, how check is asked, what
// an upgrade of Talos needs and how to undo it. It belongs beside the patches, as
// [FileControlPlane] and [FileWorker], and the files of the bundle that kubetrace.Generate
// makes of what [Spec] returns. The error is that of ConfigPatches.
func RunBook(spec tracing.TracingSpec, o Options) ([]byte, error) {
	patches, err := ConfigPatches(spec, o)
	if err != nil {
		return nil, err
	}
	e, err := newEditor(spec, o)
	if err != nil {
		return nil, err
	}
	r := e.r
	r.Warnings = patches.Warnings
	// Talos has no shell on its nodes; a pod in the host's network is as good.
	data := runBookData{
		Common: runbook.New(r, "NODE", "kubectl -n kube-system debug node/NODE --attach --quiet --image=docker.io/curlimages/curl -- "),
		Talos:  e.row.Talos, Contract: "v" + e.row.Talos,
		ControlPlaneFile: FileControlPlane, Worker: FileWorker,
		HasControlPlane: patches.ControlPlane != nil, HasWorker: patches.Worker != nil,
		Inline:      !o.WithoutManifests,
		Reboot:      r.ContainerdVariables(),
		EtcdVersion: r.Spec().Etcd.Version, ConfigFile: r.Spec().APIServer.ConfigFile,
		Change: runbook.Counter(),
	}
	if e.row.MultiDocument {
		data.Contract = "v1.13"
	}
	for _, s := range setting.Of(r, tracing.ComponentEtcd) {
		data.EtcdFlags = append(data.EtcdFlags, s.Name)
	}
	was, _, _ := setting.EtcdOldSpelling()
	data.OldEtcd = len(data.EtcdFlags) > 0 && strings.HasPrefix(data.EtcdFlags[0], was)
	data.logs()
	data.files(r)
	return runbook.Write(runBookTemplate, data)
}

// logs are where the components of Talos say something.
func (d *runBookData) logs() {
	var logs []string
	for _, log := range []struct {
		has     bool
		command string
	}{
		{d.Etcd, "talosctl -n NODE logs etcd"},
		{d.APIServer, "kubectl -n kube-system logs kube-apiserver-NODE"},
		{d.Kubelet, "talosctl -n NODE logs kubelet"},
		{d.Containerd, "talosctl -n NODE logs cri"},
	} {
		if log.has {
			logs = append(logs, "`"+log.command+"`")
		}
	}
	d.Logs = runbook.Enumerate(logs)
}

// files lists the patches, and what of the bundle is applied.
func (d *runBookData) files(r tracing.Resolved) {
	d.Files = nil
	if d.HasControlPlane {
		d.Files = append(d.Files, runbook.File{Name: FileControlPlane, What: "a patch of the machine configuration", Where: "every control-plane node"})
	}
	if d.HasWorker {
		d.Files = append(d.Files, runbook.File{Name: FileWorker, What: "a patch of the machine configuration", Where: "every worker"})
	}
	for _, file := range kubetrace.Files() {
		if file.Applied && (file.Component == "" || r.NotGenerated(file.Component) == nil) {
			d.Files = append(d.Files, runbook.File(file))
		}
	}
}
