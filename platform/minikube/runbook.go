package minikube

import (
	_ "embed"

	"kubetrace"
	"kubetrace/internal/runbook"
	"kubetrace/tracing"
)

// FileRunBook is the name of what RunBook returns, beside the files of a bundle.
const FileRunBook = "minikube.md"

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileRunBook, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	Flags   []string // as words of a shell
	Local   []localFile
	Restart string // the service of the container runtime, if it gets settings
}

// localFile is a file below $MINIKUBE_HOME.
type localFile struct{ Path, Language, Content string }

// RunBook returns what to do with minikube, as Markdown: the files, the command that
// starts the cluster, how to see that it works, change it and undo it. It belongs beside
// the bundle's files, as [FileRunBook]; the bundle's own README.md is about kubeadm. The
// error is that of [Resolve].
func RunBook(spec tracing.TracingSpec) ([]byte, error) {
	r, err := Resolve(spec)
	if err != nil {
		return nil, err
	}
	start, err := Cluster(spec)
	if err != nil {
		return nil, err
	}
	data := runBookData{Common: runbook.New(r, "minikube", "minikube ssh -- sudo ")}
	for _, flag := range start.Flags {
		data.Flags = append(data.Flags, runbook.ShellWord(flag))
	}
	for _, file := range start.Files {
		data.Local = append(data.Local, localFile{local(file), runbook.Language(file.Path), string(file.Content)})
		switch file.Component {
		case tracing.ComponentContainerd:
			data.Restart = "containerd"
		case tracing.ComponentCRIO:
			data.Restart = "cri-o"
		}
	}
	for _, file := range kubetrace.Files() {
		if file.Applied && r.NotGenerated(file.Component) == nil {
			data.Files = append(data.Files, runbook.File(file))
		}
	}
	return runbook.Write(runBookTemplate, data)
}

// RunBookFor is RunBook of a spec that is resolved already, by [Resolve] or not.
func RunBookFor(r tracing.Resolved) ([]byte, error) { return RunBook(r.Spec()) }
