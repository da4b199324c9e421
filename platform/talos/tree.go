package talos

import (
	"fmt"
	"maps"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// treeOf returns what a document of machinery says.
func treeOf(document any) (map[string]any, error) {
	text, err := encoder.NewEncoder(document, encoder.WithComments(encoder.CommentsDisabled)).Encode()
	if err != nil {
		return nil, err
	}
	tree := map[string]any{}
	return tree, yaml.Unmarshal(text, &tree)
}

// places are mappings of a tree that were looked at, so that those go which are left
// empty, and those stay which somebody wrote empty.
type places []place

type place struct {
	parent  map[string]any
	key     string
	child   map[string]any
	written bool // by somebody, and empty
}

// sub returns the mapping at a path, and makes those that are missing.
func (p *places) sub(tree map[string]any, path ...string) map[string]any {
	for _, key := range path {
		child, ok := tree[key].(map[string]any)
		if !ok {
			child = map[string]any{}
			tree[key] = child
		}
		*p = append(*p, place{tree, key, child, ok && len(child) == 0})
		tree = child
	}
	return tree
}

// clean takes out what is left empty.
func (p places) clean() {
	for _, at := range slices.Backward(p) {
		if len(at.child) == 0 && !at.written {
			delete(at.parent, at.key)
		}
	}
}

// list is the list at a key.
func list(tree map[string]any, key string) []any {
	all, _ := tree[key].([]any)
	return all
}

// putList puts a list back, or takes out one that is empty.
func putList(tree map[string]any, key string, all []any) {
	if len(all) == 0 {
		delete(tree, key)
		return
	}
	tree[key] = all
}

// textOf is a value as a text.
func textOf(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// valuesOf are the values of a flag: machinery takes a text or, from 1.13 on, a list.
func valuesOf(value any) []string {
	all, ok := value.([]any)
	if !ok {
		return []string{textOf(value)}
	}
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = textOf(v)
	}
	return texts
}

// sortedKeys are the keys of a mapping.
func sortedKeys(tree map[string]any) []string { return slices.Sorted(maps.Keys(tree)) }

// at is a path in a machine configuration.
func at(path ...string) *field.Path { return field.NewPath(path[0], path[1:]...) }
