package edit

import (
	"path"
	"slices"

	"kubetrace"
	"kubetrace/tracing"
)

// The groups and versions of Cluster API's documents. v1beta1 has maps where v1beta2 has
// lists, whatever kubeadm's own API is: Cluster API writes kubeadm's documents itself.
// Source: sigs.k8s.io/cluster-api/api bootstrap/kubeadm/v1beta{1,2}/kubeadm_types.go.
const (
	groupKubeadmControlPlane = "controlplane.cluster.x-k8s.io"
	groupKubeadmConfig       = "bootstrap.cluster.x-k8s.io"
	clusterAPIMaps           = "v1beta1"
	clusterAPILists          = "v1beta2"
)

// The fields of a KubeadmConfigSpec that are edited.
const (
	fieldCluster  = "clusterConfiguration"
	fieldInit     = "initConfiguration"
	fieldJoin     = "joinConfiguration"
	fieldFiles    = "files"
	fieldCommands = "preKubeadmCommands"
)

// configSpecs are the paths of the KubeadmConfigSpec in a kind of document.
var configSpecs = map[string][]string{
	"KubeadmControlPlane":         {"spec", "kubeadmConfigSpec"},
	"KubeadmControlPlaneTemplate": {"spec", "template", "spec", "kubeadmConfigSpec"},
	"KubeadmConfig":               {"spec"},
	"KubeadmConfigTemplate":       {"spec", "template", "spec"},
}

// ConfigSpecPath returns where a kind of document of Cluster API has its
// KubeadmConfigSpec.
func ConfigSpecPath(kind string) []string { return configSpecs[kind] }

// clusterAPI edits a document of Cluster API that holds what kubeadm is given.
func (d *document) clusterAPI() {
	apiVersion := text(d.tree["apiVersion"])
	group, form := Group(apiVersion), eitherForm
	switch apiVersion {
	case group + "/" + clusterAPIMaps:
		form = mapForm
	case group + "/" + clusterAPILists:
		form = listForm
	default:
		if !d.Remove {
			d.invalid([]any{"apiVersion"}, apiVersion, "write %s/%s, or %[1]s/%[3]s for Cluster API before 1.11", group, clusterAPILists, clusterAPIMaps)
		}
	}
	parents, at := []map[string]any{d.tree}, []any{}
	for i, key := range configSpecs[d.kind] {
		parents = append(parents, d.child(parents[i], key, at...))
		at = append(at, key)
	}
	if d.kind == "KubeadmControlPlane" {
		d.versionAt(parents[1], "spec", "version")
	}
	c := &configSpec{document: d, fields: parents[len(at)], at: at, apiVersion: apiVersion, form: form}
	c.edit(roleIn(d.kind, c.fields))
	for i, key := range slices.Backward(configSpecs[d.kind]) {
		keep(parents[i], key, parents[i+1])
	}
}

// roleIn is the role of the nodes that a KubeadmConfigSpec is for. Templates of it are
// for workers: a KubeadmControlPlane makes its own.
func roleIn(kind string, fields map[string]any) kubetrace.Role {
	join, _ := fields[fieldJoin].(map[string]any)
	switch {
	case kind == "KubeadmControlPlane", kind == "KubeadmControlPlaneTemplate",
		kind == "KubeadmConfig" && (makesCluster(fields) || join["controlPlane"] != nil):
		return kubetrace.ControlPlane
	}
	return kubetrace.Worker
}

// makesCluster says whether kubeadm init runs with a KubeadmConfigSpec.
func makesCluster(fields map[string]any) bool {
	return fields[fieldCluster] != nil || fields[fieldInit] != nil
}

// clusterAPICarries returns the components whose settings a document of Cluster API gets.
func clusterAPICarries(tree map[string]any) []tracing.Component {
	kind, _ := tree["kind"].(string)
	fields := tree
	for _, key := range configSpecs[kind] {
		fields, _ = fields[key].(map[string]any)
	}
	switch {
	case kind == "KubeadmConfig" && !makesCluster(fields), kind == "KubeadmConfigTemplate":
		return []tracing.Component{tracing.ComponentKubelet}
	}
	return []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer, tracing.ComponentKubelet}
}

// configSpec is a KubeadmConfigSpec while it is edited.
type configSpec struct {
	*document
	fields     map[string]any
	at         []any
	apiVersion string
	form       form
}

// edit edits what kubeadm and the nodes of a role are given.
func (c *configSpec) edit(role kubetrace.Role) {
	var configurations []string         // of a node
	single := c.kind == "KubeadmConfig" // of one machine
	if role == kubetrace.ControlPlane && (!single || makesCluster(c.fields)) {
		c.inside(fieldCluster, "ClusterConfiguration")
		configurations = append(configurations, fieldInit)
	}
	if !single || len(configurations) == 0 || c.fields[fieldJoin] != nil {
		configurations = append(configurations, fieldJoin)
	}
	bundle, err := kubetrace.GenerateFor(c.Resolved)
	if err != nil {
		c.problem(Problem{Path: c.at, Message: err.Error()})
		return
	}
	folders := c.folders(configurations)
	want := kubetrace.Node{}
	for _, key := range configurations {
		node, err := bundle.Node(role, kubetrace.NodeOptions{PatchesDirectory: path.Clean(folders[key])})
		if err != nil {
			c.invalid(appending(c.at, key, "patches", "directory"), folders[key], "kubeadm needs an absolute path without spaces: write one such as %s", kubetrace.NodePatches)
			return
		}
		for _, file := range node.Files {
			if !slices.ContainsFunc(want.Files, func(f kubetrace.NodeFile) bool { return f.Path == file.Path }) {
				want.Files = append(want.Files, file)
			}
		}
		want.PatchesDirectory, want.Commands = node.PatchesDirectory, node.Commands
	}
	restarts := c.files(want.Files, folders)
	for _, key := range configurations {
		c.inside(key, map[string]string{fieldInit: "InitConfiguration", fieldJoin: "JoinConfiguration"}[key])
		if want.PatchesDirectory != "" {
			c.patches(key, folders[key])
		}
	}
	c.commands(want.Commands, restarts)
}

// inside edits one of kubeadm's documents at a field.
func (c *configSpec) inside(key, kind string) {
	inner := &document{pass: c.pass, kind: kind, tree: c.child(c.fields, key, c.at...), form: c.form, outer: c.document, outerPath: appending(c.at, key), outerVersion: c.apiVersion}
	editorFor(kind)(inner)
	keep(c.fields, key, inner.tree)
}

// folders are those of kubeadm's patches by the configuration of kubeadm that names them:
// kubeadm reads one alone, so that somebody's is used where there is one.
func (c *configSpec) folders(configurations []string) map[string]string {
	all, shared := map[string]string{}, kubetrace.NodePatches
	for _, key := range slices.Backward(configurations) {
		fields, _ := c.fields[key].(map[string]any)
		patches, _ := fields["patches"].(map[string]any)
		if folder := text(patches["directory"]); folder != "" {
			all[key], shared = folder, folder
		}
	}
	for _, key := range configurations {
		if all[key] == "" {
			all[key] = shared
		}
	}
	return all
}

// patches has a configuration of kubeadm read the folder of its patches.
func (c *configSpec) patches(key, folder string) {
	at := appending(c.at, key)
	fields := c.child(c.fields, key, c.at...)
	patches := c.child(fields, "patches", at...)
	switch have := text(patches["directory"]); {
	case !c.Remove && have == "", c.Remove && have == kubetrace.NodePatches && !c.holds(have):
		c.value(patches, appending(at, "patches"), tracing.ComponentKubelet, "directory", folder, nil)
	case have != kubetrace.NodePatches && !c.Remove:
		inner := &document{pass: c.pass, kind: c.kind, tree: fields}
		inner.patchesFolder(fields, at...)
	}
	keep(fields, "patches", patches)
	keep(c.fields, key, fields)
}

// commands has the container runtime take its settings over, when the files are there.
// Commands that are there in the same order serve. restarts says that a removal takes the
// files out, without which somebody's own commands stay.
func (c *configSpec) commands(want []string, restarts bool) {
	if len(want) == 0 {
		return
	}
	list := c.list(c.fields, fieldCommands, c.at...)
	have := texts(list)
	if c.Remove {
		if rest := len(have) - len(want); restarts && rest >= 0 && slices.Equal(have[rest:], want) {
			put(c.fields, fieldCommands, anyList(list[:rest:rest]))
		}
		return
	}
	next := 0
	for _, command := range have {
		if next < len(want) && command == want[next] {
			next++
		}
	}
	if next == len(want) {
		return
	}
	for _, command := range want {
		list = appending(list, command)
		c.add(proposal{path: appending(c.at, fieldCommands), name: fieldCommands, want: command})
	}
	c.fields[fieldCommands] = list
}
