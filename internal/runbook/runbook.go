// Package runbook holds what the run-books of the bundle and of the platforms
// have in common: the parts of their templates and what those ask for.
package runbook

import (
	"bytes"
	_ "embed"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"kubetrace/backend"
	"kubetrace/tracing"
)

//go:embed parts.md.tmpl
var partsText string

// Template parses a run-book. It may use the parts "intro", "files",
// "warnings", "collector", "see" and "delete" of data that embeds a [Common], and
// the functions language and word.
func Template(name, text string) *template.Template {
	parts := template.New("parts").Funcs(template.FuncMap{"language": Language, "word": ShellWord})
	return template.Must(template.Must(parts.Parse(partsText)).New(name).Parse(text))
}

// Language is what a block of Markdown with the content of a node's file is called.
func Language(file string) string {
	switch {
	case strings.HasPrefix(file, "/etc/systemd/"):
		return "ini"
	case strings.HasSuffix(file, ".toml"), strings.HasPrefix(file, "/etc/crio/"):
		return "toml"
	}
	return "yaml"
}

// Write returns the text of a run-book, with one blank line where the
// template's parts leave several.
func Write(t *template.Template, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", t.Name(), err)
	}
	text := out.Bytes()
	for bytes.Contains(text, []byte("\n\n\n")) {
		text = bytes.ReplaceAll(text, []byte("\n\n\n"), []byte("\n\n"))
	}
	return append(bytes.TrimSpace(text), '\n'), nil
}

// Common is what the parts ask for.
type Common struct {
	Version, Minor               string
	Endpoint, Exporter, Nodes    string
	Traced, Services             string
	Rate                         int32 // the highest of a traced component, per million
	Files                        []File
	Warnings                     []tracing.Warning
	Etcd, ExternalEtcd           bool // etcd is traced, and by whose hand
	APIServer, Kubelet           bool
	Containerd, CRIO             bool
	Collector, Managed           bool
	Namespace, Name              string
	MetricsAddress               string
	Secrets                      []Secret
	SecretNames                  string
	SecretHeaders                string // what is restarted when the Secret of a header changes
	QueueFolder                  string // on the nodes, or nothing
	Queue                        string // how much it holds, and for how long
	Gateway, OwnGatewayNamespace bool
	GatewayNamespace             string
	GatewayName                  string
	Backend, OwnBackendNamespace bool
	BackendNamespace             string
	BackendName, QueryPort       string
	Logs                         string
	NodeCommand                  string // what to write before a command that runs on a node
}

// File is a row of the table of files, a kubetrace.File.
type File struct {
	Name, Field string
	Component   tracing.Component
	Applied     bool
	What, Where string
}

// Apply returns the flags of kubectl that name the files of objects.
func (c Common) Apply() string {
	var flags []string
	for _, file := range c.Files {
		if file.Applied {
			flags = append(flags, "-f "+file.Name)
		}
	}
	return strings.Join(flags, " ")
}

// New returns what is common to the run-books of a spec, without their files.
// node is the name of a control-plane node, and nodeCommand what to write before
// a command so that it runs there, or nothing where a person goes to the node.
func New(r tracing.Resolved, node, nodeCommand string) Common {
	spec := r.Spec()
	has := func(c tracing.Component) bool { return r.NotGenerated(c) == nil }
	c := Common{
		Version:          spec.KubernetesVersion,
		Minor:            r.KubernetesMinor(),
		Endpoint:         r.ComponentEndpoint(),
		Exporter:         r.Exporter().Endpoint,
		Nodes:            "node",
		Warnings:         r.Warnings,
		Etcd:             has(tracing.ComponentEtcd),
		ExternalEtcd:     has(tracing.ComponentEtcd) && spec.Etcd.External,
		APIServer:        has(tracing.ComponentAPIServer),
		Kubelet:          has(tracing.ComponentKubelet),
		Containerd:       has(tracing.ComponentContainerd),
		CRIO:             has(tracing.ComponentCRIO),
		Collector:        has(tracing.ComponentCollector),
		Managed:          spec.Collector.ManageNamespace == nil || *spec.Collector.ManageNamespace,
		Namespace:        spec.Collector.Namespace,
		Name:             spec.Collector.Name,
		MetricsAddress:   net.JoinHostPort(r.LoopbackHost(), strconv.Itoa(int(spec.Collector.MetricsPort))),
		QueueFolder:      spec.Collector.Queue.Path,
		Gateway:          has(tracing.ComponentGateway),
		GatewayName:      tracing.GatewayName,
		Backend:          has(tracing.ComponentBackend),
		BackendNamespace: spec.Backend.Namespace,
		BackendName:      tracing.BackendName,
		QueryPort:        strconv.Itoa(int(backend.QueryPort)),
		NodeCommand:      nodeCommand,
	}
	c.OwnBackendNamespace = c.Backend && c.BackendNamespace != tracing.DefaultBackendNamespace
	if !c.Kubelet && !c.Containerd && !c.CRIO {
		c.Nodes = "control-plane node"
	}
	if c.Gateway {
		c.GatewayNamespace, c.Exporter = spec.Gateway.Namespace, r.GatewayExporter().Endpoint
		c.OwnGatewayNamespace = c.GatewayNamespace != tracing.DefaultGatewayNamespace
	}
	if c.Collector {
		c.secrets(r)
		c.Queue = queue(r.Sizing())
	}
	c.components(r, node)
	return c
}

// queue says how much a collector holds, and for how long that lasts.
func queue(s tracing.Sizing) string {
	text := fmt.Sprintf("up to %d spans", s.QueueSize)
	if s.Outage > 0 {
		text += fmt.Sprintf(", which lasts for %s at %d a second", s.Outage, s.SpansPerSecond)
	}
	if s.Disk > 0 {
		text += fmt.Sprintf(", in a file of up to %d MiB", s.Disk>>20)
	}
	return text
}

// components fills in what enumerates the traced components.
func (c *Common) components(r tracing.Resolved, node string) {
	etcdLog := "`kubectl -n kube-system logs etcd-" + node + "`"
	if c.ExternalEtcd {
		etcdLog = "that of your etcd"
	}
	// Without a flag for its rate etcd samples what kube-apiserver does.
	etcdRate, ok := r.EtcdSamplingRate()
	if !ok {
		etcdRate = 0
	}
	journal := func(unit string) string {
		if c.NodeCommand == "" {
			return "`journalctl -u " + unit + "` on a node"
		}
		return "`" + c.NodeCommand + "journalctl -u " + unit + "`"
	}
	var traced, services, logs []string
	for _, component := range []struct {
		has                bool
		name, service, log string
		rate               int32
	}{
		{c.Etcd, "etcd", r.Spec().Etcd.ServiceName, etcdLog, etcdRate},
		{c.APIServer, "kube-apiserver", "apiserver", "`kubectl -n kube-system logs kube-apiserver-" + node + "`", r.APIServerSamplingRate()},
		{c.Kubelet, "the kubelets", "kubelet", journal("kubelet"), r.KubeletSamplingRate()},
		{c.Containerd, "containerd", "containerd", journal("containerd"), r.ContainerdSamplingRate()},
		{c.CRIO, "CRI-O", "crio", journal("crio"), r.CRIOSamplingRate()},
	} {
		if component.has {
			traced = append(traced, component.name)
			services = append(services, "`"+component.service+"`")
			logs = append(logs, component.log)
			c.Rate = max(c.Rate, component.rate)
		}
	}
	c.Traced, c.Services, c.Logs = Enumerate(traced), Plural("the service", services), Enumerate(logs)
}

// Enumerate returns "a, b and c".
func Enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Plural returns "the node a" or "the nodes a and b".
func Plural(noun string, words []string) string {
	if len(words) > 1 {
		noun += "s"
	}
	return noun + " " + Enumerate(words)
}

// Counter returns 1, 2, 3.
func Counter() func() int {
	n := 0
	return func() int { n++; return n }
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+=,-]+$`)

// ShellWord returns text as one word of a POSIX shell.
func ShellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
