package yamledit

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// start is where a node begins, with its anchor and tag. The parser puts a value that
// nobody wrote behind the last line where that line is a bare "? key" without an end.
func (s stream) start(node *yaml.Node) int {
	if node.Line > len(s.starts) {
		return len(s.text)
	}
	offset := s.starts[node.Line-1]
	for range node.Column - 1 {
		_, size := utf8.DecodeRune(s.text[offset:])
		offset += size
	}
	return offset
}

// content is where a node begins behind its anchor and tag.
func (s stream) content(node *yaml.Node) int {
	at := s.start(node)
	for node.Kind != yaml.AliasNode && at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		for at < len(s.text) && !isSpace(s.text[at]) {
			at++
		}
		at = s.skipSpace(at)
	}
	return at
}

// end is where a node ends. indent is the column of the collection that it is in,
// or -1.
func (s stream) end(node *yaml.Node, indent int, flow bool) (int, error) {
	at := s.content(node)
	flow = flow || node.Style&yaml.FlowStyle != 0
	switch node.Kind {
	case yaml.AliasNode:
		return at + 1 + len(node.Value), nil
	case yaml.MappingNode, yaml.SequenceNode:
		return s.collectionEnd(node, at, indent, flow)
	}
	switch {
	case isEmpty(node):
		return s.start(node), nil
	case node.Style&yaml.DoubleQuotedStyle != 0:
		for i := at + 1; i < len(s.text); i++ {
			switch s.text[i] {
			case '\\':
				i++
			case '"':
				return i + 1, nil
			}
		}
	case node.Style&yaml.SingleQuotedStyle != 0:
		for i := at + 1; i < len(s.text); i++ {
			if s.text[i] != '\'' {
				continue
			}
			if i+1 < len(s.text) && s.text[i+1] == '\'' {
				i++
				continue
			}
			return i + 1, nil
		}
	case node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return s.blockEnd(at, indent), nil
	default:
		if end, ok := s.plainEnd(at, node.Value); ok {
			return end, nil
		}
	}
	return 0, fmt.Errorf("line %d, column %d: where this value ends is not clear: write it in one line", node.Line, node.Column)
}

// isEmpty says whether a node is a null that nobody wrote.
func isEmpty(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Value == "" && node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

func (s stream) collectionEnd(node *yaml.Node, at, indent int, flow bool) (int, error) {
	bracket := node.Style&yaml.FlowStyle != 0 && at < len(s.text) && (s.text[at] == '{' || s.text[at] == '[')
	if len(node.Content) > 0 {
		if !flow {
			indent = node.Content[0].Column - 1
			if node.Kind == yaml.SequenceNode {
				dash, err := s.dash(node.Content[0])
				if err != nil {
					return 0, err
				}
				indent = s.column(dash)
			}
		}
		last, err := s.end(node.Content[len(node.Content)-1], indent, flow)
		if err != nil || !bracket {
			return last, err
		}
		at = last
	} else {
		at++
	}
	for at < len(s.text) {
		switch c := s.text[at]; {
		case c == '}' || c == ']':
			return at + 1, nil
		case c == '#':
			at = s.lineEnd(at)
		default:
			at++
		}
	}
	return 0, fmt.Errorf("line %d, column %d: where this ends is not clear", node.Line, node.Column)
}

// blockEnd is the end of a scalar that begins with | or >, without its last line
// break.
func (s stream) blockEnd(at, indent int) int {
	end := s.lineEnd(at)
	for line := s.line(at); line < len(s.starts); line++ {
		start := s.starts[line]
		stop := s.lineEnd(start)
		text := s.text[start:stop]
		spaces := len(text) - len(bytes.TrimLeft(text, " "))
		switch {
		case len(bytes.TrimSpace(text)) == 0:
		case spaces <= indent || isMarker(text):
			return end
		default:
			end = stop
		}
	}
	return end
}

func isMarker(line []byte) bool {
	for _, marker := range []string{"---", "..."} {
		if rest, ok := bytes.CutPrefix(line, []byte(marker)); ok && (len(rest) == 0 || isSpace(rest[0])) {
			return true
		}
	}
	return false
}

// plainEnd finds the end of a scalar without quotes, which may go on in the next
// line where its value has a space.
func (s stream) plainEnd(at int, value string) (int, bool) {
	for len(value) > 0 {
		if !isSpace(value[0]) {
			if at >= len(s.text) || s.text[at] != value[0] {
				return 0, false
			}
			at, value = at+1, value[1:]
			continue
		}
		next := at
		for next < len(s.text) && isSpace(s.text[next]) {
			next++
		}
		if next == at {
			return 0, false
		}
		at, value = next, strings.TrimLeft(value, " \t\r\n")
	}
	return at, true
}

// dash is where the dash of a sequence's item is.
func (s stream) dash(item *yaml.Node) (int, error) {
	at := s.start(item) - 1
	for at >= 0 && isSpace(s.text[at]) {
		at--
	}
	if at < 0 || s.text[at] != '-' {
		return 0, fmt.Errorf("line %d: the dash of this item is not found: write it before the item, in the same line", item.Line)
	}
	return at, nil
}

// column is how many characters are before an offset in its line.
func (s stream) column(offset int) int {
	return utf8.RuneCount(s.text[s.starts[s.line(offset)-1]:offset])
}

// lineEnd is where the line of an offset ends, before its line break.
func (s stream) lineEnd(offset int) int {
	for offset < len(s.text) && s.text[offset] != '\n' && s.text[offset] != '\r' {
		offset++
	}
	return offset
}

func (s stream) skipSpace(at int) int {
	for at < len(s.text) && isSpace(s.text[at]) {
		at++
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
