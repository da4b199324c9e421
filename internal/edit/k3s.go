package edit

import (
	"slices"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// K3sNode says what a node of k3s or RKE2 runs, besides a kubelet.
type K3sNode struct {
	// Server is true where it runs the control plane, and Etcd where an etcd with it.
	Server, Etcd bool
	// KubeletConfig is the file that the kubelet is given, where it gets one.
	KubeletConfig string
}

// K3s edits the config.yaml of k3s or RKE2. The tree is not changed.
func K3s(r tracing.Resolved, tree map[string]any, node K3sNode, o Options) (edited map[string]any, report Report) {
	d := &document{pass: &pass{Resolved: r, Options: o}, kind: "config.yaml", tree: copied(tree)}
	if node.Server {
		d.k3sArgs(tracing.ComponentAPIServer, "kube-apiserver-arg", func(f *flags) {
			d.server(f)
			d.gateFlags(f, setting.APIServerGates(r), true)
		})
		for _, component := range []tracing.Component{"kube-controller-manager", "kube-scheduler", "kube-cloud-controller-manager"} {
			d.k3sArgs(component, string(component)+"-arg", func(f *flags) { d.gateFlags(f, setting.ServerGates(r), false) })
		}
	}
	if node.Server && node.Etcd && r.NotGenerated(tracing.ComponentEtcd) == nil {
		d.k3sArgs(tracing.ComponentEtcd, "etcd-arg", func(f *flags) {
			// It reads no variables, for it gets a configuration file.
			d.etcdSettings(setting.EtcdOf(r), f, map[string]any{}, []any{"etcd-extra-env"})
		})
	}
	d.k3sArgs(tracing.ComponentKubelet, "kubelet-arg", func(f *flags) {
		if node.KubeletConfig != "" && r.NotGenerated(tracing.ComponentKubelet) == nil {
			d.kubeletFile(f, node.KubeletConfig)
		}
		d.gateFlags(f, setting.KubeletGates(r), false)
	})
	d.k3sArgs("kube-proxy", "kube-proxy-arg", func(f *flags) { d.gateFlags(f, setting.ServerGates(r), false) })
	return d.tree, d.pass.Report
}

// flagConfig names the kubelet's configuration file.
const flagConfig = "config"

// kubeletFile gives the kubelet its configuration file. Another one cannot be
// overwritten: somebody's settings are in it.
func (d *document) kubeletFile(f *flags, file string) {
	for _, have := range f.all {
		if have.Name == flagConfig && have.Value != file && !d.Remove {
			d.problem(Problem{Path: d.at(f.where(have)), Component: f.component, Setting: f.label(flagConfig), Value: have.Value, Class: setting.OtherValue,
				Message: "the kubelet reads one such file: put tracing into that one with apply.Documents, and set kubelet.disabled in the spec for this document"})
			return
		}
	}
	d.settle(f, flagConfig, file)
}

// k3sArgs edits the flags of a component, "name=value" each, a list or one of them.
// Keys that end in + add to those of the files before.
func (d *document) k3sArgs(component tracing.Component, key string, change func(*flags)) {
	adding := key + "+"
	if _, there := d.tree[adding]; there {
		if _, both := d.tree[key]; both {
			d.invalid([]any{adding}, d.tree[adding], "%s is there too: write one of them", key)
			return
		}
		key = adding
	}
	value, there := d.tree[key]
	list, isList := value.([]any)
	if _, isMap := value.(map[string]any); isMap {
		d.invalid([]any{key}, value, "these are no flags: write a list of name=value")
		return
	}
	if !isList && value != nil {
		list = []any{value}
	}
	f := &flags{component: component, path: []any{key}, form: listForm}
	for i, element := range list {
		f.all = append(f.all, k3sFlag(component, element, i))
	}
	change(f)
	var after []any
	for _, g := range f.all {
		if g.raw != nil {
			after = append(after, g.raw...)
			continue
		}
		after = append(after, g.As+"="+shown(g.value))
	}
	switch {
	case slices.EqualFunc(list, after, func(a, b any) bool { return shown(a) == shown(b) }):
	case len(after) > 0:
		d.tree[key] = after
	case there:
		delete(d.tree, key)
	}
}

// k3sFlag reads a flag as k3s does: dashes before it count for nothing, and + and -
// behind its name say how it is joined with what k3s gives. Without a value it is true,
// but for etcd, where it is passed over.
//
// Source: github.com/k3s-io/k3s pkg/util/args.go, GetArgs, and
// pkg/daemons/executor/executor.go, ToConfigFile.
func k3sFlag(component tracing.Component, element any, at int) flag {
	as, value, found := strings.Cut(shown(element), "=")
	g := flag{raw: []any{element}, at: at}
	as = strings.TrimLeft(as, "-")
	if !found && component == tracing.ComponentEtcd {
		g.As = as
		return g
	}
	if !found {
		value = "true"
	}
	g.Written = setting.Written{Kind: setting.Flag, Name: setting.FlagName(component, strings.TrimRight(as, "-+")), As: as, Value: value}
	g.value = value
	return g
}
