package apply

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/json"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/yamledit"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// kindCluster edits a cluster of kind: what is stale in its patches goes, and what
// kind.Cluster adds to a cluster is added to the document.
func (d *document) kindCluster() {
	gates := *d
	gates.patch = true // kind.Cluster adds what is needed
	gates.gateMap(d.tree, nil, d.serverGates(false))
	d.kindPatches(d.tree, nil)
	nodes, _ := d.tree["nodes"].([]any)
	for i, element := range nodes {
		if node, ok := element.(map[string]any); ok {
			d.kindPatches(node, []any{"nodes", i})
		}
	}
	if len(d.errs) > 0 {
		return
	}
	base, err := asCluster(d.tree)
	if err != nil {
		setting := ""
		if field := unknownField.FindStringSubmatch(err.Error()); field != nil {
			setting = field[1]
		}
		d.errs = append(d.errs, &DocumentError{Line: d.at(setting), Document: d.kind, Setting: setting, Message: err.Error()})
		return
	}
	if d.remove {
		d.removeFromKind(base)
		return
	}
	result, err := kind.ClusterFor(d.Resolved, base, d.HostDir)
	if err != nil {
		err = fmt.Errorf("line %d: %s: %w", d.at(), d.kind, err)
		if d.HostDir == "" && strings.Contains(err.Error(), "hostDir: ") {
			err = fmt.Errorf("%w (hostDir is Options.HostDir)", err)
		}
		d.errs = append(d.errs, err)
		return
	}
	before, after, err := asTrees(base, result)
	if err != nil {
		d.invalid("", "", "%s", err)
		return
	}
	if tree, ok := carried(d.tree, before, after).(map[string]any); ok {
		d.tree = tree
	}
}

// unknownField is in the error of a document that has one.
var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

// asCluster reads a document as kind does.
func asCluster(tree map[string]any) (*v1alpha4.Cluster, error) {
	text, err := yaml.Marshal(tree)
	if err != nil {
		return nil, err
	}
	return kind.Load(text)
}

// asTrees returns what clusters say, without the fields that are not set.
func asTrees(a, b *v1alpha4.Cluster) (first, second any, err error) {
	trees := make([]any, 2)
	for i, cluster := range []*v1alpha4.Cluster{a, b} {
		text, err := tracing.Marshal(cluster)
		if err != nil {
			return nil, nil, err
		}
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, nil, err
		}
		if err := json.UnmarshalCaseSensitivePreserveInts(text, &trees[i]); err != nil {
			return nil, nil, err
		}
	}
	return trees[0], trees[1], nil
}

// carried lays what changed between two trees into a third that says the same as
// the first, in the words of its author.
func carried(theirs, before, after any) any {
	if reflect.DeepEqual(before, after) {
		return theirs
	}
	switch after := after.(type) {
	case map[string]any:
		mapping, ok := theirs.(map[string]any)
		was, _ := before.(map[string]any)
		if !ok {
			return asYAML(after)
		}
		changed := copied(mapping)
		for key, value := range after {
			if _, there := was[key]; there {
				changed[key] = carried(mapping[key], was[key], value)
			} else {
				changed[key] = asYAML(value)
			}
		}
		for key := range was {
			if _, stays := after[key]; !stays {
				delete(changed, key)
			}
		}
		return changed
	case []any:
		list, ok := theirs.([]any)
		was, _ := before.([]any)
		if !ok || len(list) != len(was) || len(after) < len(was) {
			return asYAML(after)
		}
		changed := make([]any, len(after))
		for i, at := range origins(was, after) {
			if at < 0 {
				changed[i] = asYAML(after[i])
			} else {
				changed[i] = carried(list[at], was[at], after[i])
			}
		}
		return changed
	case string:
		if text, ok := theirs.(string); ok {
			return carriedText(text, after)
		}
	}
	return asYAML(after)
}

// origins returns for each element of a list the index of the one that it was
// before, or -1. What is added stands behind, but for patches, which are texts: ours
// go before those of the user, and one of ours may be there already.
func origins(was, after []any) []int {
	all := make([]int, len(after))
	if len(was) == 0 || !isText(was[0]) {
		for i := range after {
			all[i] = i
			if i >= len(was) {
				all[i] = -1
			}
		}
		return all
	}
	var rest []int // of those before, which are not there as they were
	used := map[int]bool{}
	for i := range all {
		all[i] = -1
		for at := range was {
			if was[at] == after[i] && !used[at] && all[i] < 0 {
				all[i], used[at] = at, true
			}
		}
	}
	for at := range was {
		if !used[at] {
			rest = append(rest, at)
		}
	}
	for i := len(after) - 1; i >= 0 && len(rest) > 0; i-- {
		if all[i] < 0 {
			all[i] = rest[len(rest)-1]
			rest = rest[:len(rest)-1]
		}
	}
	return all
}

// carriedText has a patch say what another text does, in the words of its author
// and with their comments, as far as it can be edited.
func carriedText(theirs, after string) string {
	edited, err := yamledit.Parse([]byte(theirs))
	if err != nil {
		return after
	}
	now, err := yamledit.Parse([]byte(after))
	if err != nil || now.Len() != edited.Len() {
		return after
	}
	for i := range now.Len() {
		value, _ := now.Value(i)
		if err := edited.Become(i, value); err != nil {
			return after
		}
	}
	return string(edited.Bytes())
}

// asYAML turns numbers into those that a YAML library reads.
func asYAML(value any) any {
	switch value := value.(type) {
	case int64:
		return int(value)
	case map[string]any:
		changed := make(map[string]any, len(value))
		for key, v := range value {
			changed[key] = asYAML(v)
		}
		return changed
	case []any:
		changed := make([]any, len(value))
		for i, v := range value {
			changed[i] = asYAML(v)
		}
		return changed
	}
	return value
}

const (
	mergePatches = "kubeadmConfigPatches"
	jsonPatches  = "kubeadmConfigPatchesJSON6902"
)

// kindPatches takes out of merge patches what is stale, or in a removal what is
// ours. kind passes over documents of another kind or apiVersion; so does this.
func (d *document) kindPatches(fields map[string]any, path []any) {
	patches, _ := fields[mergePatches].([]any)
	changed := slices.Clone(patches)
	for i, element := range patches {
		text, ok := element.(string)
		if !ok {
			continue // kind says so itself
		}
		edited, err := d.kindPatch(text, append(with(path, mergePatches), i))
		if err != nil {
			d.errs = append(d.errs, &DocumentError{Line: d.at(append(with(path, mergePatches), i)...), Document: d.kind, Setting: mergePatches, Message: inPatch(err)})
			continue
		}
		changed[i] = edited
	}
	if len(patches) > 0 {
		fields[mergePatches] = changed
	}
}

// inPatch is an error whose lines are those of the patch.
func inPatch(err error) string {
	var syntax *yamledit.SyntaxError
	var place *yamledit.PlaceError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("in the patch's line %d, column %d: %s", syntax.Line, syntax.Column, syntax.Message)
	case errors.As(err, &place):
		return fmt.Sprintf("in the patch's line %d: %s", place.Line, place.Message)
	}
	return err.Error()
}

func (d *document) kindPatch(text string, path []any) (string, error) {
	parsed, err := yamledit.Parse([]byte(text))
	if err != nil {
		return "", err
	}
	for i := range parsed.Len() {
		value, _ := parsed.Value(i)
		tree, ok := value.(map[string]any)
		if !ok {
			continue
		}
		kind, _ := tree["kind"].(string)
		part := &document{pass: d.pass, at: func(...any) int { return d.at(path...) }, kind: kind + " in " + mergePatches, tree: tree, patch: true}
		switch kind {
		case "ClusterConfiguration":
			part.clusterConfiguration()
		case "InitConfiguration", "JoinConfiguration":
			part.nodeRegistration()
		case "KubeletConfiguration":
			part.kubeletConfiguration()
		case "KubeProxyConfiguration":
			part.kubeProxyConfiguration()
		default:
			continue
		}
		if err := parsed.Become(i, part.tree); err != nil {
			return "", err
		}
	}
	return string(parsed.Bytes()), nil
}

// removeFromKind takes out our patches, as far as nothing else is in them, and the
// mounts of the tracing file.
func (d *document) removeFromKind(base *v1alpha4.Cluster) {
	patches, _ := d.tree[mergePatches].([]any)
	var kept []any
	for _, element := range patches {
		if text, _ := element.(string); !saysNothing(text) {
			kept = append(kept, element)
		}
	}
	put(d.tree, mergePatches, anyList(kept))
	nodes, _ := d.tree["nodes"].([]any)
	d.leaveInJSONPatches(d.tree, nil)
	for i, element := range nodes {
		node, _ := element.(map[string]any)
		d.leaveInJSONPatches(node, []any{"nodes", i})
	}
	if d.NotGenerated(tracing.ComponentAPIServer) != nil || d.HostDir == "" {
		return
	}
	result, err := kind.ClusterFor(d.Resolved, &v1alpha4.Cluster{}, d.HostDir)
	if err != nil || len(result.Nodes) == 0 || len(result.Nodes[0].ExtraMounts) == 0 {
		return
	}
	ours := result.Nodes[0].ExtraMounts[0]
	for i, element := range nodes {
		node, ok := element.(map[string]any)
		if !ok || i >= len(base.Nodes) {
			continue
		}
		mounts, _ := node["extraMounts"].([]any)
		var kept []any
		for j, mount := range base.Nodes[i].ExtraMounts {
			if j < len(mounts) && mount != ours {
				kept = append(kept, mounts[j])
			}
		}
		put(node, "extraMounts", anyList(kept))
	}
}

// leaveInJSONPatches notes the JSON patches that have something of tracing: their
// operations are somebody's own, in which ours was added.
func (d *document) leaveInJSONPatches(fields map[string]any, path []any) {
	patches, _ := fields[jsonPatches].([]any)
	for i, element := range patches {
		patch, _ := element.(map[string]any)
		text, _ := patch["patch"].(string)
		if found := ofTracing.FindString(text); found != "" {
			d.leave(with(with(path, jsonPatches), i), jsonPatches, "a patch with "+found)
		}
	}
}

// ofTracing is what a patch has that is about tracing.
var ofTracing = regexp.MustCompile(`tracing-config-file|(experimental-)?(enable-)?distributed-tracing[a-z-]*|tracing-config|samplingRatePerMillion|APIServerTracing|KubeletTracing`)

// saysNothing says whether a patch changes nothing: it has no more than its kind.
func saysNothing(text string) bool {
	parsed, err := yamledit.Parse([]byte(text))
	if err != nil {
		return false
	}
	for i := range parsed.Len() {
		value, _ := parsed.Value(i)
		tree, ok := value.(map[string]any)
		if !ok && value != nil {
			return false
		}
		for key := range tree {
			if key != "kind" && key != "apiVersion" {
				return false
			}
		}
	}
	return true
}
