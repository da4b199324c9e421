package check

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"kubetrace/tracing"
)

// difference is a place at which an object does not say what we have written.
type difference struct{ path, want, have string }

// mergeKeys are the fields that tell the entries of a list apart, by the field that
// holds it. Such a list may have entries of others beside ours, in any order. Of two
// variables of one name the last holds, and ours refer to no other.
// Source: listMapKey and patchMergeKey in k8s.io/api core/v1/types.go.
var mergeKeys = map[string][]string{
	"containers":       {"name"},
	"env":              {"name"},
	"imagePullSecrets": {"name"},
	"ports":            {"containerPort", "protocol"},
	"volumeMounts":     {"mountPath"},
	"volumes":          {"name"},
}

// sets are lists whose entries may stand in any order, beside those of others.
var sets = []string{"tolerations", "drop"}

// differences returns where have does not say what want says. What it says beside
// that is no difference: the API server fills fields in, and webhooks and people add
// labels, variables, containers and volumes.
func differences(want, have any, path string) []difference {
	var all []difference
	switch want := want.(type) {
	case map[string]any:
		fields, ok := have.(map[string]any)
		if !ok {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			all = append(all, differences(want[key], fields[key], path+"."+key)...)
		}
		return all
	case []any:
		list, ok := have.([]any)
		if !ok {
			break
		}
		field := path[strings.LastIndexByte(path, '.')+1:]
		keys := mergeKeys[field]
		switch {
		case keys != nil:
			for _, ours := range want {
				key := mergeKey(ours, keys)
				all = append(all, differences(ours, lastWith(list, key, keys), fmt.Sprintf("%s[%s]", path, key))...)
			}
			return all
		case slices.Contains(sets, field):
			for _, ours := range want {
				if !slices.ContainsFunc(list, func(theirs any) bool { return reflect.DeepEqual(ours, theirs) }) {
					all = append(all, difference{path, short(ours), short(have)})
				}
			}
			return all
		case len(list) == len(want):
			for i := range want {
				all = append(all, differences(want[i], list[i], fmt.Sprintf("%s[%d]", path, i))...)
			}
			return all
		}
	}
	if reflect.DeepEqual(want, have) {
		return nil
	}
	return []difference{{path, short(want), short(have)}}
}

// mergeKey tells an entry of a list from the others: "GOGC", "4317/TCP".
func mergeKey(entry any, keys []string) string {
	fields, _ := entry.(map[string]any)
	var values []string
	for _, key := range keys {
		values = append(values, fmt.Sprint(fields[key]))
	}
	return strings.Join(values, "/")
}

// lastWith returns the last entry of a list that has a key, or nil.
func lastWith(list []any, key string, keys []string) any {
	for i := len(list) - 1; i >= 0; i-- {
		if mergeKey(list[i], keys) == key {
			return list[i]
		}
	}
	return nil
}

// asTree is what an object says, in the fields that are set.
func asTree(object any) any {
	text, err := tracing.Marshal(object)
	if err != nil {
		return nil // typed objects always marshal
	}
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil
	}
	return tree
}

// short is a value for a table.
func short(value any) string {
	const enough = 80
	if value == nil {
		return "nothing"
	}
	text := fmt.Sprint(value)
	if runes := []rune(text); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return text
}
