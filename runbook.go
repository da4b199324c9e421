package kubetrace

import (
	"bytes"
	_ "embed"
	"fmt"
	"net"
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
	Endpoint, Exporter, Nodes, ConfigFile    string
	Files                                    []runBookFile
	Warnings                                 []tracing.Warning
	HasPatch, ListArgs                       bool
	ByKubeadm, Patches, EtcdByKubeadm        bool
	Kubelet, ExternalEtcd, Collector         bool
	DropIn                                   string
	EtcdArgs                                 []kubeadm.Arg
	EtcdEnv                                  []corev1.EnvVar
	Namespace, Name, MetricsAddress          string
	Managed, Backend, OwnBackendNamespace    bool
	BackendNamespace, BackendName, QueryPort string
	Secrets                                  []string
}

// runBookFile is a row of the table of files.
type runBookFile struct{ Name, What, Where string }

// runBook returns the bundle's README.md for the files that it holds.
func runBook(b *Bundle, files fstest.MapFS) ([]byte, error) {
	r := b.resolved
	spec, release := r.Spec(), r.ControlPlane()
	has := func(c tracing.Component) bool { return r.NotGenerated(c) == nil }
	data := runBookData{
		Version:          spec.KubernetesVersion,
		Minor:            r.KubernetesMinor(),
		Endpoint:         r.ComponentEndpoint(),
		Exporter:         r.Exporter().Endpoint,
		Nodes:            "node",
		Warnings:         b.Warnings,
		HasPatch:         r.KubernetesPatch() != "",
		ListArgs:         release.KubeadmAPIVersion == kubeadm.V1Beta4,
		EtcdByKubeadm:    has(tracing.ComponentEtcd) && !spec.Etcd.External,
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
		Secrets:          secretNames(spec.Collector, r.Exporter()),
	}
	data.OwnBackendNamespace = data.Backend && data.BackendNamespace != tracing.DefaultBackendNamespace
	if !data.Kubelet {
		data.Nodes = "control-plane node"
	}
	if has(tracing.ComponentAPIServer) {
		data.ConfigFile = spec.APIServer.ConfigFile
	}
	var traced, services []string
	for _, c := range []struct {
		component tracing.Component
		service   string
	}{{tracing.ComponentEtcd, spec.Etcd.ServiceName}, {tracing.ComponentAPIServer, "apiserver"}, {tracing.ComponentKubelet, "kubelet"}} {
		if has(c.component) {
			traced = append(traced, string(c.component))
			services = append(services, "`"+c.service+"`")
		}
	}
	data.Traced, data.Services = enumerate(traced), enumerate(services)
	for _, file := range bundleFiles {
		name := file.Name
		present := slices.ContainsFunc(fileNames(files), func(n string) bool { return n == name || strings.HasSuffix(name, "/") && strings.HasPrefix(n, name) })
		if !present {
			continue
		}
		file.Where = strings.ReplaceAll(file.Where, "CONFIGFILE", data.ConfigFile)
		data.Files = append(data.Files, file)
		data.ByKubeadm = data.ByKubeadm || name == fileKubeadm
		data.Patches = data.Patches || name == folderPatches
	}
	var text bytes.Buffer
	if err := runBookTemplate.Execute(&text, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", fileReadme, err)
	}
	return text.Bytes(), nil
}

// bundleFiles describes every file a bundle may hold.
var bundleFiles = []runBookFile{
	{fileTracingConfiguration, "kube-apiserver's TracingConfiguration", "`CONFIGFILE` on every control-plane node"},
	{fileKubelet, "the part of the kubelet's configuration that switches tracing on", "a kubelet's `--config-dir`, where kubeadm does not configure it"},
	{fileKubeadm, "ClusterConfiguration and KubeletConfiguration", "`kubeadm init --config`"},
	{folderPatches, "patches of static pods", "kubeadm's `patches.directory`"},
	{fileCollector, "the collector's objects", "`kubectl apply`"},
	{fileBackend, "a development backend, Jaeger in memory", "`kubectl apply`"},
}

// dropInAdvice says what to do with the kubelet's fragment.
var dropInAdvice = map[tracing.DropIn]string{
	tracing.DropInNone:    "This kubelet has no `--config-dir`: merge `kubelet/90-tracing.conf` into the file that its `--config` names, and restart it.",
	tracing.DropInHarmful: "Do not put `kubelet/90-tracing.conf` into a `--config-dir`: this kubelet would overwrite fields that the file does not mention. Merge it into the file that its `--config` names, and restart it.",
	tracing.DropInEnv:     "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, set `KUBELET_CONFIG_DROPIN_DIR_ALPHA=1` in its environment, and restart it.",
	tracing.DropInPlain:   "Put `kubelet/90-tracing.conf` into the folder that the kubelet's `--config-dir` names, and restart it.",
}

// enumerate returns "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func fileNames(files fstest.MapFS) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	return names
}

// secretNames returns the Secrets that the collector's pods need, once each.
func secretNames(spec tracing.CollectorSpec, exporter tracing.ExporterSpec) []string {
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
	slices.Sort(names)
	return slices.Compact(names)
}
