// Package yamledit changes values in YAML that people wrote and leaves every other
// byte as it is: comments, the order of keys, indentation, line ends.
package yamledit

import (
	"bytes"
	"errors"
	"io"
	"reflect"

	"gopkg.in/yaml.v3"
)

// Text is a YAML stream that is being edited.
type Text struct {
	original []byte
	pieces   []piece
	stream
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

// Parse reads a stream. The error is a *[SyntaxError].
func Parse(text []byte) (*Text, error) {
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	for _, document := range s.documents {
		var value any
		if err := document.Decode(&value); err != nil {
			return nil, unreadable(document, err)
		}
	}
	original := bytes.Clone(text)
	return &Text{original: original, pieces: []piece{{from: 0, to: len(original)}}, stream: s}, nil
}

// Bytes returns the text as it is now.
func (t *Text) Bytes() []byte { return bytes.Clone(t.text) }

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
	return edits
}

// replace puts text in place of a range of the text as it is now, and takes it
// back where the stream does not then say what is wanted.
func (t *Text) replace(from, to int, text string, want []any) error {
	changed := append(append(bytes.Clone(t.text[:from]), text...), t.text[to:]...)
	s, err := parse(changed)
	var got []any
	if err == nil {
		got, err = s.values()
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		return &PlaceError{Line: t.line(from), Message: "this form of YAML cannot be edited in place: write the value in lines of its own"}
	}
	var pieces []piece
	add := func(p piece) {
		if p.len() > 0 {
			pieces = append(pieces, p)
		}
	}
	at, put := 0, false
	for _, p := range t.pieces {
		end := at + p.len()
		add(p.slice(0, min(p.len(), from-at)))
		if !put && end >= from {
			add(piece{put: text})
			put = true
		}
		add(p.slice(max(0, to-at), p.len()))
		at = end
	}
	if !put {
		add(piece{put: text})
	}
	t.pieces, t.stream = pieces, s
	return nil
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
	starts    []int        // of lines
	newline   string
}

func parse(text []byte) (stream, error) {
	s := stream{text: text, starts: lineStarts(text), newline: "\n"}
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		s.newline = "\r\n"
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		node := &yaml.Node{}
		switch err := decoder.Decode(node); {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return s, syntaxError(text, err)
		}
		if err := twice(node); err != nil {
			return s, err
		}
		s.documents = append(s.documents, node)
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
		if err := document.Decode(&values[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}
