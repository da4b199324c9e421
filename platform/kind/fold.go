package kind

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/gates"
	"kubetrace/internal/staticpod"
	"kubetrace/kubeadm"
)

// folder goes through the user's patches and adds ours to what would replace
// them. kind applies ours first, then the user's in their order, and a later
// list, flag or JSON patch takes the place of an earlier one.
type folder struct {
	*builder
	want map[string]map[string]any // by kind of document
	maps bool                      // kind writes extraArgs as maps for this release

	tracesEtcd      bool // by flags of ours
	leavesEtcdImage bool // to kubeadm, while we trace etcd
}

// mergePatches folds into merge patches, in place, but for those that are ours.
func (f *folder) mergePatches(at *field.Path, patches, ours []string) {
	for i, text := range patches {
		if slices.Contains(ours, text) {
			continue
		}
		folded, err := f.mergePatch(text)
		if err != nil {
			f.invalid(at.Index(i), abridged(text), "%s", err)
			continue
		}
		patches[i] = folded
	}
}

// separator is how kind splits a patch into documents.
// Source: sigs.k8s.io/kind pkg/internal/patch/resource.go.
const separator = "\n---"

// mergePatch folds into each document of a merge patch. What needs no change
// keeps its text.
func (f *folder) mergePatch(text string) (string, error) {
	documents := strings.Split(text, separator)
	changed := false
	for i, raw := range documents {
		document, err := parse(strings.TrimPrefix(raw, "---"))
		if err != nil {
			return "", err
		}
		if err := f.check(document); err != nil {
			return "", err
		}
		kind, _ := document["kind"].(string)
		want, ours := f.want[kind]
		if !ours || f.passedOver(document) {
			continue
		}
		before := deepCopy(document)
		folded, err := f.fold(kind, document, want, false)
		if err != nil {
			return "", err
		}
		if reflect.DeepEqual(before, folded) {
			continue
		}
		rewritten, err := yaml.Marshal(folded)
		if err != nil {
			return "", err
		}
		documents[i], changed = "\n"+strings.TrimSpace(string(rewritten)), true
	}
	if !changed {
		return text, nil
	}
	return strings.TrimPrefix(strings.Join(documents, separator), "\n") + "\n", nil
}

// passedOver says whether kind passes over a document because of its apiVersion:
// it writes no v1beta4 where it writes maps. What older releases of kind write is
// not told apart, as folding into a patch that is passed over harms nobody.
func (f *folder) passedOver(document map[string]any) bool {
	return f.maps && document["apiVersion"] == kubeadm.V1Beta4
}

// check refuses what would stop a component, and what would decide behind the
// spec's back which release runs: the flags depend on it.
func (f *folder) check(document map[string]any) error {
	if f.passedOver(document) {
		return nil
	}
	if err := f.checkGates("", document); err != nil {
		return err
	}
	if document["kind"] != "ClusterConfiguration" {
		return nil
	}
	if version, ok := document["kubernetesVersion"].(string); ok {
		if err := f.CheckNodeVersion(version, true); err != nil {
			return fmt.Errorf("it sets kubernetesVersion to %s: %w", version, err)
		}
	}
	etcd, _ := document["etcd"].(map[string]any)
	local, _ := etcd["local"].(map[string]any)
	if etcd["external"] != nil && f.tracesEtcd {
		return errors.New("it sets etcd.external: set etcd.external and etcd.version in the spec too")
	}
	if local["imageTag"] != nil && f.leavesEtcdImage {
		return fmt.Errorf("it sets etcd.local.imageTag to %v, and etcd's flags depend on it: write etcd.imageTag in the spec instead", local["imageTag"])
	}
	return f.checkEtcdFlags(local["extraArgs"])
}

// checkEtcdFlags refuses flags of etcd's tracing that are not ours: etcd refuses the
// two spellings side by side, and each release one or the other.
func (f *folder) checkEtcdFlags(extraArgs any) error {
	if !f.tracesEtcd {
		return nil
	}
	var names []string
	switch args := extraArgs.(type) {
	case map[string]any:
		names = slices.Sorted(maps.Keys(args))
	case []any:
		for _, element := range args {
			arg, _ := element.(map[string]any)
			names = append(names, fmt.Sprint(arg["name"]))
		}
	}
	want, _ := below(f.want["ClusterConfiguration"], "/etcd/local/extraArgs")
	ours, _ := want.(map[string]any)
	for _, name := range names {
		_, isOurs := ours[name]
		if _, _, ofTracing := staticpod.EtcdTracing(name); ofTracing && !isOurs {
			cure := "take it out, since etcd takes one spelling of its flags only"
			switch {
			case strings.HasSuffix(name, "instance-id"):
				cure = "write etcd.instanceID in the spec, or take it out"
			case strings.HasSuffix(name, "sampling-rate") && !f.EtcdRelease().SamplingRateFlag:
				cure = "not every etcd that kubeadm may run here has it: write etcd.imageTag in the spec, of 3.5.11 or later, or take it out"
			}
			return fmt.Errorf("it sets etcd's --%s: %s", name, cure)
		}
	}
	return nil
}

// checkGates looks for gates of tracing wherever a kubeadm document can have
// some: in a flag of any component, as a map or a list of flags has it, or in the
// field featureGates of a component's own configuration.
func (f *folder) checkGates(key string, value any) error {
	switch value := value.(type) {
	case map[string]any:
		if value["name"] == gates.Flag {
			return f.checkGates(gates.Flag, value["value"])
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if on, ok := value[name].(bool); ok && key == "featureGates" {
				if err := f.CheckFeatureGate(name, on); err != nil {
					return err
				}
			}
			if err := f.checkGates(name, value[name]); err != nil {
				return err
			}
		}
	case []any:
		for _, element := range value {
			if err := f.checkGates(key, element); err != nil {
				return err
			}
		}
	case string:
		if key != gates.Flag {
			return nil
		}
		all, err := gates.Parse(value)
		for _, gate := range all {
			err = errors.Join(err, f.CheckFeatureGate(gate.Name, gate.On))
		}
		return err
	}
	return nil
}

// jsonPatches folds into JSON patches, in place.
func (f *folder) jsonPatches(at *field.Path, patches []v1alpha4.PatchJSON6902) {
	for i, patch := range patches {
		if f.passedOver(map[string]any{"apiVersion": patch.Group + "/" + patch.Version}) {
			continue
		}
		folded, err := f.jsonPatch(patch.Kind, patch.Patch)
		if err != nil {
			f.invalid(at.Index(i).Child("patch"), abridged(patch.Patch), "%s", err)
			continue
		}
		patches[i].Patch = folded
	}
}

// jsonPatch folds into the operations of a JSON patch that write a whole part of
// the document which holds settings of ours.
func (f *folder) jsonPatch(kind, text string) (string, error) {
	want := f.want[kind]
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return "", err
	}
	var operations []map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(asJSON, &operations); err != nil {
		return "", fmt.Errorf("it is no list of JSON patch operations: %w", err)
	}
	changed := false
	for _, operation := range operations {
		verb, _ := operation["op"].(string)
		pointer, _ := operation["path"].(string)
		if verb == "test" {
			continue
		}
		if verb != "remove" {
			if err := f.check(nested(kind, pointer, operation["value"])); err != nil {
				return "", err
			}
		}
		if want == nil {
			continue
		}
		from, _ := operation["from"].(string)
		if _, hit := below(want, from); verb == "move" && hit {
			return "", fmt.Errorf("the operation %q from %s takes away what tracing needs: take it out", verb, from)
		}
		if (verb == "copy" || verb == "move") && strings.HasPrefix(pointer, "/etcd/") {
			return "", fmt.Errorf("the operation %q to %s may decide which etcd runs, and its flags depend on it: write the value with the operation add", verb, pointer)
		}
		inside, hit := below(want, pointer)
		if !hit {
			continue
		}
		name := kind + strings.ReplaceAll(pointer, "/", ".")
		list, appends := strings.CutSuffix(pointer, "/-")
		switch {
		case verb == "add" && appends:
			// It comes behind ours, and may not say otherwise.
			ours, _ := below(want, list)
			if _, err := f.fold(kind+strings.ReplaceAll(list, "/", "."), []any{operation["value"]}, ours, false); err != nil {
				return "", err
			}
		case (verb == "add" || verb == "replace") && inside != nil:
			before := deepCopy(operation["value"])
			folded, err := f.fold(name, operation["value"], inside, true)
			if err != nil {
				return "", err
			}
			changed = changed || !reflect.DeepEqual(before, folded)
			operation["value"] = folded
		default:
			return "", fmt.Errorf("the operation %q on %s changes what tracing needs: take it out", verb, pointer)
		}
	}
	if !changed {
		return text, nil
	}
	rewritten, err := yaml.Marshal(operations)
	return string(rewritten), err
}

// element is the token of a JSON pointer that stands for an element of a list.
var element = regexp.MustCompile(`^(-|[0-9]+)$`)

// below returns what we want at a JSON pointer. hit says whether an operation
// there touches settings of ours; without a value it touches a part of one, an
// element of our list.
func below(want any, pointer string) (inside any, hit bool) {
	inside = want
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		children, ok := inside.(map[string]any)
		if !ok || element.MatchString(token) {
			return nil, true // an element of a list of ours
		}
		if inside, ok = children[token]; !ok {
			return nil, false
		}
	}
	return inside, true
}

// nested returns the document that has value at a pointer.
func nested(kind, pointer string, value any) map[string]any {
	for _, token := range slices.Backward(strings.Split(pointer, "/")[1:]) {
		if element.MatchString(token) {
			value = []any{value}
		} else {
			value = map[string]any{token: value}
		}
	}
	document, _ := deepCopy(value).(map[string]any)
	if document == nil {
		document = map[string]any{}
	}
	document["kind"] = kind
	return document
}

// fold adds what we want to what a patch sets. With replaces, the patch takes
// the place of the whole part, so all of ours goes into it; without, it is
// merged, so only lists and flags that it sets need ours.
func (f *folder) fold(at string, have, want any, replaces bool) (any, error) {
	switch want := want.(type) {
	case map[string]any:
		switch have := have.(type) {
		case map[string]any:
			if replaces && f.listed(at) {
				return nil, fmt.Errorf("%s is a map, and kind writes a list for Kubernetes %s, which the map would replace: write a list", at, f.KubernetesMinor())
			}
			return f.foldMap(at, have, want, replaces)
		case []any: // extraArgs in the form of kubeadm's v1beta4
			if f.maps {
				return nil, fmt.Errorf("%s is a list, and kind writes a map for Kubernetes %s, which the list would replace: write a map", at, f.KubernetesMinor())
			}
			return foldArgs(at, have, want, replaces)
		case nil:
			if replaces {
				return f.literal(at, want), nil
			}
			return nil, fmt.Errorf("it deletes %s, which tracing needs: take it out", at)
		}
	case []any:
		switch have := have.(type) {
		case []any:
			return foldList(at, have, want)
		case nil:
			return deepCopy(want), nil
		}
	default:
		return foldValue(at, have, want)
	}
	return nil, fmt.Errorf("%s has the wrong shape: write what kubeadm reads there", at)
}

func (f *folder) foldMap(at string, have, want map[string]any, replaces bool) (any, error) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, set := have[key]
		if !set && !replaces {
			continue
		}
		if !set {
			have[key] = f.literal(at+"."+key, want[key])
			continue
		}
		folded, err := f.fold(at+"."+key, value, want[key], replaces)
		if err != nil {
			return nil, err
		}
		have[key] = folded
	}
	return have, nil
}

// listed says whether a part of a document is a list of flags for this release.
func (f *folder) listed(at string) bool { return !f.maps && strings.HasSuffix(at, ".extraArgs") }

// literal copies what we want into the value of a JSON patch, which kind does not
// convert as it does merge patches.
func (f *folder) literal(at string, want any) any {
	fields, ok := want.(map[string]any)
	if !ok {
		return deepCopy(want)
	}
	if f.listed(at) {
		list, _ := foldArgs(at, nil, fields, true)
		return list
	}
	copied := make(map[string]any, len(fields))
	for name, value := range fields {
		copied[name] = f.literal(at+"."+name, value)
	}
	return copied
}

// foldArgs folds flags into a list of them.
func foldArgs(at string, have []any, want map[string]any, replaces bool) (any, error) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		found := false
		for _, element := range have {
			arg, _ := element.(map[string]any)
			if arg == nil || arg["name"] != name {
				continue
			}
			found = true
			folded, err := foldValue(at+"."+name, arg["value"], want[name])
			if err != nil {
				return nil, err
			}
			arg["value"] = folded
		}
		if !found && replaces {
			have = append(have, map[string]any{"name": name, "value": want[name]})
		}
	}
	return have, nil
}

// foldList appends our elements, which are volumes, to a list. One that mounts
// the same file at the same place serves as ours, whatever its name.
func foldList(at string, have, want []any) (any, error) {
	for _, element := range want {
		ours, _ := element.(map[string]any)
		there := false
		for _, h := range have {
			theirs, _ := h.(map[string]any)
			samePath := clean(theirs["mountPath"]) == clean(ours["mountPath"])
			switch {
			case samePath && clean(theirs["hostPath"]) == clean(ours["hostPath"]) && readsFile(theirs):
				there = true
			case samePath:
				return nil, fmt.Errorf("%s has a volume %v at %v, where tracing mounts %v read-only: take it out, or write another apiServer.configFile in the spec", at, theirs["name"], theirs["mountPath"], ours["hostPath"])
			case theirs["name"] == ours["name"]:
				return nil, fmt.Errorf("%s has a volume %v too, for %v: rename it", at, theirs["name"], theirs["mountPath"])
			}
		}
		if !there {
			have = append(have, deepCopy(element))
		}
	}
	return have, nil
}

// clean returns a path as it is compared.
func clean(value any) string {
	text, _ := value.(string)
	return path.Clean(text)
}

// readsFile says whether a volume can serve for a file that has to be there:
// kubelet makes neither a folder nor an empty file in its place.
func readsFile(volume map[string]any) bool {
	return volume["pathType"] == nil || volume["pathType"] == "" || volume["pathType"] == string(corev1.HostPathFile)
}

// foldValue compares a value with ours. Feature gates are merged.
func foldValue(at string, have, want any) (any, error) {
	if text, ok := have.(string); ok && strings.HasSuffix(at, "."+gates.Flag) {
		return foldGates(text, fmt.Sprint(want))
	}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		return nil, fmt.Errorf("%s is set to %v and tracing needs %v: take it out, or change the spec", at, have, want)
	}
	return have, nil
}

// foldGates adds our gates to a list of them. One that has them keeps its text.
func foldGates(have, want string) (any, error) {
	patch := func(value string) *kubeadm.Patch {
		return &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Args: []kubeadm.Arg{{Name: gates.Flag, Value: value}}}}
	}
	merged, err := kubeadm.Merge(patch(have), patch(want))
	if err != nil {
		return nil, err
	}
	theirs, _ := gates.Parse(have) // Merge has read both
	ours, _ := gates.Parse(want)
	for _, gate := range ours {
		if !slices.Contains(theirs, gate) {
			return merged.APIServer.Args[0].Value, nil
		}
	}
	return have, nil
}

// parse reads one document of a patch. An empty one has no fields.
func parse(text string) (map[string]any, error) {
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	var document map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(asJSON, &document); err != nil {
		return nil, fmt.Errorf("it is no mapping of fields: %w", err)
	}
	return document, nil
}

// abridged shortens a patch for an error, whose path already says which it is.
func abridged(text string) string {
	const enough = 60
	if runes := []rune(text); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return text
}

// deepCopy copies a tree of JSON values.
func deepCopy(value any) any {
	switch value := value.(type) {
	case map[string]any:
		fields := make(map[string]any, len(value))
		for key, v := range value {
			fields[key] = deepCopy(v)
		}
		return fields
	case []any:
		list := make([]any, len(value))
		for i, v := range value {
			list[i] = deepCopy(v)
		}
		return list
	}
	return value
}
