package edit

import (
	"maps"
	"slices"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// kubeletConfiguration edits a kubelet's configuration.
func (d *document) kubeletConfiguration() {
	const component = tracing.ComponentKubelet
	d.onlyVersion(kubeletv1beta1.SchemeGroupVersion.String())
	if d.NotGenerated(component) == nil {
		d.recase(d.tree, nil, setting.FieldTracing)
		fields := d.child(d.tree, setting.FieldTracing)
		d.recase(fields, []any{setting.FieldTracing}, setting.FieldEndpoint, setting.FieldRate)
		d.destination(fields, []any{setting.FieldTracing}, component, int(d.KubeletSamplingRate()))
		keep(d.tree, setting.FieldTracing, fields)
	}
	d.gateMap(d.tree, nil, setting.KubeletGates(d.Resolved), true)
}

// destination edits the two fields of a TracingConfiguration.
func (d *document) destination(fields map[string]any, path []any, component tracing.Component, rate int) {
	d.value(fields, path, component, setting.FieldEndpoint, d.ComponentEndpoint(), func(have string) (setting.Class, string) {
		return setting.JudgeConfiguredEndpoint(d.Resolved, have)
	})
	d.value(fields, path, component, setting.FieldRate, rate, func(have string) (setting.Class, string) {
		return setting.JudgeRate(have, shown(rate))
	})
}

// kubeProxyConfiguration edits kube-proxy's configuration: kube-proxy knows the gates
// of all components, and each release refuses those that it knows no more.
func (d *document) kubeProxyConfiguration() {
	d.onlyVersion(groupKubeProxy + "/v1alpha1")
	d.gateMap(d.tree, nil, setting.ServerGates(d.Resolved), false)
}

// onlyVersion refuses a document of another version of its API than the one that there
// is. A patch in a kind cluster need not say it.
func (d *document) onlyVersion(want string) {
	if have := text(d.tree["apiVersion"]); have != want && have != "" && !d.Remove {
		d.invalid([]any{"apiVersion"}, have, "write %s: there is no other version of this document", want)
	}
}

// nodeRegistration edits what InitConfiguration and JoinConfiguration give the
// kubelet: flags that go before its configuration.
func (d *document) nodeRegistration() {
	d.readable()
	registration := d.child(d.tree, "nodeRegistration")
	if f, ok := d.readArgs(tracing.ComponentKubelet, registration, []any{"nodeRegistration", "kubeletExtraArgs"}); ok {
		d.gateFlags(f, setting.KubeletGates(d.Resolved), false)
		put(registration, "kubeletExtraArgs", f.write())
	}
	keep(d.tree, "nodeRegistration", registration)
	if d.outer == nil { // its files are not here
		d.patchesFolder(d.tree)
	}
}

// upgradeConfiguration looks at how kubeadm upgrade is to patch what it writes.
func (d *document) upgradeConfiguration() {
	d.readable()
	for _, key := range []string{"apply", "node"} {
		fields, _ := d.tree[key].(map[string]any)
		d.patchesFolder(fields, key)
	}
}

// patchesFolder notes that a folder of kubeadm's patches is not looked at.
func (d *document) patchesFolder(fields map[string]any, at ...any) {
	patches, _ := fields["patches"].(map[string]any)
	if folder := text(patches["directory"]); folder != "" && !d.Remove {
		path := appending(at, "patches", "directory")
		d.Unread = append(d.Unread, Change{Path: d.at(path), Document: d.label(), Name: yamledit.Name(path), Old: folder,
			Cure: "kubeadm merges the files in this folder over what it makes of these documents"})
	}
}

// tracingConfiguration edits kube-apiserver's file.
func (d *document) tracingConfiguration() {
	if d.NotGenerated(tracing.ComponentAPIServer) != nil || d.Remove {
		return // without its flag nobody reads it
	}
	d.recase(d.tree, nil, setting.FieldEndpoint, setting.FieldRate)
	if want, have := d.ControlPlane().TracingConfigurationAPIVersion, d.tree["apiVersion"]; have != want {
		class := setting.OtherSpelling
		if !d.ControlPlane().ReadsTracingConfiguration(text(have)) {
			class = setting.RefusesToStart
		}
		d.replace(proposal{path: []any{"apiVersion"}, name: "apiVersion", have: have, want: want, class: class,
			cure: "Write " + want + ", which this release and all later ones read"})
		d.tree["apiVersion"] = want
	}
	d.destination(d.tree, nil, tracing.ComponentAPIServer, int(d.APIServerSamplingRate()))
	for _, key := range slices.Sorted(maps.Keys(d.tree)) {
		if known := []string{"apiVersion", "kind", setting.FieldEndpoint, setting.FieldRate}; d.ControlPlane().TracingConfigurationStrict && !slices.Contains(known, key) {
			d.invalid([]any{key}, d.tree[key], "kube-apiserver %s knows no such field and does not start with it: take it out", d.KubernetesMinor())
		}
	}
}
