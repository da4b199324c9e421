package yamledit

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// nothing is wanted where a key or an item is to go.
type nothing struct{}

// wanted is what the stream says with another value at a path, or with nothing
// there. In a plan it is not asked, since only the end of it is compared.
func (t *Text) wanted(document int, path []any, value any) ([]any, error) {
	if t.plan != nil {
		return nil, nil
	}
	want := slices.Clone(t.said)
	paths := [][]any{path}
	if t.everywhere {
		paths = t.uses(document, path)
	}
	for _, path := range paths {
		if (value == nothing{}) {
			want[document] = removeIn(want[document], path)
			continue
		}
		var err error
		if want[document], err = putIn(want[document], path, value); err != nil {
			return nil, err
		}
	}
	return want, nil
}

// uses are all paths at which a document says what is written at one.
func (t *Text) uses(document int, path []any) [][]any {
	root := t.documents[document].Content[0]
	shared, rest := (*yaml.Node)(nil), path
	for i, node := 0, root; node != nil; i++ {
		if t.shared[node] {
			shared, rest = node, path[i:]
		}
		if i == len(path) {
			break
		}
		node = child(node, path[i])
	}
	if shared == nil {
		return [][]any{path}
	}
	var all [][]any
	var visit func(node *yaml.Node, path []any, hidden map[string]bool)
	visit = func(node *yaml.Node, path []any, hidden map[string]bool) {
		node = aliased(node)
		if node == shared {
			if key, isKey := first(rest).(string); !isKey || !hidden[key] {
				all = append(all, slices.Concat(path, rest))
			}
			return
		}
		switch node.Kind {
		case yaml.SequenceNode:
			for i, item := range node.Content {
				visit(item, with(path, i), nil)
			}
		case yaml.MappingNode:
			hidden = maps.Clone(hidden)
			if hidden == nil {
				hidden = map[string]bool{}
			}
			for key, value := range pairs(node) {
				if key.Tag != "!!merge" && !hidden[key.Value] {
					visit(value, with(path, key.Value), nil)
					hidden[key.Value] = true
				}
			}
			for _, source := range sources(node) {
				visit(source, path, hidden)
				for key := range valueOf(source) {
					hidden[key] = true
				}
			}
		}
	}
	visit(root, nil, nil)
	return all
}

func first(path []any) any {
	if len(path) == 0 {
		return nil
	}
	return path[0]
}

// aliased is the node that another stands for.
func aliased(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// pairs are the keys and values of a mapping.
func pairs(mapping *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}

// sources are the mappings that are merged into one. What stands first wins.
func sources(mapping *yaml.Node) []*yaml.Node {
	for key, value := range pairs(mapping) {
		if key.Tag != "!!merge" {
			continue
		}
		if value.Kind == yaml.SequenceNode {
			return value.Content
		}
		return []*yaml.Node{value}
	}
	return nil
}

// valueOf is what a mapping says.
func valueOf(node *yaml.Node) map[string]any {
	value, _ := decode(node) // which was read before, as part of the document
	fields, _ := value.(map[string]any)
	return fields
}

// Shares says whether a document has aliases, and merge keys.
func (t *Text) Shares(document int) (aliases, merges bool) {
	var visit func(*yaml.Node)
	visit = func(node *yaml.Node) {
		aliases = aliases || node.Kind == yaml.AliasNode
		merges = merges || node.Tag == "!!merge"
		for _, child := range node.Content {
			visit(child)
		}
	}
	visit(t.documents[document])
	return aliases, merges
}

// unshare makes a document fit for what it is to say. Of what is shared by an anchor
// it edits the anchor, where that gives all that use it what is wanted of them, and
// writes out the other uses.
func (t *Text) unshare(document int, want any) error {
	if len(t.shared) == 0 {
		return nil
	}
	var found *survey
	for {
		found = t.survey(document, want)
		if len(found.apart) == 0 {
			break
		}
		// One alias can hold others, of which other things are wanted when it is
		// written out.
		for _, path := range slices.Backward(found.apart) {
			if err := t.writeOut(document, path); err != nil {
				return err
			}
		}
	}
	t.everywhere = true
	defer func() { t.everywhere = false }()
	for i, anchor := range found.anchors {
		within := func(outer place) bool {
			return len(outer.path) < len(anchor.path) && reflect.DeepEqual(outer.path, anchor.path[:len(outer.path)])
		}
		if slices.ContainsFunc(found.anchors[:i], within) || !t.isShared(document, anchor.path) {
			continue // it is what the one around it is wanted to be, or nobody uses it
		}
		have, _ := valueAt(t.said[document], anchor.path)
		if err := t.become(document, anchor.path, have, anchor.want); err != nil {
			return err
		}
	}
	return nil
}

// isShared says whether others refer to what is at a path.
func (t *Text) isShared(document int, path []any) bool {
	nodes, rest, err := t.walk(document, path)
	return err == nil && len(rest) == 0 && t.shared[nodes[len(nodes)-1]]
}

// place is a node and what is wanted there.
type place struct {
	node *yaml.Node
	path []any
	want any
}

// survey is what is wanted of what is shared.
type survey struct {
	anchors []place            // that stay
	wants   map[*yaml.Node]any // of all anchors that stay
	apart   [][]any            // the aliases, and the mappings with merge keys, that have to be written out
}

func (t *Text) survey(document int, want any) *survey {
	s := &survey{wants: map[*yaml.Node]any{}}
	s.visit(t.documents[document].Content[0], nil, t.said[document], want)
	return s
}

// visit looks at a node, what it says and what is wanted of it.
func (s *survey) visit(node *yaml.Node, path []any, have, want any) {
	haveMap, _ := have.(map[string]any)
	haveList, _ := have.([]any)
	wantMap, _ := want.(map[string]any)
	wantList, _ := want.([]any)
	switch {
	case node.Kind == yaml.AliasNode:
		if there, stays := s.wants[node.Alias]; want != (any)(nothing{}) && (!stays || !equal(there, want)) {
			s.apart = append(s.apart, path)
		}
		return
	case equal(have, want):
	case node.Kind == yaml.MappingNode && (len(wantMap) == 0 || len(haveMap) == 0), // it is replaced as a whole
		node.Kind == yaml.SequenceNode && (len(wantList) == 0 || len(haveList) == 0),
		node.Kind == yaml.ScalarNode && isBlock(want):
		want, wantMap, wantList = nothing{}, nil, nil
	}
	if node.Anchor != "" && want != (any)(nothing{}) {
		s.wants[node] = want
		s.anchors = append(s.anchors, place{node, path, want})
	}
	switch node.Kind {
	case yaml.SequenceNode:
		wants := make([]any, len(node.Content))
		for i := range wants {
			wants[i] = nothing{}
		}
		for _, step := range align(haveList, wantList) {
			if step.have >= 0 && step.want >= 0 {
				wants[step.have] = wantList[step.want]
			}
		}
		for i, item := range node.Content {
			s.visit(item, with(path, i), valueIn(haveList, i), wants[i])
		}
	case yaml.MappingNode:
		written := map[string]bool{}
		for key, value := range pairs(node) {
			if key.Tag == "!!merge" {
				continue
			}
			written[key.Value] = true
			childWant, stays := wantMap[key.Value]
			if !stays {
				childWant = nothing{}
			}
			s.visit(value, with(path, key.Value), haveMap[key.Value], childWant)
		}
		if want != (any)(nothing{}) && !s.mergesFit(node, written, wantMap) {
			s.apart = append(s.apart, path)
		}
	}
}

func valueIn(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// mergesFit says whether a mapping, of which some keys are written, is what is wanted
// when what is merged into it is what is wanted of that.
func (s *survey) mergesFit(node *yaml.Node, written map[string]bool, want map[string]any) bool {
	merged, before := map[string]any{}, map[string]bool{}
	for _, source := range sources(node) {
		says, stays := s.wants[aliased(source)].(map[string]any)
		if source.Kind != yaml.AliasNode {
			says, stays = valueOf(source), true
		}
		if !stays {
			return false
		}
		for key, value := range says {
			if _, there := merged[key]; !there {
				merged[key] = value
			}
		}
		for key := range valueOf(source) {
			before[key] = true
		}
	}
	for key, value := range merged {
		wanted, stays := want[key]
		if !stays || !written[key] && !equal(value, wanted) {
			return false
		}
	}
	return true
}

// writeOut writes what an alias stands for in its place, or what a mapping gets of
// its merge key. The document says the same then.
func (t *Text) writeOut(document int, path []any) error {
	nodes := []*yaml.Node{t.documents[document].Content[0]}
	for _, step := range path {
		nodes = append(nodes, child(nodes[len(nodes)-1], step))
	}
	node := nodes[len(nodes)-1]
	says, _ := valueAt(t.said[document], path)
	flow := slices.ContainsFunc(nodes[:len(nodes)-1], func(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 })
	if node.Kind == yaml.AliasNode {
		return t.writeOutAlias(nodes[len(nodes)-2], node, says, path, flow)
	}
	return t.writeOutMerge(node, says, path, flow || node.Style&yaml.FlowStyle != 0)
}

func (t *Text) writeOutAlias(around, alias *yaml.Node, says any, path []any, flow bool) error {
	from := t.start(alias)
	to := from + 1 + len(alias.Value)
	column := t.column(from)
	var at, before string
	if around.Kind == yaml.MappingNode && !flow { // a block goes into lines of its own
		column = around.Content[0].Column + 1
		before = t.newline + strings.Repeat(" ", column)
		at = string(t.text[to:t.lineEnd(to)]) // the comment stays in the line of the key
	}
	isLines := alias.Alias.Style&yaml.FlowStyle == 0 && (alias.Alias.Kind == yaml.MappingNode || alias.Alias.Kind == yaml.SequenceNode)
	text, err := t.copyOf(alias.Alias, column)
	switch {
	case err != nil || isLines && flow || alias.Alias.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
	case isLines && before != "":
		key, err := t.colon(around, alias, column)
		if err == nil && t.replace(key, to+len(at), strings.TrimRight(at, " \t")+before+text, t.said) == nil {
			return nil
		}
	case t.replace(from, to, text, t.said) == nil:
		return nil
	}
	if t.replace(from, to, asJSON(says), t.said) == nil {
		return nil
	}
	return &PlaceError{Path: path, Line: alias.Line, Message: fmt.Sprintf("what stands here is shared: *%s is what line %d says, and it cannot be written out in this place: write it out", alias.Value, alias.Alias.Line)}
}

// copyOf is the text of a node, its later lines so far in as its first is in a
// column, without the anchors in it, which are those of the original.
func (t *Text) copyOf(node *yaml.Node, column int) (string, error) {
	if isEmpty(node) {
		return "null", nil
	}
	from, indent := t.content(node), node.Column-1
	if len(node.Content) > 0 && node.Style&yaml.FlowStyle == 0 {
		from = t.start(node.Content[0])
		if node.Kind == yaml.SequenceNode {
			dash, err := t.dash(node.Content[0])
			if err != nil {
				return "", err
			}
			from = dash
		}
		indent = t.column(from)
	}
	to, err := t.end(node, indent, false)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	at := from
	var visit func(*yaml.Node)
	visit = func(n *yaml.Node) {
		if start := t.start(n); n != node && n.Kind != yaml.AliasNode && n.Anchor != "" && start >= at {
			text.Write(t.text[at:start])
			at = start + 1 + len(n.Anchor)
			for at < to && t.text[at] == ' ' {
				at++
			}
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	visit(node)
	text.Write(t.text[at:to])
	lines := strings.Split(text.String(), "\n")
	for i, line := range lines[1:] {
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		if strings.TrimSpace(line) != "" {
			lines[i+1] = strings.Repeat(" ", column) + line[min(spaces, indent):]
		}
	}
	return strings.Join(lines, "\n"), nil
}

func (t *Text) writeOutMerge(mapping *yaml.Node, says any, path []any, flow bool) error {
	rest := maps.Clone(says.(map[string]any))
	var merge, value *yaml.Node
	for k, v := range pairs(mapping) {
		if k.Tag == "!!merge" {
			merge, value = k, v
		}
		delete(rest, k.Value)
	}
	err := error(nil)
	if len(rest) == 0 {
		err = t.cut(mapping, value, t.said)
	} else {
		column := merge.Column - 1
		text, _ := marshal(rest) // what YAML says always marshals
		text = t.lines(indent(text, strings.Repeat(" ", column)))
		if flow {
			text = strings.TrimSuffix(strings.TrimPrefix(asJSON(rest), "{"), "}")
		}
		var to int
		if to, err = t.end(value, column, flow); err == nil {
			err = t.replace(t.start(merge), to, text, t.said)
		}
	}
	if err != nil {
		return &PlaceError{Path: path, Line: merge.Line, Message: "what is merged here (<<) is shared, and cannot be written out in this place: write it out"}
	}
	return nil
}
