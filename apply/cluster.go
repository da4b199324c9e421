package apply

import (
	"fmt"
	"strings"

	"kubetrace/apiserver"
	"kubetrace/tracing"
)

// readable reports a document of kubeadm that the release's kubeadm refuses.
func (d *document) readable() {
	apiVersion, _ := d.tree["apiVersion"].(string)
	release := d.ControlPlane()
	if d.patch || d.remove || release.KubeadmReads(apiVersion) {
		return
	}
	d.errs = append(d.errs, &UnreadableAPIError{
		Line: d.at("apiVersion"), Document: d.kind, APIVersion: apiVersion,
		Release: d.KubernetesMinor(), Reads: release.KubeadmVersions(), Migrations: release.MigrationsFrom(apiVersion),
	})
}

// clusterConfiguration edits kubeadm's document of that name.
func (d *document) clusterConfiguration() {
	d.readable()
	d.version()
	etcd := d.child(d.tree, "etcd")
	d.localEtcd(etcd)
	keep(d.tree, "etcd", etcd)

	server := d.child(d.tree, "apiServer")
	d.component(server, "apiServer", "kube-apiserver")
	if d.NotGenerated(tracing.ComponentAPIServer) == nil {
		d.volumes(server, []any{"apiServer"}, "extraVolumes", kubeadmVolume(apiserver.KubeadmPatchFor(d.Resolved).APIServer.Volumes[0]))
	}
	keep(d.tree, "apiServer", server)
	for _, other := range [][2]string{{"controllerManager", "kube-controller-manager"}, {"scheduler", "kube-scheduler"}} {
		component := d.child(d.tree, other[0])
		d.component(component, other[0], other[1])
		keep(d.tree, other[0], component)
	}
}

// version refuses a document of another minor release. Labels such as stable are
// not judged, but for those that name a minor.
func (d *document) version() {
	version, _ := d.tree["kubernetesVersion"].(string)
	if number, ok := d.tree["kubernetesVersion"].(float64); ok {
		version = fmt.Sprint(number)
	}
	label := strings.TrimPrefix(version, "stable-")
	before := d.From != "" && (strings.TrimPrefix(label, "v") == d.From || strings.HasPrefix(strings.TrimPrefix(label, "v"), d.From+"."))
	if err := d.CheckNodeVersion(label, true); err != nil && !d.remove && !before {
		if d.From != "" {
			err = fmt.Errorf("an upgrade from %s to %s edits a document of %s: read it anew after each step", d.From, d.KubernetesMinor(), d.From)
		}
		d.invalid("kubernetesVersion", version, "%s", err)
	}
}

// component edits the flags of a component of the control plane.
func (d *document) component(fields map[string]any, key, component string) {
	path := []any{key, "extraArgs"}
	f, err := readFlags(tracing.Component(component), fields["extraArgs"], d.form())
	if err != nil {
		d.invalid(key+".extraArgs", fields["extraArgs"], "%s", err)
		return
	}
	server := key == "apiServer"
	if server && d.NotGenerated(tracing.ComponentAPIServer) == nil {
		d.settle(&f, path, component, "tracing-config-file", d.Spec().APIServer.ConfigFile)
	}
	d.gateFlag(&f, path, component, d.serverGates(server), server)
	put(fields, "extraArgs", f.write())
}

// put writes flags back, and takes out what an edit has left empty.
func put(fields map[string]any, key string, value any) {
	switch {
	case value != nil:
		fields[key] = value
	case !isEmpty(fields[key]):
		delete(fields, key)
	}
}

// isEmpty says whether nothing was there to begin with.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return value == nil
}
