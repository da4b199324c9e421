package kubetrace

import (
	_ "embed"
	"io/fs"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/etcd"
	"kubetrace/internal/memfs"
	"kubetrace/internal/runbook"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(FileReadme, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	KubeadmFile, PatchesFolder     string
	TracingFile                    string // in the bundle
	ConfigFile, ConfigFileArg      string // on the nodes
	ContainerdFile                 string // in the bundle, or nothing
	ContainerdConfigFile, CRIOFile string
	CRIOConfigCommand              string
	HasPatch, HasCluster, HasGates bool
	ByKubeadm, Patches, LocalEtcd  bool
	KubeletByKubeadm               bool
	EtcdImage                      bool // of the spec
	KubeadmAPI                     string
	Phases                         []string
	FirstStep, LastStep            int // of an old cluster, that change its configuration
	DropIn                         string
	EtcdArgs                       []kubeadm.Arg
	EtcdEnv                        []corev1.EnvVar
	EtcdFile                       string     // fields of etcd's configuration file
	New, Old, Runtime, Undo        func() int // the numbers of steps
}

// runBook returns the bundle's README.md for the files that it holds.
//
// What it says of single settings is the spec's, which FS has compared with the
// bundle; what a program can add is asked of the bundle.
func runBook(b *Bundle, files memfs.FS) ([]byte, error) {
	r := b.resolved
	data := runBookData{
		Common:      runbook.New(r, "NODE", ""),
		KubeadmFile: FileKubeadm, PatchesFolder: FolderPatches, TracingFile: FileTracingConfiguration,
		HasPatch:   b.Kubeadm.KubernetesVersion != "",
		HasGates:   slices.ContainsFunc(b.Kubeadm.APIServer.Args, func(a kubeadm.Arg) bool { return a.Name == setting.FlagGates }),
		KubeadmAPI: r.ControlPlane().KubeadmAPIVersion,
		DropIn:     dropInAdvice[r.OldestKubelet().KubeletDropIn],
		EtcdArgs:   b.EtcdArgs,
		EtcdEnv:    etcd.EnvFor(r),
		New:        runbook.Counter(), Old: runbook.Counter(), Runtime: runbook.Counter(), Undo: runbook.Counter(),
	}
	if data.ExternalEtcd {
		fields, err := tracing.Marshal(etcd.ConfigFileFor(r))
		if err != nil {
			return nil, err
		}
		data.EtcdFile = string(fields)
	}
	data.CRIOConfigCommand = setting.CRIOConfigCommand(r)
	data.Warnings = b.Warnings
	data.EtcdImage = b.Kubeadm.Etcd.ImageTag != ""
	if data.APIServer {
		file := r.Spec().APIServer.ConfigFile
		data.ConfigFile, data.ConfigFileArg = file, runbook.ShellWord(file)
	}
	data.steps(b.Kubeadm)
	data.files(files)
	return runbook.Write(runBookTemplate, data)
}

// ContainerdDropIn, ContainerdImport and CRIODropIn are where the container runtimes
// read their files.
func (runBookData) ContainerdDropIn() string { return NodeFileContainerd }
func (runBookData) ContainerdImport() string { return NodeFileContainerdConfig }
func (runBookData) CRIODropIn() string       { return NodeFileCRIO }

// ContainerdNode and CRIONode are what a node is called that runs one of them.
func (d runBookData) ContainerdNode() string { return d.nodeWith("containerd") }
func (d runBookData) CRIONode() string       { return d.nodeWith("CRI-O") }

func (d runBookData) nodeWith(runtime string) string {
	if d.Containerd && d.CRIO {
		return "node with " + runtime
	}
	return "node"
}

// RuntimeFile says whether there is a file for a container runtime.
func (d runBookData) RuntimeFile() bool { return d.Containerd || d.CRIO }

// steps fills in the phases that write static pods anew, and which steps change
// the configuration of a cluster that is there already.
//
// The kubelets' ConfigMap is named kubelet-config without a release, since every
// release whose kubelets have tracing (1.25 and later) names it so.
// https://www.kubernetes.dev/resources/keps/2915/
func (d *runBookData) steps(patch *kubeadm.Patch) {
	if d.LocalEtcd = !reflect.ValueOf(patch.Etcd).IsZero(); d.LocalEtcd {
		d.Phases = append(d.Phases, "kubeadm init phase etcd local")
	}
	if !reflect.ValueOf(patch.APIServer).IsZero() {
		d.Phases = append(d.Phases, "kubeadm init phase control-plane apiserver")
	}
	if d.APIServer {
		d.LastStep++ // the file, which stays
	}
	d.FirstStep = d.LastStep + 1
	if d.HasCluster = len(d.Phases) > 0; d.HasCluster {
		d.LastStep += 4 // fetch, complete, store, write
	}
	if d.KubeletByKubeadm = patch.Kubelet != nil; d.KubeletByKubeadm {
		d.LastStep += 2 // edit, take over
	}
}

// files fills in what the bundle holds.
func (d *runBookData) files(files memfs.FS) {
	for _, file := range Files() {
		if _, err := fs.Stat(files, file.Name); err != nil {
			continue
		}
		switch file.Name {
		case FileTracingConfiguration:
			file.Where = "`" + d.ConfigFile + "` on every control-plane node"
		case FileKubeadm:
			file.What, d.ByKubeadm = "kubeadm's "+d.kubeadmKinds(), true
		case FolderPatches:
			file.Name, d.Patches = file.Name+"/", true
		case FileContainerd:
			d.ContainerdFile, file.Where = file.Name, "`"+NodeFileContainerd+"` on every "+d.ContainerdNode()
		case FileContainerdConfig:
			d.ContainerdConfigFile, file.Where = file.Name, "`"+NodeFileContainerdConfig+"` on every "+d.ContainerdNode()
		case FileCRIO:
			d.CRIOFile, file.Where = file.Name, "`"+NodeFileCRIO+"` on every "+d.CRIONode()
		}
		d.Files = append(d.Files, runbook.File(file))
	}
}

// kubeadmKinds returns the kinds of the documents in the kubeadm file.
func (d *runBookData) kubeadmKinds() string {
	var kinds []string
	if d.HasCluster || d.HasPatch {
		kinds = append(kinds, "ClusterConfiguration")
	}
	if d.KubeletByKubeadm {
		kinds = append(kinds, "KubeletConfiguration")
	}
	return runbook.Enumerate(kinds)
}

// dropInAdvice says what to do with the kubelet's fragment.
var dropInAdvice = map[tracing.DropIn]string{
	tracing.DropInNone:    "The oldest kubelet has no `--config-dir`: merge `" + FileKubelet + "` into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInHarmful: "Do not put `" + FileKubelet + "` into a `--config-dir`: the oldest kubelet would overwrite fields that the file does not mention. Merge it into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInEnv:     "Put `" + FileKubelet + "` into the folder that the kubelet's `--config-dir` names, set `KUBELET_CONFIG_DROPIN_DIR_ALPHA=1` in its environment, and restart the kubelet.",
	tracing.DropInPlain:   "Put `" + FileKubelet + "` into the folder that the kubelet's `--config-dir` names, and restart the kubelet.",
}
