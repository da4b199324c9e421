package yamledit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Len is how many documents there are that say something.
func (t *Text) Len() int { return len(t.documents) }

// Value is what a document says at a path of keys (string) and indexes (int), and
// whether it says anything there.
func (t *Text) Value(document int, path ...any) (any, bool) {
	value, there := valueAt(t.said[document], path)
	return copied(value), there
}

// copied is a value that shares nothing with another.
func copied(value any) any {
	switch value := value.(type) {
	case map[string]any:
		all := make(map[string]any, len(value))
		for key, v := range value {
			all[key] = copied(v)
		}
		return all
	case []any:
		all := make([]any, len(value))
		for i, v := range value {
			all[i] = copied(v)
		}
		return all
	}
	return value
}

// Line is the line of what stands at a path, or of the last of its parents that
// is there. What is in an alias is where its anchor is.
func (t *Text) Line(document int, path ...any) int {
	node := t.documents[document].Content[0]
	for _, step := range path {
		around := node
		if around.Kind == yaml.AliasNode {
			around = around.Alias
		}
		next := child(around, step)
		if next == nil {
			break
		}
		node = next
	}
	return node.Line
}

// put writes a value, as YAML, at a path. Keys that are not there are added at the
// end of the mapping that they belong to; an index has to be there.
func (t *Text) put(document int, value string, path ...any) error {
	says, err := read(value)
	if err != nil {
		return err
	}
	want, err := t.wanted(document, path, says)
	if err != nil {
		return err
	}
	nodes, rest, err := t.walk(document, path)
	if err != nil {
		return err
	}
	for i := len(rest) - 1; i > 0; i-- {
		value = nest(rest[i], value)
	}
	node := nodes[len(nodes)-1]
	switch {
	case len(rest) == 0 || node.Kind != yaml.MappingNode || len(node.Content) == 0:
		if len(rest) > 0 {
			value = nest(rest[0], value)
		}
		return t.set(nodes, value, want)
	default:
		return t.insert(node, fmt.Sprint(rest[0]), value, want)
	}
}

// appendItem writes a value, as YAML, behind the last item of the sequence at a path,
// which is made where there is none.
func (t *Text) appendItem(document int, value string, path ...any) error {
	says, err := read(value)
	if err != nil {
		return err
	}
	there, _ := valueAt(t.said[document], path)
	items, isList := there.([]any)
	if there != nil && !isList {
		return fmt.Errorf("line %d: there is no list: write one", t.Line(document, path...))
	}
	if len(items) == 0 {
		return t.put(document, "- "+indent(value, "  ")+"\n", path...)
	}
	want, err := t.wanted(document, path, append(items[:len(items):len(items)], says))
	if err != nil {
		return err
	}
	nodes, _, err := t.walk(document, path)
	if err != nil {
		return err
	}
	node := nodes[len(nodes)-1]
	if node.Style&yaml.FlowStyle != 0 {
		return t.insertFlow(node, node.Content[len(node.Content)-1], "", says, want)
	}
	dash, err := t.dash(node.Content[0])
	if err != nil {
		return err
	}
	column := t.column(dash)
	end, err := t.end(node, column, false)
	if err != nil {
		return err
	}
	at := t.lineEnd(end)
	spaces := strings.Repeat(" ", column)
	return t.replace(at, at, t.lines("\n"+spaces+item(value, spaces)), want)
}

// insertItem writes a value, as YAML, before an item of the sequence at a path.
func (t *Text) insertItem(document, index int, value string, path ...any) error {
	says, err := read(value)
	if err != nil {
		return err
	}
	there, _ := valueAt(t.said[document], path)
	items, _ := there.([]any)
	if index >= len(items) {
		return t.appendItem(document, value, path...)
	}
	want, err := t.wanted(document, path, slices.Insert(slices.Clone(items), index, says))
	if err != nil {
		return err
	}
	nodes, _, err := t.walk(document, path)
	if err != nil {
		return err
	}
	node := nodes[len(nodes)-1]
	next := node.Content[index]
	if node.Style&yaml.FlowStyle != 0 {
		from := t.start(next)
		between := ", "
		if before := t.before(from); strings.TrimSpace(before) == "" {
			between = "," + t.newline + before
		}
		return t.replace(from, from, asJSON(says)+between, want)
	}
	dash, err := t.dash(next)
	if err != nil {
		return err
	}
	spaces := strings.Repeat(" ", t.column(dash))
	return t.replace(dash, dash, t.lines(item(value, spaces)+"\n"+spaces), want)
}

// AppendDocument writes a document, as YAML, behind the last.
func (t *Text) AppendDocument(value string) error {
	says, err := read(value)
	if err != nil {
		return err
	}
	value = "---\n" + value
	if n := len(t.text); n > 0 && t.text[n-1] != '\n' {
		value = "\n" + value
	}
	return t.replace(len(t.text), len(t.text), t.lines(value), append(slices.Clip(t.said), says))
}

// remove takes out the key or item at a path, if it is there. The last one of a
// mapping or sequence is not taken out alone, which would leave null.
func (t *Text) remove(document int, path []any) error {
	if _, there := valueAt(t.said[document], path); !there {
		return nil
	}
	want, err := t.wanted(document, path, nothing{})
	if err != nil {
		return err
	}
	nodes, rest, err := t.walk(document, path)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		around := nodes[len(nodes)-1]
		if merge := mergeKey(around); merge != nil {
			return &PlaceError{Path: with(path[:len(path)-len(rest)], merge.Value), Line: merge.Line, Message: "this comes from a merge key: write it out"}
		}
		return &PlaceError{Path: path, Line: around.Line, Message: "this is written in a way that is not understood: write it as key: value"}
	}
	return t.cut(nodes[len(nodes)-2], nodes[len(nodes)-1], want)
}

// cut takes a node out of the mapping or sequence around it, with its key.
func (t *Text) cut(around, node *yaml.Node, want []any) error {
	i, step := 0, 1
	var err error
	if around.Kind == yaml.MappingNode {
		step = 2
	}
	for around.Content[i+step-1] != node {
		i += step
	}
	first := around.Content[i] // the key, or the item
	flow := around.Style&yaml.FlowStyle != 0
	column := first.Column - 1
	from := t.start(first)
	if around.Kind == yaml.SequenceNode && !flow {
		if from, err = t.dash(first); err != nil {
			return err
		}
		column = t.column(from)
	}
	end, err := t.end(node, column, flow)
	if err != nil {
		return err
	}
	last := i+step == len(around.Content)
	switch {
	case flow && last && i > 0:
		before, err := t.end(around.Content[i-1], column, true)
		if err != nil {
			return err
		}
		return t.replace(before, end, "", want)
	case flow && last:
		return t.replace(from, end, "", want)
	case !last && (flow || strings.TrimSpace(t.before(from)) != ""):
		next := t.start(around.Content[i+step])
		if around.Kind == yaml.SequenceNode && !flow {
			if next, err = t.dash(around.Content[i+step]); err != nil {
				return err
			}
		}
		return t.replace(from, next, "", want)
	}
	start, stop := t.starts[t.line(from)-1], t.lineEnd(end)
	if rest := string(t.text[stop:]); strings.HasPrefix(rest, "\r\n") {
		stop += 2
	} else if rest != "" {
		stop++
	} else if start > 0 { // the last line has no end: that of the one before goes
		start--
		if start > 0 && t.text[start-1] == '\r' {
			start--
		}
	}
	return t.replace(start, stop, "", want)
}

// before is what stands before an offset in its line.
func (t *Text) before(offset int) string { return string(t.text[t.starts[t.line(offset)-1]:offset]) }

// walk follows a path as far as there are nodes, and returns them, the document's
// content first, and the rest of the path. What is shared is not passed but where
// an edit is wanted everywhere; an alias may be the last.
func (t *Text) walk(document int, path []any) (nodes []*yaml.Node, rest []any, err error) {
	node := t.documents[document].Content[0]
	for i := 0; ; i++ {
		switch isAlias := node.Kind == yaml.AliasNode; {
		case isAlias && i < len(path):
			return nil, nil, &PlaceError{Path: path[:i:i], Line: node.Line, Message: fmt.Sprintf("what stands here is shared: *%s is what line %d says, and an edit would change both: write it out", node.Value, node.Alias.Line)}
		case !isAlias && t.shared[node] && !t.everywhere:
			return nil, nil, &PlaceError{Path: path[:i:i], Line: node.Line, Message: fmt.Sprintf("what stands here is shared: it is written once, as &%s, and used as *%s elsewhere, and an edit would change both: write it out", node.Anchor, node.Anchor)}
		}
		nodes = append(nodes, node)
		if i == len(path) {
			return nodes, nil, nil
		}
		next := child(node, path[i])
		if next == nil {
			return nodes, path[i:], nil
		}
		node = next
	}
}

// read returns what the YAML of a value says.
func read(value string) (any, error) {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(value), &node); err != nil {
		return nil, fmt.Errorf("the value to write: %w", err)
	}
	return decode(&node)
}

func child(node *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case string:
		if node.Kind != yaml.MappingNode {
			return nil
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1]
			}
		}
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step]
		}
	}
	return nil
}

// mergeKey is the key of a mapping that merges others into it.
func mergeKey(node *yaml.Node) *yaml.Node {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag == "!!merge" {
			return node.Content[i]
		}
	}
	return nil
}

// set puts a value in the place of the last of nodes.
func (t *Text) set(nodes []*yaml.Node, value string, want []any) error {
	node := nodes[len(nodes)-1]
	if len(nodes) == 1 {
		return fmt.Errorf("line %d: a document cannot be replaced as a whole", node.Line)
	}
	around := nodes[len(nodes)-2]
	flow := around.Style&yaml.FlowStyle != 0
	column := around.Content[0].Column - 1
	from := t.start(node)
	if around.Kind == yaml.SequenceNode && !flow {
		dash, err := t.dash(node)
		if err != nil {
			return err
		}
		column = t.column(dash)
	}
	end, err := t.end(node, column, flow)
	if err != nil {
		return err
	}
	if t.shared[node] && node.Kind == yaml.ScalarNode { // the anchor stays
		from = t.content(node)
	}
	says, err := read(value)
	if err != nil {
		return err
	}
	if !isBlock(says) || flow {
		// It may be a text of several lines.
		text := t.lines(indentLines(strings.TrimSuffix(value, "\n"), strings.Repeat(" ", column)))
		if flow {
			text = asJSON(says)
		}
		block := node.Kind != yaml.ScalarNode && node.Style&yaml.FlowStyle == 0 && len(node.Content) > 0
		if block && around.Kind == yaml.MappingNode { // it goes behind its key
			if from, err = t.colon(around, node, column); err != nil {
				return err
			}
		}
		if isEmpty(node) || block {
			text = " " + text
		}
		return t.replace(from, end, text, want)
	}
	if around.Kind == yaml.MappingNode {
		if from, err = t.colon(around, node, column); err != nil {
			return err
		}
	}
	stop := t.lineEnd(end)
	comment := strings.TrimRight(string(t.text[end:stop]), " \t")
	spaces := strings.Repeat(" ", column+2)
	return t.replace(from, stop, comment+t.lines("\n"+spaces+indent(value, spaces)), want)
}

// colon is the place behind the colon of a value's key.
func (t *Text) colon(around, value *yaml.Node, column int) (int, error) {
	at, err := t.end(around.Content[indexOf(around, value)-1], column, false)
	for at < len(t.text) && t.text[at] != ':' {
		at++
	}
	return min(at+1, len(t.text)), err
}

func indexOf(around, node *yaml.Node) int {
	for i, child := range around.Content {
		if child == node {
			return i
		}
	}
	return -1
}

// insert adds a key at the end of a mapping that has others.
func (t *Text) insert(mapping *yaml.Node, key, value string, want []any) error {
	last := mapping.Content[len(mapping.Content)-1]
	says, err := read(value)
	if err != nil {
		return err
	}
	if mapping.Style&yaml.FlowStyle != 0 {
		return t.insertFlow(mapping, last, asJSON(key)+": ", says, want)
	}
	column := mapping.Content[0].Column - 1
	end, err := t.end(last, column, false)
	if err != nil {
		return err
	}
	at := t.lineEnd(end)
	spaces := strings.Repeat(" ", column)
	return t.replace(at, at, t.lines("\n"+indent(nest(key, value), spaces, true)), want)
}

// insertFlow adds an entry behind the last of a collection in brackets, in a line
// of its own where that one has one.
func (t *Text) insertFlow(around, last *yaml.Node, key string, value any, want []any) error {
	end, err := t.end(last, 0, true)
	if err != nil {
		return err
	}
	first := last
	if around.Kind == yaml.MappingNode {
		first = around.Content[len(around.Content)-2]
	}
	between := ", "
	if before := t.before(t.start(first)); strings.TrimSpace(before) == "" {
		between = "," + t.newline + before
	}
	return t.replace(end, end, between+key+asJSON(value), want)
}

// item is a value as an item of a sequence whose dashes have spaces before them. A
// text in lines of its own is indented already.
func item(value, spaces string) string {
	if strings.HasPrefix(value, "|") {
		return "- " + indentLines(strings.TrimSuffix(value, "\n"), spaces)
	}
	return "- " + indent(value, spaces+"  ")
}

// indentLines puts spaces before all lines but the first and the empty ones.
func indentLines(text, spaces string) string {
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = spaces + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// lines writes the line ends of a generated text as the document has them.
func (t *Text) lines(text string) string { return strings.ReplaceAll(text, "\n", t.newline) }

// nest is a mapping of one key.
func nest(key any, value string) string {
	says, _ := read(value) // which was read before
	inline := strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[")
	if (isBlock(says) && !inline) || strings.HasPrefix(value, "|") {
		if strings.HasPrefix(value, "|") {
			return scalar(key) + ": " + strings.TrimRight(value, "\n")
		}
		return scalar(key) + ":\n  " + indent(value, "  ")
	}
	return scalar(key) + ": " + strings.TrimSpace(value)
}

// scalar is a key as YAML.
func scalar(key any) string {
	text, _ := yaml.Marshal(fmt.Sprint(key)) // a text always marshals
	return strings.TrimSpace(string(text))
}

// isBlock says whether a value is written in lines of its own.
func isBlock(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return false
}

// indent puts spaces before all lines but the first, or before that too.
func indent(text, spaces string, all ...bool) string {
	text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+spaces)
	if len(all) > 0 {
		return spaces + text
	}
	return text
}

func asJSON(value any) string {
	text, _ := json.Marshal(value) // what YAML with keys of text says always marshals
	return string(text)
}

func valueAt(tree any, path []any) (any, bool) {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			mapping, _ := tree.(map[string]any)
			value, there := mapping[step]
			if !there {
				return nil, false
			}
			tree = value
		case int:
			list, _ := tree.([]any)
			if step >= len(list) {
				return nil, false
			}
			tree = list[step]
		}
	}
	return tree, true
}

func putIn(tree any, path []any, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch step := path[0].(type) {
	case string:
		mapping, isMapping := tree.(map[string]any)
		if tree != nil && !isMapping {
			return nil, fmt.Errorf("%s is to go into what is no mapping: %v", step, tree)
		}
		changed := make(map[string]any, len(mapping)+1)
		for key, value := range mapping {
			changed[key] = value
		}
		var err error
		changed[step], err = putIn(mapping[step], path[1:], value)
		return changed, err
	case int:
		list, _ := tree.([]any)
		if step >= len(list) {
			return nil, fmt.Errorf("there is no item %d", step)
		}
		changed := append([]any(nil), list...)
		var err error
		changed[step], err = putIn(list[step], path[1:], value)
		return changed, err
	}
	return nil, fmt.Errorf("%v is no key and no index", path[0])
}

func removeIn(tree any, path []any) any {
	switch step := path[0].(type) {
	case string:
		mapping, isMapping := tree.(map[string]any)
		if !isMapping { // it has a key that is no text
			return tree
		}
		changed := map[string]any{}
		for key, value := range mapping {
			if key != step {
				changed[key] = value
			} else if len(path) > 1 {
				changed[key] = removeIn(value, path[1:])
			}
		}
		return changed
	case int:
		var changed []any
		for i, value := range tree.([]any) {
			if i != step {
				changed = append(changed, value)
			} else if len(path) > 1 {
				changed = append(changed, removeIn(value, path[1:]))
			}
		}
		return changed
	}
	return tree
}
