package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// document is a YAML document as a person edits it: by its text, whatever its
// type.
type document map[string]any

// documents are those of a file by their kind.
func readDocuments(text []byte) (map[string]document, error) {
	all := map[string]document{}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var d document
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		kind, ok := d["kind"].(string)
		if !ok {
			return nil, fmt.Errorf("a document without a kind: %v", d)
		}
		if _, there := all[kind]; there {
			return nil, fmt.Errorf("two documents of kind %s", kind)
		}
		all[kind] = d
	}
}

func writeDocuments(all ...document) ([]byte, error) {
	var text bytes.Buffer
	for _, d := range all {
		y, err := yaml.Marshal(d)
		if err != nil {
			return nil, err
		}
		text.WriteString("---\n")
		text.Write(y)
	}
	return text.Bytes(), nil
}

// add writes settings into a document: lists are put together, and anything else
// that both have is taken from the settings.
func add(to, settings map[string]any) map[string]any {
	sum := map[string]any{}
	for key, value := range to {
		sum[key] = value
	}
	for key, value := range settings {
		switch value := value.(type) {
		case map[string]any:
			there, _ := sum[key].(map[string]any)
			sum[key] = add(there, value)
		case []any:
			there, _ := sum[key].([]any)
			sum[key] = append(slices.Clone(there), value...)
		default:
			sum[key] = value
		}
	}
	return sum
}

// remove takes settings out of a document, and what is empty then.
func remove(from, settings map[string]any) map[string]any {
	rest := map[string]any{}
	for key, value := range from {
		taken, there := settings[key]
		if !there {
			rest[key] = value
			continue
		}
		switch taken := taken.(type) {
		case map[string]any:
			value, _ := value.(map[string]any)
			if left := remove(value, taken); len(left) > 0 {
				rest[key] = left
			}
		case []any:
			value, _ := value.([]any)
			left := slices.DeleteFunc(slices.Clone(value), func(element any) bool {
				return slices.ContainsFunc(taken, func(t any) bool { return reflect.DeepEqual(t, element) })
			})
			if len(left) > 0 {
				rest[key] = left
			}
		}
	}
	return rest
}
