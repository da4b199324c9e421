package tomledit

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Value is a value at a path of keys: a string, a bool, an int64, a float64, or a []any
// of these.
type Value struct {
	Path  []string
	Value any
}

// Text is a TOML file that can be edited.
type Text struct {
	text    string
	newline string
	said    map[string]any
	entries []entry
}

// entry is a key with its value, or the head of a table.
type entry struct {
	path       []string
	head       bool
	inList     bool // it is an element of an array of tables, or in one
	depth      int  // how many keys of the path the table's head has
	start, end int  // of the expression
	value      int  // where the value begins
	keys       []span
}

// span is where a key stands.
type span struct{ start, end int }

// SyntaxError says that a text is no TOML.
type SyntaxError struct {
	// Line is where, beginning with 1, as far as it can be told.
	Line int
	// Message says what is wrong.
	Message string
}

// Error returns the line and the message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d: this is no TOML: %s", e.Line, e.Message)
}

// Parse reads a file. The error is a *[SyntaxError].
func Parse(text []byte) (*Text, error) {
	t := &Text{text: string(text), newline: "\n"}
	if at := strings.IndexByte(t.text, '\n'); at > 0 && t.text[at-1] == '\r' {
		t.newline = "\r\n"
	}
	if err := toml.Unmarshal(text, &t.said); err != nil {
		var decode *toml.DecodeError
		line := 1
		if errors.As(err, &decode) {
			line, _ = decode.Position()
		}
		return nil, &SyntaxError{Line: line, Message: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	return t, t.read(bytes.Clone(text))
}

// read finds the entries of a text that is TOML.
func (t *Text) read(text []byte) error {
	var parser unstable.Parser
	parser.Reset(text)
	var table []string
	inList := false
	for parser.NextExpression() {
		node := parser.Expression()
		if node.Kind != unstable.KeyValue && node.Kind != unstable.Table && node.Kind != unstable.ArrayTable {
			continue
		}
		e := entry{head: node.Kind != unstable.KeyValue, depth: len(table)}
		var own []string
		for keys := node.Key(); keys.Next(); {
			key := keys.Node()
			own = append(own, string(key.Data))
			e.keys = append(e.keys, span{int(key.Raw.Offset), int(key.Raw.Offset + key.Raw.Length)})
		}
		last := e.keys[len(e.keys)-1].end
		if e.head {
			if node.Kind == unstable.ArrayTable || !inList || !hasPrefix(own, table) {
				inList = node.Kind == unstable.ArrayTable
			}
			table, e.path, e.depth = own, own, len(own)
			e.start = strings.LastIndexByte(t.text[:e.keys[0].start], '[')
			if node.Kind == unstable.ArrayTable {
				e.start--
			}
			e.end = last + strings.IndexByte(t.text[last:], ']') + 1
			if node.Kind == unstable.ArrayTable {
				e.end++
			}
		} else {
			e.path = slices.Concat(table, own)
			e.start, e.end = int(node.Raw.Offset), int(node.Raw.Offset+node.Raw.Length)
			e.value = last + strings.IndexByte(t.text[last:], '=') + 1
			e.value += len(t.text[e.value:]) - len(strings.TrimLeft(t.text[e.value:], " \t"))
		}
		e.inList = inList
		t.entries = append(t.entries, e)
	}
	return parser.Error()
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// Tree returns what the text says. Do not change it.
func (t *Text) Tree() map[string]any { return t.said }

// Line is the line of what stands at a path, or of the table that it belongs into, or 1.
func (t *Text) Line(path ...string) int {
	for n := len(path); n > 0; n-- {
		for _, e := range t.entries {
			if slices.Equal(e.path, path[:n]) {
				return 1 + strings.Count(t.text[:e.start], "\n")
			}
		}
	}
	return 1
}

// Edit is a place at which a text differs from what it was.
type Edit struct {
	// From and To are the bytes of the original that are gone, and Old is what they
	// were.
	From, To int
	Old      string
	// At is where New is in the new text.
	At  int
	New string
}

// PlaceError says that a value cannot be written or taken out where it stands.
type PlaceError struct {
	// Line is where it stands.
	Line int
	// Message says why, and what to do.
	Message string
}

// Error returns the line and the message.
func (e *PlaceError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// Change writes values, takes out those at the paths of without, and returns the new
// text and where it differs. Tables that are empty then go too, but for the comments in
// them. The error is a *[PlaceError].
func (t *Text) Change(set []Value, without [][]string) ([]byte, []Edit, error) {
	c := changer{Text: t}
	want := copied(t.said)
	for _, path := range without {
		c.remove(path)
		take(want, path)
	}
	c.removeHeads(without)
	for _, value := range set {
		c.set(value)
		put(want, value.Path, value.Value)
	}
	text, edits := c.apply()
	var says map[string]any
	if err := toml.Unmarshal([]byte(text), &says); err != nil || !reflect.DeepEqual(pruned(says), pruned(want)) {
		line := 1
		var names []string
		for _, path := range without {
			line = max(line, t.Line(path...))
			names = append(names, "take out "+Name(path))
		}
		for _, value := range set {
			line = max(line, t.Line(value.Path...))
			names = append(names, Name(value.Path)+" = "+literal(value.Value))
		}
		return nil, nil, &PlaceError{Line: line, Message: "this is written in a form that cannot be edited in place, such as a table within braces or a list with comments: write it as [table] with a line for each key, or edit it by hand: " + strings.Join(names, ", ")}
	}
	return []byte(text), edits, nil
}

// changer collects what is to be replaced in a text.
type changer struct {
	*Text
	splices []splice
	added   []Value // that belong into a table of their own, at the end
}

// splice replaces bytes of the text.
type splice struct {
	from, to int
	put      string
}

// at returns the entry of a key that has a value of its own, or nil.
func (t *Text) at(path []string) *entry {
	for i := range t.entries {
		if e := &t.entries[i]; !e.head && !e.inList && slices.Equal(e.path, path) {
			return e
		}
	}
	return nil
}

func (c *changer) set(v Value) {
	if e := c.at(v.Path); e != nil {
		if _, list := v.Value.([]any); list && strings.Contains(c.text[e.value:e.end], "#") {
			return // a comment in it would be lost: Change says that it cannot be edited
		}
		c.splices = append(c.splices, splice{e.value, e.end, literal(v.Value)})
		return
	}
	table := v.Path[:len(v.Path)-1]
	key := word(v.Path[len(v.Path)-1])
	// Behind the last key of the table, in the form that this one has.
	for i := len(c.entries) - 1; i >= 0; i-- {
		e := &c.entries[i]
		if e.inList || !hasPrefix(e.path, table) || e.depth > len(table) || e.head && len(e.path) != len(table) || !e.head && len(e.path) == len(table) {
			continue
		}
		prefix, indent := "", c.indentOf(e)
		if e.head {
			indent += "  "
		} else if n := len(table) - e.depth; n > 0 {
			prefix = c.text[e.keys[0].start:e.keys[n-1].end] + "."
		}
		end := c.lineEnd(e.end)
		line := indent + prefix + key + " = " + literal(v.Value)
		if end == len(c.text) && !strings.HasSuffix(c.text, "\n") {
			c.splices = append(c.splices, splice{end, end, c.newline + line})
		} else {
			c.splices = append(c.splices, splice{end, end, line + c.newline})
		}
		return
	}
	c.added = append(c.added, v)
}

// indentOf is what stands before an entry on its line.
func (t *Text) indentOf(e *entry) string {
	line := t.text[strings.LastIndexByte(t.text[:e.start], '\n')+1 : e.start]
	if strings.TrimSpace(line) != "" {
		return ""
	}
	return line
}

// lineEnd is the end of a line with its line break.
func (t *Text) lineEnd(at int) int {
	if next := strings.IndexByte(t.text[at:], '\n'); next >= 0 {
		return at + next + 1
	}
	return len(t.text)
}

// remove cuts a key with its line.
func (c *changer) remove(path []string) {
	if e := c.at(path); e != nil {
		c.cut(e)
	}
}

// cut leaves a comment behind the value on a line of its own.
func (c *changer) cut(e *entry) {
	end := c.lineEnd(e.end)
	if at := strings.IndexByte(c.text[e.end:end], '#'); at >= 0 && strings.TrimSpace(c.text[e.end:e.end+at]) == "" && !e.head {
		c.splices = append(c.splices, splice{e.start, e.end + at, ""})
		return
	}
	c.splices = append(c.splices, splice{strings.LastIndexByte(c.text[:e.start], '\n') + 1, c.lineEnd(e.end), ""})
}

// removeHeads cuts the heads of tables in which nothing is left, with a blank line
// before them.
func (c *changer) removeHeads(without [][]string) {
	for i, e := range c.entries {
		if !e.head || e.inList {
			continue
		}
		removed, left := 0, 0
		end := c.lineEnd(e.end)
		for _, in := range c.entries[i+1:] {
			if in.head {
				break
			}
			if slices.ContainsFunc(without, func(path []string) bool { return slices.Equal(path, in.path) }) {
				removed++
			} else {
				left++
			}
			if rest := c.text[end : strings.LastIndexByte(c.text[:in.start], '\n')+1]; strings.TrimSpace(rest) != "" {
				left++ // a comment
			}
			end = c.lineEnd(in.end)
		}
		if removed == 0 || left > 0 {
			continue
		}
		from := strings.LastIndexByte(c.text[:e.start], '\n') + 1
		if before := strings.TrimSuffix(c.text[:from], c.newline); strings.HasSuffix(before, "\n") || before == "" {
			from = len(before)
		}
		c.splices = append(c.splices, splice{from, c.lineEnd(e.end), ""})
	}
}

// apply returns the text with everything replaced.
func (c *changer) apply() (string, []Edit) {
	if len(c.added) > 0 {
		text := strings.ReplaceAll(Marshal(c.added), "\n", c.newline)
		if c.text != "" {
			text = c.newline + text
		}
		if c.text != "" && !strings.HasSuffix(c.text, "\n") {
			text = c.newline + text
		}
		c.splices = append(c.splices, splice{len(c.text), len(c.text), text})
	}
	slices.SortStableFunc(c.splices, func(a, b splice) int { return a.from - b.from })
	var text strings.Builder
	var edits []Edit
	done := 0
	for i := 0; i < len(c.splices); {
		s := c.splices[i]
		for i++; i < len(c.splices) && c.splices[i].from <= s.to; i++ { // that touch are one
			s.put += c.splices[i].put
			s.to = max(s.to, c.splices[i].to)
		}
		from := max(s.from, done)
		text.WriteString(c.text[done:from])
		if old := c.text[from:s.to]; old != s.put {
			edits = append(edits, Edit{From: from, To: s.to, Old: old, At: text.Len(), New: s.put})
		}
		text.WriteString(s.put)
		done = s.to
	}
	text.WriteString(c.text[done:])
	return text.String(), edits
}

// Marshal prints values as a file: those of one table together, in the order in which
// the tables are named.
func Marshal(values []Value) string {
	var text strings.Builder
	var table []string
	for i, v := range values {
		above, key := v.Path[:len(v.Path)-1], v.Path[len(v.Path)-1]
		indent := ""
		if len(above) > 0 {
			indent = "  "
		}
		if i == 0 || !slices.Equal(above, table) {
			if i > 0 {
				text.WriteString("\n")
			}
			if len(above) > 0 {
				text.WriteString("[" + Name(above) + "]\n")
			}
			table = above
		}
		text.WriteString(indent + word(key) + " = " + literal(v.Value) + "\n")
	}
	return text.String()
}

// Name is a path of keys as TOML has it: plugins."a.b".c.
func Name(path []string) string {
	words := make([]string, len(path))
	for i, key := range path {
		words[i] = word(key)
	}
	return strings.Join(words, ".")
}

// word is a key, in quotes where it needs them.
func word(key string) string {
	plain := key != "" && !strings.ContainsFunc(key, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-')
	})
	if plain {
		return key
	}
	return quoted(key)
}

// quoted is a basic string. What TOML has no letter for is escaped by its number.
func quoted(text string) string {
	var all strings.Builder
	all.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			all.WriteString(`\` + string(c))
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&all, `\u%04X`, c)
		default:
			all.WriteRune(c)
		}
	}
	all.WriteByte('"')
	return all.String()
}

func literal(value any) string {
	switch value := value.(type) {
	case string:
		return quoted(value)
	case float64:
		text := strconv.FormatFloat(value, 'f', -1, 64)
		if value == math.Trunc(value) && !strings.Contains(text, ".") {
			text += ".0" // a whole number is another type
		}
		return text
	case []any:
		words := make([]string, len(value))
		for i, element := range value {
			words[i] = literal(element)
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	return fmt.Sprint(value)
}

// copied is a tree that shares no table with another.
func copied(tree map[string]any) map[string]any {
	all := make(map[string]any, len(tree))
	for key, value := range tree {
		if table, ok := value.(map[string]any); ok {
			value = copied(table)
		}
		all[key] = value
	}
	return all
}

func put(tree map[string]any, path []string, value any) {
	for _, key := range path[:len(path)-1] {
		table, ok := tree[key].(map[string]any)
		if !ok {
			table = map[string]any{}
			tree[key] = table
		}
		tree = table
	}
	tree[path[len(path)-1]] = value
}

func take(tree map[string]any, path []string) {
	for _, key := range path[:len(path)-1] {
		table, ok := tree[key].(map[string]any)
		if !ok {
			return
		}
		tree = table
	}
	delete(tree, path[len(path)-1])
}

// pruned is a tree without the tables in which nothing is.
func pruned(tree map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range tree {
		if table, ok := value.(map[string]any); ok {
			if table = pruned(table); len(table) == 0 {
				continue
			}
			value = table
		}
		all[key] = value
	}
	return all
}
