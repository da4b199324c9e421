// Package yamledit changes values in YAML that people wrote and leaves every other
// byte as it is: comments, the order of keys, indentation, line ends.
package yamledit

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Text is a YAML stream that is being edited.
type Text struct {
	original []byte
	pieces   []piece
	stream
	said []any // by the documents
	// ended says that the last line got an end that is not in the original.
	ended bool
	// plan collects what is to be replaced, where that is done at once.
	plan *plan
	// everywhere says that an edit of what is shared is wanted wherever it is used.
	everywhere bool
}

// piece is a part of what a text has become: a range of the original, or text that
// was put in.
type piece struct {
	from, to int // of the original
	put      string
}

func (p piece) len() int { return p.to - p.from + len(p.put) }

// Edit is a place at which a text differs from what it was.
type Edit struct {
	// From and To are the bytes of the original that are gone, and Old is what they
	// were.
	From, To int
	Old      string
	// At is where New is in the text as it is now.
	At  int
	New string
}

// context is how many bytes of the text around an edit are kept.
const context = 60

// Around returns up to 60 bytes of the text as it is now on both sides of New, which hold
// no half of a character.
func (e Edit) Around(now string) (before, after string) {
	end := e.At + len(e.New)
	from, to := max(0, e.At-context), min(len(now), end+context)
	for from < e.At && !utf8.RuneStart(now[from]) {
		from++
	}
	for to > end && to < len(now) && !utf8.RuneStart(now[to]) {
		to--
	}
	return now[from:e.At], now[end:to]
}

// Parse reads a stream. The error is a *[SyntaxError].
func Parse(text []byte) (*Text, error) {
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	said := make([]any, len(s.documents))
	for i, document := range s.documents {
		if said[i], err = decode(document); err != nil {
			return nil, templated(text, unreadable(document, err))
		}
	}
	original := bytes.Clone(text)
	s.text = original
	return &Text{original: original, pieces: []piece{{from: 0, to: len(original)}}, stream: s, said: said}, nil
}

// ParseLines is Parse for readers to which the last line always has an end, since
// they read line by line: kubeadm does, with the YAMLReader of k8s.io/apimachinery.
// To them a text in lines (|) at the end of a file without a last line break ends
// with one. The text gets it when it is edited.
func ParseLines(text []byte) (*Text, error) {
	if isEnded(text) {
		return Parse(text)
	}
	t, err := Parse(append(bytes.Clone(text), newlineOf(text)...))
	if err != nil {
		return nil, err
	}
	t.original, t.ended = t.original[:len(text):len(text)], true
	t.pieces = []piece{{from: 0, to: len(text)}, {put: t.newline}}
	return t, nil
}

func isEnded(text []byte) bool {
	return len(text) == 0 || text[len(text)-1] == '\n' || text[len(text)-1] == '\r'
}

// Bytes returns the text as it is now.
func (t *Text) Bytes() []byte {
	if len(t.Edits()) == 0 {
		return bytes.Clone(t.original)
	}
	return bytes.Clone(t.text)
}

// Edits returns where the text differs from the original, in its order. No two of
// them touch each other.
func (t *Text) Edits() []Edit {
	var edits []Edit
	from, at := 0, 0 // what comes next of the original, and where in the text
	edit := Edit{}
	open := false
	flush := func(to int) {
		if to > from || open {
			edit.From, edit.To, edit.Old = from, to, string(t.original[from:to])
			if edit.Old != edit.New {
				edits = append(edits, edit)
			}
		}
		edit, open = Edit{}, false
	}
	for _, p := range t.pieces {
		if p.put != "" {
			if !open {
				edit.At, open = at, true
			}
			edit.New += p.put
			at += len(p.put)
			continue
		}
		if !open {
			edit.At = at
		}
		flush(p.from)
		from = p.to
		at += p.len()
	}
	if !open {
		edit.At = at
	}
	flush(len(t.original))
	if t.ended && len(edits) == 1 && edits[0] == (Edit{From: len(t.original), To: len(t.original), At: len(t.original), New: t.newline}) {
		return nil
	}
	return edits
}

// splice is a range of a text and what comes in its place.
type splice struct {
	from, to int
	put      string
}

// plan is what is to be replaced in a text, in the order in which it was asked for.
type plan struct{ splices []splice }

// replace puts text in place of a range of the text as it is now, and takes it
// back where the stream does not then say what is wanted.
func (t *Text) replace(from, to int, text string, want []any) error {
	s := splice{from, to, text}
	if t.plan != nil {
		t.plan.splices = append(t.plan.splices, s)
		return nil
	}
	return t.splice(want, s)
}

// splice replaces some ranges of the text at once. In a text whose last line has no
// end, what was last and what is last now may need one to say the same.
func (t *Text) splice(want []any, splices ...splice) error {
	splices = slices.Clone(splices)
	slices.SortStableFunc(splices, func(a, b splice) int { return a.from - b.from })
	for i := range splices[1:] {
		if splices[i].to > splices[i+1].from {
			return &PlaceError{Line: t.line(splices[i].from), Message: "two edits meet here"}
		}
	}
	done := t.commit(want, splices)
	if !done && !isEnded(t.text) {
		end := splice{len(t.text), len(t.text), t.newline}
		head, isBlock := t.lastHead()
		isBlock = isBlock && !slices.ContainsFunc(splices, func(s splice) bool { return s.from < head.to && s.to > head.from })
		done = isBlock && t.commit(want, append(splices, head)) ||
			t.commit(want, append(splices, end)) ||
			isBlock && t.commit(want, append(splices, head, end))
	}
	if !done {
		return &PlaceError{Line: t.line(splices[0].from), Message: "this form of YAML cannot be edited in place: write the value in lines of its own"}
	}
	return nil
}

// commit replaces ranges that do not meet, if the stream then says what is wanted.
func (t *Text) commit(want []any, splices []splice) bool {
	splices = slices.Clone(splices)
	slices.SortStableFunc(splices, func(a, b splice) int { return a.from - b.from })
	var changed []byte
	at := 0
	for _, s := range splices {
		changed = append(append(changed, t.text[at:s.from]...), s.put...)
		at = s.to
	}
	changed = append(changed, t.text[at:]...)
	now, err := parse(changed)
	if err != nil {
		return false
	}
	said, err := now.values()
	if err != nil || !slices.EqualFunc(said, want, equal) {
		return false
	}
	t.pieces = cut(t.pieces, splices)
	t.stream, t.said = now, said
	return true
}

// cut is what pieces are when ranges of their text are replaced, which are in order
// and do not meet.
func cut(pieces []piece, splices []splice) []piece {
	var all []piece
	add := func(p piece) {
		if p.len() > 0 {
			all = append(all, p)
		}
	}
	at := 0 // where the piece begins
	for _, p := range pieces {
		end, done := at+p.len(), at
		for len(splices) > 0 && splices[0].from < end {
			s := splices[0]
			if s.from >= at { // it begins here
				add(p.slice(done-at, s.from-at))
				add(piece{put: s.put})
			}
			done = min(s.to, end)
			if s.to > end {
				break
			}
			splices = splices[1:]
		}
		add(p.slice(done-at, p.len()))
		at = end
	}
	for _, s := range splices {
		if s.from >= at {
			add(piece{put: s.put})
		}
	}
	return all
}

// lastHead is the change of the | or > before a text in lines that ends a stream
// without a last line break: with it the text has none either, whatever is behind.
func (t *Text) lastHead() (splice, bool) {
	if len(t.documents) == 0 {
		return splice{}, false
	}
	node := t.documents[len(t.documents)-1]
	for len(node.Content) > 0 {
		node = node.Content[len(node.Content)-1]
	}
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return splice{}, false
	}
	at := t.content(node)
	to := at + 1
	for to < len(t.text) && strings.IndexByte("+-0123456789", t.text[to]) >= 0 {
		to++
	}
	return splice{at, to, strings.Trim(string(t.text[at:to]), "+-") + "-"}, true
}

// slice is a part of a piece, or nothing.
func (p piece) slice(from, to int) piece {
	switch {
	case to <= from:
		return piece{}
	case p.put != "":
		return piece{put: p.put[from:to]}
	}
	return piece{from: p.from + from, to: p.from + to}
}

// stream is YAML text and what it says.
type stream struct {
	text      []byte
	documents []*yaml.Node // those that say something
	shared    map[*yaml.Node]bool
	starts    []int // of lines
	newline   string
}

func parse(text []byte) (stream, error) {
	s := stream{text: text, shared: map[*yaml.Node]bool{}, starts: lineStarts(text), newline: newlineOf(text)}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		node := &yaml.Node{}
		switch err := decoder.Decode(node); {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return s, templated(text, syntaxError(text, err))
		}
		if err := twice(node); err != nil {
			return s, err
		}
		s.documents = append(s.documents, node)
		share(node, s.shared)
	}
}

// newlineOf is how the lines of a text end.
func newlineOf(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// share marks the nodes that others refer to.
func share(node *yaml.Node, shared map[*yaml.Node]bool) {
	if node.Kind == yaml.AliasNode {
		shared[node.Alias] = true
		return
	}
	for _, child := range node.Content {
		share(child, shared)
	}
}

// lineStarts returns where lines begin. YAML 1.1 has more line breaks than most.
func lineStarts(text []byte) []int {
	starts := []int{0}
	if bytes.HasPrefix(text, []byte("\ufeff")) { // the byte order mark is in no column
		starts[0] = len("\ufeff")
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		case text[i] == '\n' || text[i] == '\r':
			starts = append(starts, i+1)
		case bytes.HasPrefix(text[i:], []byte("\u0085")):
			starts = append(starts, i+2)
		case bytes.HasPrefix(text[i:], []byte("\u2028")), bytes.HasPrefix(text[i:], []byte("\u2029")):
			starts = append(starts, i+3)
		}
	}
	return starts
}

// line is the number of the line of an offset.
func (s stream) line(offset int) int { return lineOf(s.starts, offset) }

// values are what the documents say.
func (s stream) values() ([]any, error) {
	values := make([]any, len(s.documents))
	for i, document := range s.documents {
		var err error
		if values[i], err = decode(document); err != nil {
			return nil, err
		}
	}
	return values, nil
}
