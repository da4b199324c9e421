package yamledit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// SyntaxError says where a stream cannot be read.
type SyntaxError struct {
	// Line and Column begin with 1. A column is a character.
	Line, Column int
	// Message is what is wrong.
	Message string
}

// Error returns the place and the message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// PlaceError says that what is at a path cannot be edited.
type PlaceError struct {
	// Path is where, and Line its line in the text as it is now.
	Path []any
	Line int
	// Message is why, and what to write instead.
	Message string
}

// Error returns the place and the message.
func (e *PlaceError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// library is what the YAML library puts before its messages.
var library = regexp.MustCompile(`^(?:yaml: (?:line ([0-9]+): )?)?`)

// noColon is the error of a line that is no key and no value. A text that ends
// within any key has it too, so that of this one alone the line is the library's; of
// others that one is where something around the fault begins.
const noColon = "could not find expected ':'"

// syntaxError finds the place of an error: the end of the shortest beginning of the
// text that has it.
func syntaxError(text []byte, err error) *SyntaxError {
	said := library.FindStringSubmatch(err.Error())
	message := library.ReplaceAllString(err.Error(), "")
	starts := lineStarts(text)
	if line, _ := strconv.Atoi(said[1]); message == noColon && line > 0 && line <= len(starts) {
		rest := text[starts[line-1]:]
		return &SyntaxError{Line: line, Column: 1 + len(rest) - len(bytes.TrimLeft(rest, " ")), Message: message}
	}
	end := sort.Search(len(text), func(n int) bool { return reads(text[:n], message) })
	at := max(0, end-1)
	line := lineOf(starts, at)
	return &SyntaxError{Line: line, Column: 1 + utf8.RuneCount(text[min(at, starts[line-1]):at]), Message: message}
}

// lineOf is the number of the line of an offset.
func lineOf(starts []int, offset int) int {
	n, found := slices.BinarySearch(starts, offset)
	if found {
		n++
	}
	return max(n, 1)
}

// templates are what the languages of templates write: Go and Jinja, ERB, shell.
var templates = regexp.MustCompile(`\{\{[^\n]*?\}\}|\{\{|\{%[^\n]*?%\}|\{%|<%[^\n]*?%>|<%|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$[A-Za-z_][A-Za-z0-9_]*`)

// Template returns the first template in a text, "${NAME}", or nothing.
func Template(text string) string { return templates.FindString(text) }

// templated names the template in a line that cannot be read, or in the one before,
// which may be what is wrong with it.
func templated(text []byte, err *SyntaxError) *SyntaxError {
	lines := bytes.Split(text, []byte("\n"))
	for _, n := range []int{err.Line, err.Line - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		if at := templates.FindIndex(lines[n-1]); at != nil {
			found := string(lines[n-1][at[0]:at[1]])
			return &SyntaxError{n, 1 + utf8.RuneCount(lines[n-1][:at[0]]), fmt.Sprintf("%s is no YAML but a template: render the template first (%s)", found, err.Message)}
		}
	}
	return err
}

// unreadable finds the smallest part of a document that cannot be read.
func unreadable(node *yaml.Node, err error) *SyntaxError {
	for _, child := range node.Content {
		var value any
		if inner := child.Decode(&value); inner != nil {
			return unreadable(child, inner)
		}
	}
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			switch key := node.Content[i]; {
			case key.Kind == yaml.MappingNode || key.Kind == yaml.SequenceNode:
				return &SyntaxError{key.Line, key.Column, "this is no key: write a text"}
			case key.Tag == "!!merge":
				if !merges(node.Content[i+1]) {
					return &SyntaxError{key.Line, key.Column, "what is merged is no mapping: write an alias of one, or take it out"}
				}
			}
		}
	}
	return &SyntaxError{node.Line, node.Column, library.ReplaceAllString(err.Error(), "")}
}

// merges says whether a node is what a merge key takes: a mapping, or some.
func merges(node *yaml.Node) bool {
	isMapping := func(node *yaml.Node) bool {
		return node.Kind == yaml.MappingNode || node.Kind == yaml.AliasNode && node.Alias.Kind == yaml.MappingNode
	}
	return isMapping(node) || node.Kind == yaml.SequenceNode && !slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return !isMapping(n) })
}

// reads says whether reading a text ends with a message.
func reads(text []byte, message string) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		switch err := decoder.Decode(&yaml.Node{}); {
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			return library.ReplaceAllString(err.Error(), "") == message
		}
	}
}

// twice returns the error of a key that a mapping has twice, which decoders
// refuse or silently take the last of.
func twice(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		seen := map[string]int{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode {
				continue
			}
			name := key.ShortTag() + " " + key.Value
			if first, there := seen[name]; there {
				return &SyntaxError{key.Line, key.Column, fmt.Sprintf("the key %q is written twice, first in line %d: take one out", key.Value, first)}
			}
			seen[name] = key.Line
		}
	}
	if node.Kind == yaml.AliasNode {
		return nil
	}
	for _, child := range node.Content {
		if err := twice(child); err != nil {
			return err
		}
	}
	return nil
}
