package reader

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"

	"kubetrace/internal/yamledit"
)

// place is a key or an item of a document, and where it is.
type place struct {
	path       []any
	key, value *yaml.Node // an item has no key
}

// line is the line of a place.
func (p place) line() int {
	if p.key != nil {
		return p.key.Line
	}
	return p.value.Line
}

// places are all keys and items of the first document of a text, in its order, or
// none where it cannot be read.
func places(text []byte) []place {
	document := &yaml.Node{}
	if yaml.NewDecoder(bytes.NewReader(text)).Decode(document) != nil {
		return nil
	}
	var all []place
	var visit func(node *yaml.Node, path []any)
	visit = func(node *yaml.Node, path []any) {
		for i, child := range node.Content {
			p := place{path: append(path[:len(path):len(path)], i), value: child}
			switch {
			case node.Kind == yaml.DocumentNode:
				visit(child, path)
				continue
			case node.Kind == yaml.MappingNode && i%2 == 0:
				continue // it comes with its value
			case node.Kind == yaml.MappingNode:
				p.key = node.Content[i-1]
				p.path[len(path)] = p.key.Value
			}
			all = append(all, p)
			visit(child, p.path)
		}
	}
	visit(document, nil)
	return all
}

// lineOf is the line of a field, or 0.
func lineOf(all []place, field string) int {
	for _, p := range all {
		if yamledit.Name(p.path) == field {
			return p.line()
		}
	}
	return 0
}

// library is what YAML and JSON libraries put before their messages.
var library = regexp.MustCompile(`^(?:error converting YAML to JSON: )?(?:yaml: )?(?:line (\d+): )?`)

// unreadable is the problem of a text that is no YAML.
func unreadable(text []byte, err error) *Problem {
	var syntax *yamledit.SyntaxError
	if _, parsed := yamledit.Parse(text); errors.As(parsed, &syntax) {
		return &Problem{Line: syntax.Line, Message: syntax.Message}
	}
	line, _ := strconv.Atoi(library.FindStringSubmatch(err.Error())[1])
	return &Problem{Line: line, Message: library.ReplaceAllString(err.Error(), "")}
}
