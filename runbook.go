package kubetrace

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"text/template"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/backend"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

//go:embed runbook.md.tmpl
var runBookText string

var runBookTemplate = template.Must(template.New("README.md").Parse(runBookText))

// runBookData is what the template asks for.
type runBookData struct {
	Version, Minor, Traced, Services         string
	Endpoint, Exporter, Nodes                string
	ConfigFile, ConfigFileArg                string
	Files                                    []runBookFile
	Warnings                                 []tracing.Warning
	HasPatch, HasCluster, HasGates           bool
	ByKubeadm, Patches                       bool
	Kubelet, ExternalEtcd, Collector         bool
	ConfigMaps, Phases, DropIn               string
	EtcdArgs                                 []kubeadm.Arg
	EtcdEnv                                  []corev1.EnvVar
	Namespace, Name, MetricsAddress          string
	Managed, Backend, OwnBackendNamespace    bool
	BackendNamespace, BackendName, QueryPort string
	Secrets                                  string
	SecretHeaders                            bool
	New, Old, Undo                           func() int // the numbers of steps
}

// runBookFile is a row of the table of files.
type runBookFile struct{ Name, What, Where string }

// runBook returns the bundle's README.md for the files that it holds.
func runBook(b *Bundle, files fstest.MapFS) ([]byte, error) {
	r := b.resolved
	spec := r.Spec()
	has := func(c tracing.Component) bool { return r.NotGenerated(c) == nil }
	data := runBookData{
		Version:          spec.KubernetesVersion,
		Minor:            r.KubernetesMinor(),
		Endpoint:         r.ComponentEndpoint(),
		Exporter:         r.Exporter().Endpoint,
		Nodes:            "node",
		Warnings:         b.Warnings,
		HasPatch:         b.Kubeadm.KubernetesVersion != "",
		HasGates:         slices.ContainsFunc(b.Kubeadm.APIServer.Args, func(a kubeadm.Arg) bool { return a.Name == "feature-gates" }),
		Kubelet:          has(tracing.ComponentKubelet),
		ExternalEtcd:     has(tracing.ComponentEtcd) && spec.Etcd.External,
		DropIn:           dropInAdvice[r.OldestKubelet().KubeletDropIn],
		EtcdArgs:         etcd.ArgsFor(r),
		EtcdEnv:          etcd.EnvFor(r),
		Collector:        has(tracing.ComponentCollector),
		Namespace:        spec.Collector.Namespace,
		Name:             spec.Collector.Name,
		MetricsAddress:   net.JoinHostPort(r.LoopbackHost(), strconv.Itoa(int(spec.Collector.MetricsPort))),
		Managed:          *spec.Collector.ManageNamespace,
		Backend:          has(tracing.ComponentBackend),
		BackendNamespace: spec.Backend.Namespace,
		BackendName:      tracing.BackendName,
		QueryPort:        strconv.Itoa(int(backend.QueryPort)),
		Secrets:          secrets(spec.Collector, r.Exporter()),
		SecretHeaders:    slices.ContainsFunc(r.Exporter().Headers, func(h tracing.HeaderSpec) bool { return h.SecretKeyRef != nil }),
		New:              counter(), Old: counter(), Undo: counter(),
	}
	data.OwnBackendNamespace = data.Backend && data.BackendNamespace != tracing.DefaultBackendNamespace
	if !data.Kubelet {
		data.Nodes = "control-plane node"
	}
	if has(tracing.ComponentAPIServer) {
		data.ConfigFile, data.ConfigFileArg = spec.APIServer.ConfigFile, shellWord(spec.APIServer.ConfigFile)
	}
	data.components(has, spec.Etcd)
	data.files(files)
	var text bytes.Buffer
	if err := runBookTemplate.Execute(&text, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", fileReadme, err)
	}
	return tidy(text.Bytes()), nil
}

// components fills in what enumerates the traced components.
func (d *runBookData) components(has func(tracing.Component) bool, spec tracing.EtcdSpec) {
	var traced, services, phases, configMaps []string
	for _, c := range []struct {
		component                     tracing.Component
		name, service, phase, changed string
	}{
		{tracing.ComponentEtcd, "etcd", spec.ServiceName, "kubeadm init phase etcd local", "kubeadm-config"},
		{tracing.ComponentAPIServer, "kube-apiserver", "apiserver", "kubeadm init phase control-plane apiserver", "kubeadm-config"},
		{tracing.ComponentKubelet, "the kubelets", "kubelet", "", "kubelet-config"},
	} {
		if !has(c.component) {
			continue
		}
		traced = append(traced, c.name)
		services = append(services, "`"+c.service+"`")
		if c.component == tracing.ComponentEtcd && spec.External {
			continue
		}
		configMaps = append(configMaps, "`"+c.changed+"`")
		if c.phase != "" {
			phases = append(phases, "`"+c.phase+"`")
		}
	}
	configMaps = slices.Compact(configMaps)
	d.HasCluster = len(phases) > 0
	d.Traced, d.Phases = enumerate(traced), enumerate(phases)
	d.Services = plural("the service", services)
	d.ConfigMaps = plural("the ConfigMap", configMaps)
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
	return enumerate(kinds)
}

// bundleFiles describes every file a bundle may hold.
var bundleFiles = []runBookFile{
	{fileTracingConfiguration, "kube-apiserver's TracingConfiguration", "`CONFIGFILE` on every control-plane node"},
	{fileKubelet, "the part of the kubelet's configuration that switches tracing on", "kubelets that kubeadm does not configure, see below"},
	{fileKubeadm, "kubeadm's KINDS", "`kubeadm init --config`"},
	{folderPatches, "patches of static pods", "kubeadm's `patches.directory`"},
	{fileCollector, "the collector's objects", "`kubectl apply`"},
	{fileBackend, "a development backend, Jaeger in memory", "`kubectl apply`"},
}

// dropInAdvice says what to do with the kubelet's fragment.
var dropInAdvice = map[tracing.DropIn]string{
	tracing.DropInNone:    "The oldest kubelet has no `--config-dir`: merge `kubelet/90-tracing.conf` into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInHarmful: "Do not put `kubelet/90-tracing.conf` into a `--config-dir`: the oldest kubelet would overwrite fields that the file does not mention. Merge it into the file that the kubelet's `--config` names, and restart the kubelet.",
	tracing.DropInEnv:     "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, set `KUBELET_CONFIG_DROPIN_DIR_ALPHA=1` in its environment, and restart the kubelet.",
	tracing.DropInPlain:   "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, and restart the kubelet.",
}

// enumerate returns "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// plural returns "the node a" or "the nodes a and b".
func plural(noun string, words []string) string {
	if len(words) > 1 {
		noun += "s"
	}
	return noun + " " + enumerate(words)
}

// counter returns 1, 2, 3.
func counter() func() int {
	n := 0
	return func() int { n++; return n }
}

// tidy leaves one blank line where the template's parts left several.
func tidy(text []byte) []byte {
	for bytes.Contains(text, []byte("\n\n\n")) {
		text = bytes.ReplaceAll(text, []byte("\n\n\n"), []byte("\n\n"))
	}
	return append(bytes.TrimSpace(text), '\n')
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+=,-]+$`)

// shellWord returns text as one word of a POSIX shell.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// secrets names the Secrets that the collector's pods need, once each.
func secrets(spec tracing.CollectorSpec, exporter tracing.ExporterSpec) string {
	var names []string
	for _, secret := range spec.ImagePullSecrets {
		names = append(names, secret.Name)
	}
	if tls := exporter.TLS; tls != nil {
		for _, key := range []*corev1.SecretKeySelector{tls.CA, tls.Cert, tls.Key} {
			if key != nil {
				names = append(names, key.Name)
			}
		}
	}
	for _, header := range exporter.Headers {
		if header.SecretKeyRef != nil {
			names = append(names, header.SecretKeyRef.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for i, name := range names {
		names[i] = "`" + name + "`"
	}
	return plural("the Secret", names)
}
