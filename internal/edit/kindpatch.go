package edit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"kubetrace/internal/kindnode"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/release"
)

// kindPatches puts our patches before the others, in the place of earlier ones of ours,
// and edits those of others that would replace ours. kind applies them in their order,
// those of the cluster first, and a later list, flag or JSON patch takes the place of an
// earlier one.
func (d *document) kindPatches() {
	var ours []string
	if !d.Remove {
		ours = d.ourPatches()
	}
	var kept []any
	for i, element := range d.list(d.tree, mergePatches) {
		text, ok := element.(string)
		switch {
		case slices.Contains(ours, text):
			continue
		case ok && isOurs(text) && (!d.Remove || d.othersGates(text) == ""):
			at := []any{mergePatches, i}
			have := "an earlier patch of tracing"
			if others := d.othersGates(text); others != "" {
				have += " with " + others + ", which the cluster's " + setting.FieldGates + " do not have"
			}
			if !d.Remove {
				d.replace(proposal{path: at, name: yamledit.Name(at), have: have, want: "that of the spec", class: setting.OtherValue})
			}
			continue
		}
		if edited := d.mergePatch(element, []any{mergePatches, i}); edited != nil {
			kept = append(kept, edited)
		}
	}
	all := make([]any, 0, len(ours)+len(kept))
	for _, text := range ours {
		all = append(all, text)
	}
	put(d.tree, mergePatches, anyList(append(all, kept...)))
	d.patchesJSON(d.tree, nil)
	nodes := d.nodes()
	for i, element := range nodes {
		node, at := element.(map[string]any), []any{"nodes", i}
		var kept []any
		for j, patch := range d.list(node, mergePatches, at...) {
			if edited := d.mergePatch(patch, appending(at, mergePatches, j)); edited != nil {
				kept = append(kept, edited)
			}
		}
		put(node, mergePatches, anyList(kept))
		d.patchesJSON(node, at)
	}
	if len(nodes) > 0 {
		d.tree["nodes"] = nodes
	}
}

// ourPatches are the patches of the spec, without apiVersion and with maps for
// extraArgs, the one form that every kind reads for every release.
func (d *document) ourPatches() []string {
	var texts []string
	for _, kind := range []string{"ClusterConfiguration", "KubeletConfiguration"} {
		tree := d.wanted(kind)
		if len(tree) <= 1 {
			continue
		}
		// kind merges the cluster's gates into the flag before it applies patches, so
		// that ours has to hold them too.
		server, _ := tree["apiServer"].(map[string]any)
		args, _ := server["extraArgs"].(map[string]any)
		if gates, has := args[setting.FlagGates].(string); has {
			all, _ := setting.ParseGates(gates) // which is ours
			args[setting.FlagGates] = setting.FormatGates(append(all, d.gatesOfCluster()...))
		}
		text, err := yaml.Marshal(tree)
		if err != nil {
			d.problem(Problem{Path: []any{mergePatches}, Message: err.Error()})
			continue
		}
		texts = append(texts, string(text))
	}
	return texts
}

// wanted is what the spec sets in a document of a kind that says nothing.
func (d *document) wanted(kind string) map[string]any {
	tree := map[string]any{"kind": kind}
	edit := editorFor(kind)
	if edit == nil {
		return tree
	}
	w := &document{pass: &pass{Resolved: d.Resolved}, kind: kind, tree: tree, form: mapForm, within: []any{}}
	edit(w)
	return w.tree
}

// isOurs says whether a patch is one that was made here, for whatever spec and release:
// it has nothing but settings of tracing, all of those that a patch of ours has, in the
// very form in which they are written.
func isOurs(text string) bool {
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		return false
	}
	if again, err := yaml.Marshal(tree); err != nil || strings.TrimSpace(string(again)) != strings.TrimSpace(text) {
		return false
	}
	only := func(fields map[string]any, keys ...string) bool {
		for key := range fields {
			if !slices.Contains(keys, key) {
				return false
			}
		}
		return true
	}
	fields := func(parent map[string]any, key string) map[string]any {
		child, _ := parent[key].(map[string]any)
		return child
	}
	switch tree["kind"] {
	case "KubeletConfiguration":
		to := fields(tree, setting.FieldTracing)
		return only(tree, "kind", setting.FieldTracing, setting.FieldGates) && setting.OnlyTracingGates(slices.Collect(maps.Keys(fields(tree, setting.FieldGates)))) &&
			only(to, setting.FieldEndpoint, setting.FieldRate) && len(to) == 2
	case "ClusterConfiguration":
		server, local := fields(tree, "apiServer"), fields(fields(tree, "etcd"), "local")
		args, etcdArgs := fields(server, "extraArgs"), fields(local, "extraArgs")
		volumes, _ := server["extraVolumes"].([]any)
		gates, hasGates := args[setting.FlagGates].(string)
		return only(tree, "kind", "apiServer", "etcd") && only(fields(tree, "etcd"), "local") &&
			only(local, "imageRepository", "imageTag", "extraArgs") && (len(etcdArgs) == 0 || setting.OnlyEtcdTracing(slices.Collect(maps.Keys(etcdArgs)))) &&
			only(server, "extraArgs", "extraVolumes") && only(args, setting.FlagTracingFile, setting.FlagGates) &&
			(!hasGates || setting.BeginsWithTracingGate(gates)) &&
			len(etcdArgs)+len(volumes) > 0 && (len(server) == 0 || len(volumes) == 1 && setting.IsVolumeName(nameOf(volumes[0])) && args[setting.FlagTracingFile] != nil)
	}
	return false
}

// othersGates are the gates in an earlier patch of ours that are not of tracing, and
// that the cluster does not have, or has no more.
func (d *document) othersGates(text string) string {
	var patch struct {
		APIServer struct {
			ExtraArgs map[string]string `json:"extraArgs"`
		} `json:"apiServer"`
	}
	if yaml.Unmarshal([]byte(text), &patch) != nil {
		return "" // it is the kubelets'
	}
	gates, _ := setting.ParseGates(patch.APIServer.ExtraArgs[setting.FlagGates])
	return setting.FormatGates(slices.DeleteFunc(gates, func(gate setting.FeatureGate) bool {
		return setting.OnlyTracingGates([]string{gate.Name}) || slices.Contains(d.gatesOfCluster(), gate)
	}))
}

// mergePatch edits a merge patch of others, or returns nil for one that a removal
// leaves empty. kind passes over documents of another kind or apiVersion; so does this.
func (d *document) mergePatch(element any, at []any) any {
	if element == nil {
		return nil // kind's decoder drops it
	}
	patch, ok := element.(string)
	if !ok {
		d.invalid(at, element, "this is no patch: write a text")
		return element
	}
	parsed, err := yamledit.Parse([]byte(patch))
	if err != nil {
		d.problem(Problem{Path: at, Setting: yamledit.Name(at), Message: messageOf(err)})
		return element
	}
	says := false
	trees := make([]any, parsed.Len())
	for i := range parsed.Len() {
		value, _ := parsed.Value(i)
		trees[i] = value
		tree, ok := value.(map[string]any)
		if !ok {
			says = says || value != nil
			if value != nil {
				d.invalid(at, abridged(patch), "it is no mapping of fields: write kind and the fields to merge")
			}
			continue
		}
		edited := d.inPatch(tree, at, merged)
		says = says || len(tree) == 0 || saysSomething(edited) || !saysSomething(tree)
		trees[i] = edited
	}
	if d.Remove && !says {
		return nil
	}
	return rewritten(parsed, trees)
}

// saysSomething says whether a patch has more than its kind.
func saysSomething(tree map[string]any) bool {
	for key := range tree {
		if key != "kind" && key != "apiVersion" {
			return true
		}
	}
	return false
}

// inPatch edits a document that is in a patch.
func (d *document) inPatch(tree map[string]any, at []any, part part) map[string]any {
	kind, _ := tree["kind"].(string)
	edit := editorFor(kind)
	if edit == nil || kind == "Cluster" || d.passedOver(text(tree["apiVersion"])) {
		return tree
	}
	form := eitherForm
	switch {
	case kindnode.RendersMaps(d.Resolved):
		form = mapForm
	case part != merged: // kind converts merge patches, and not JSON patches
		form = listForm
	}
	inner := &document{pass: d.pass, kind: kind, tree: copied(tree), part: part, form: form, within: at}
	edit(inner)
	return inner.tree
}

// passedOver says whether kind passes over a document because of its apiVersion: it
// writes no v1beta4 where it writes maps. What older releases of kind write is not told
// apart, as an edit of a patch that is passed over harms nobody.
func (d *document) passedOver(apiVersion string) bool {
	return Group(apiVersion) == groupKubeadm && release.KubeadmArgsAreLists(apiVersion) && kindnode.RendersMaps(d.Resolved)
}

// rewritten is a text that says what trees say, in the words of its author as far as
// they can be kept.
func rewritten(parsed *yamledit.Text, trees []any) string {
	for i, tree := range trees {
		if err := parsed.Become(i, tree); err != nil {
			var texts []string
			for _, tree := range trees {
				text, _ := yaml.Marshal(tree) // a tree of YAML always marshals
				texts = append(texts, string(text))
			}
			return strings.Join(texts, "---\n")
		}
	}
	return string(parsed.Bytes())
}

// messageOf is an error whose lines are those of the patch.
func messageOf(err error) string {
	var syntax *yamledit.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("in the patch's line %d, column %d: %s", syntax.Line, syntax.Column, syntax.Message)
	}
	return err.Error()
}

// abridged shortens a patch for an error, whose path already says which it is.
func abridged(text string) string {
	const enough = 60
	if runes := []rune(text); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return text
}
