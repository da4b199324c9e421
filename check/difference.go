package check

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"sigs.k8s.io/yaml"

	"kubetrace/tracing"
)

// difference is a place at which an object does not say what we have written.
type difference struct{ path, want, have string }

// differences returns where have does not say what want says. What it says beside
// that is no difference: the API server fills fields in.
func differences(want, have any, path string) []difference {
	switch want := want.(type) {
	case map[string]any:
		fields, ok := have.(map[string]any)
		if !ok {
			break
		}
		var all []difference
		for _, key := range slices.Sorted(maps.Keys(want)) {
			all = append(all, differences(want[key], fields[key], path+"."+key)...)
		}
		return all
	case []any:
		list, ok := have.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		var all []difference
		for i := range want {
			all = append(all, differences(want[i], list[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
		return all
	}
	if reflect.DeepEqual(want, have) {
		return nil
	}
	return []difference{{path, short(want), short(have)}}
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
