package yamledit

import (
	"encoding/json"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Word is a word without quotes that is a truth value to YAML 1.1, which Kubernetes
// reads, and a text to newer versions, which this package reads.
type Word string

var words = map[bool][]string{
	true:  {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"},
	false: {"n", "N", "no", "No", "NO", "off", "Off", "OFF"},
}

// Truth says which truth value a text is as a Word. ok is false where it is none.
func Truth(text string) (on, ok bool) {
	on = slices.Contains(words[true], text)
	return on, on || slices.Contains(words[false], text)
}

// MarshalYAML writes the word as it was, without quotes.
func (w Word) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(w)}, nil
}

// MarshalJSON writes the truth value, which JSON has one way to write.
func (w Word) MarshalJSON() ([]byte, error) {
	on, _ := Truth(string(w))
	return json.Marshal(on)
}

// mark is before words while they are decoded. No YAML holds it.
const mark = "\x00"

// decode returns what a document says, with Words.
func decode(document *yaml.Node) (value any, err error) {
	var marked []*yaml.Node
	var visit func(node *yaml.Node)
	visit = func(node *yaml.Node) {
		for i, child := range node.Content {
			if isKey := node.Kind == yaml.MappingNode && i%2 == 0; !isKey {
				visit(child)
			}
		}
		if _, ok := Truth(node.Value); ok && node.Kind == yaml.ScalarNode && node.Style == 0 {
			node.Value = mark + node.Value
			marked = append(marked, node)
		}
	}
	visit(document)
	err = document.Decode(&value)
	for _, node := range marked {
		node.Value = strings.TrimPrefix(node.Value, mark)
	}
	if len(marked) > 0 {
		value = withWords(value)
	}
	return value, err
}

// withWords makes Words of marked texts, in place.
func withWords(value any) any {
	switch value := value.(type) {
	case string:
		if word, ok := strings.CutPrefix(value, mark); ok {
			return Word(word)
		}
	case map[string]any:
		for key, v := range value {
			value[key] = withWords(v)
		}
	case []any:
		for i, v := range value {
			value[i] = withWords(v)
		}
	}
	return value
}
