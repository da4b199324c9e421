package kubetrace

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"testing/fstest"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/etcd"
	"kubetrace/internal/gates"
	"kubetrace/internal/runbook"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = runbook.Template(fileReadme, runBookText)

// runBookData is what the template asks for.
type runBookData struct {
	runbook.Common
	ConfigFile, ConfigFileArg      string
	HasPatch, HasCluster, HasGates bool
	ByKubeadm, Patches, LocalEtcd  bool
	EtcdImage                      bool // of the spec
	KubeadmAPI                     string
	Phases                         []string
	FirstStep, LastStep            int // of an old cluster, that change its configuration
	DropIn                         string
	EtcdArgs                       []kubeadm.Arg
	EtcdEnv                        []corev1.EnvVar
	EtcdFile                       string     // fields of etcd's configuration file
	New, Old, Undo                 func() int // the numbers of steps
}

// runBook returns the bundle's README.md for the files that it holds.
func runBook(b *Bundle, files fstest.MapFS) ([]byte, error) {
	r := b.resolved
	data := runBookData{
		Common:     runbook.New(r, "NODE", ""),
		HasPatch:   b.Kubeadm.KubernetesVersion != "",
		HasGates:   slices.ContainsFunc(b.Kubeadm.APIServer.Args, func(a kubeadm.Arg) bool { return a.Name == gates.Flag }),
		KubeadmAPI: r.ControlPlane().KubeadmAPIVersion,
		DropIn:     dropInAdvice[r.OldestKubelet().KubeletDropIn],
		EtcdArgs:   etcd.ArgsFor(r),
		EtcdEnv:    etcd.EnvFor(r),
		New:        runbook.Counter(), Old: runbook.Counter(), Undo: runbook.Counter(),
	}
	if data.ExternalEtcd {
		fields, err := tracing.Marshal(etcd.ConfigFileFor(r))
		if err != nil {
			return nil, err
		}
		data.EtcdFile = string(fields)
	}
	data.Warnings = b.Warnings
	data.LocalEtcd = data.Etcd && !data.ExternalEtcd
	data.EtcdImage = b.Kubeadm.Etcd.ImageTag != ""
	if data.APIServer {
		file := r.Spec().APIServer.ConfigFile
		data.ConfigFile, data.ConfigFileArg = file, runbook.ShellWord(file)
	}
	data.steps()
	data.files(files)
	return runbook.Write(runBookTemplate, data)
}

// steps fills in the phases that write static pods anew, and which steps change
// the configuration of a cluster that is there already.
//
// The kubelets' ConfigMap is named kubelet-config without a release, since every
// release whose kubelets have tracing (1.25 and later) names it so.
// https://www.kubernetes.dev/resources/keps/2915/
func (d *runBookData) steps() {
	if d.LocalEtcd {
		d.Phases = append(d.Phases, "kubeadm init phase etcd local")
	}
	if d.APIServer {
		d.Phases = append(d.Phases, "kubeadm init phase control-plane apiserver")
		d.LastStep++ // the file, which stays
	}
	d.FirstStep = d.LastStep + 1
	if d.HasCluster = len(d.Phases) > 0; d.HasCluster {
		d.LastStep += 4 // fetch, complete, store, write
	}
	if d.Kubelet {
		d.LastStep += 2 // edit, take over
	}
}

// files fills in what the bundle holds.
func (d *runBookData) files(files fstest.MapFS) {
	for _, file := range bundleFiles {
		present := func(name string) bool {
			return name == file.Name || strings.HasSuffix(file.Name, "/") && strings.HasPrefix(name, file.Name)
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(files)), present) {
			continue
		}
		file.What = strings.ReplaceAll(file.What, "KINDS", d.kubeadmKinds())
		file.Where = strings.ReplaceAll(file.Where, "CONFIGFILE", d.ConfigFile)
		d.Files = append(d.Files, file)
		d.ByKubeadm = d.ByKubeadm || file.Name == fileKubeadm
		d.Patches = d.Patches || file.Name == folderPatches
	}
}

// kubeadmKinds returns the kinds of the documents in the kubeadm file.
func (d *runBookData) kubeadmKinds() string {
	var kinds []string
	if d.HasCluster || d.HasPatch {
		kinds = append(kinds, "ClusterConfiguration")
	}
	if d.Kubelet {
		kinds = append(kinds, "KubeletConfiguration")
	}
	return runbook.Enumerate(kinds)
}

// bundleFiles describes every file a bundle may hold.
var bundleFiles = []runbook.File{
	{Name: fileTracingConfiguration, What: "kube-apiserver's TracingConfiguration", Where: "`CONFIGFILE` on every control-plane node"},
	{Name: fileKubelet, What: "the part of the kubelet's configuration that switches tracing on", Where: "kubelets that kubeadm does not configure, see below"},
	{Name: fileKubeadm, What: "kubeadm's KINDS", Where: "`kubeadm init --config`"},
	{Name: folderPatches, What: "patches of static pods", Where: "kubeadm's `patches.directory`"},
	{Name: fileCollector, What: "the collector's objects", Where: "`kubectl apply`"},
	{Name: fileGateway, What: "the gateway's objects", Where: "`kubectl apply`"},
	{Name: fileBackend, What: "a development backend, Jaeger in memory", Where: "`kubectl apply`"},
}

// dropInAdvice says what to do with the kubelet's fragment.
var dropInAdvice = map[tracing.DropIn]string{
	tracing.DropInNone:    "The oldest kubelet has no `--config-dir`: merge `kubelet/90-tracing.conf` into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInHarmful: "Do not put `kubelet/90-tracing.conf` into a `--config-dir`: the oldest kubelet would overwrite fields that the file does not mention. Merge it into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInEnv:     "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, set `KUBELET_CONFIG_DROPIN_DIR_ALPHA=1` in its environment, and restart the kubelet.",
	tracing.DropInPlain:   "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, and restart the kubelet.",
}
