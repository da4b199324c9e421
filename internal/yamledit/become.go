package yamledit

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Become edits a document until it says what is wanted: maps with keys of text,
// lists, texts, numbers and booleans as yaml.v3 reads them. What is the same stays
// as it was written. New keys come in the order of their names, behind those that
// are there. What is shared by an anchor is edited there if that is wanted wherever
// it is used, and otherwise written out. The error is a *[PlaceError] where what is
// there cannot be edited.
func (t *Text) Become(document int, want any) error {
	if err := t.unshare(document, want); err != nil {
		return err
	}
	if t.becomeAtOnce(document, want) == nil {
		return nil
	}
	// Some edit has to be seen in the text before the next one, or cannot be made;
	// one after the other they tell which.
	if err := t.become(document, nil, t.said[document], want); err != nil {
		return err
	}
	if !equal(t.said[document], want) {
		return &PlaceError{Line: t.Line(document), Message: "what is wanted cannot be written as YAML that is read so"}
	}
	return nil
}

// becomeAtOnce finds all edits in the text as it is and makes them together, so
// that it is read once more and not once for each.
func (t *Text) becomeAtOnce(document int, want any) error {
	t.plan = &plan{}
	err := t.become(document, nil, t.said[document], want)
	planned := t.plan.splices
	t.plan = nil
	if err != nil {
		return err
	}
	if len(planned) == 0 {
		if !equal(t.said[document], want) {
			return errors.New("there is no edit that makes it so")
		}
		return nil
	}
	all := slices.Clone(t.said)
	all[document] = copied(want) // what is wanted stays the caller's
	return t.splice(all, planned...)
}

func (t *Text) become(document int, path []any, have, want any) error {
	if equal(have, want) {
		return nil
	}
	haveMap, haveIs := have.(map[string]any)
	wantMap, wantIs := want.(map[string]any)
	if haveIs && wantIs && len(wantMap) > 0 {
		return t.becomeMap(document, path, haveMap, wantMap)
	}
	haveList, haveIs := have.([]any)
	wantList, wantIs := want.([]any)
	if haveIs && wantIs && len(wantList) > 0 {
		return t.becomeList(document, path, haveList, wantList)
	}
	return t.write(document, path, want)
}

// write puts a value at a path.
func (t *Text) write(document int, path []any, want any) error {
	return placed(path, write(want, func(text string) error { return t.put(document, text, path...) }))
}

// placed gives an error its path.
func placed(path []any, err error) error {
	if place := (*PlaceError)(nil); errors.As(err, &place) && place.Path == nil {
		place.Path = path
	}
	return err
}

func (t *Text) becomeMap(document int, path []any, have, want map[string]any) error {
	keys := slices.Sorted(maps.Keys(want))
	for _, isNew := range []bool{false, true} { // a new one goes behind what the others become
		for _, key := range keys {
			if _, there := have[key]; there == isNew {
				continue
			}
			err := error(nil)
			if isNew { // which may be null
				err = t.write(document, with(path, key), want[key])
			} else {
				err = t.become(document, with(path, key), have[key], want[key])
			}
			if err != nil {
				return err
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, stays := want[key]; !stays {
			if err := t.remove(document, with(path, key)); err != nil {
				return placed(with(path, key), err)
			}
		}
	}
	return nil
}

// becomeList keeps the items that are wanted, changes those that are most alike,
// and puts in or takes out the rest.
func (t *Text) becomeList(document int, path []any, have, want []any) error {
	i := 0 // of what is there, which in a plan is the list as it was
	for _, step := range align(have, want) {
		var err error
		switch {
		case step.have < 0:
			err = write(want[step.want], func(text string) error { return t.insertItem(document, i, text, path...) })
			if t.plan == nil {
				i++
			}
		case step.want < 0:
			err = t.remove(document, with(path, i))
			if t.plan != nil {
				i++
			}
		default:
			err = t.become(document, with(path, i), have[step.have], want[step.want])
			i++
		}
		if err != nil {
			return placed(path, err)
		}
	}
	return nil
}

// write writes a value as people do, or a text in quotes where the lines of it
// cannot stand for themselves, such as when empty ones are at its end.
func write(value any, put func(string) error) error {
	text, err := marshal(value)
	if err != nil {
		return err
	}
	if said, ok := value.(string); ok && text[0] == '"' {
		if lines := literal(said); lines != "" && put(lines) == nil {
			return nil
		}
	}
	err = put(text)
	if _, ok := value.(string); ok && err != nil {
		if put(asJSON(value)) == nil {
			return nil
		}
	}
	return err
}

// literal writes a text of several lines as a block, which the library does not do
// where a line ends with a space, or nothing where that is no matter of lines.
func literal(text string) string {
	body, ends := strings.CutSuffix(text, "\n")
	if !strings.Contains(body, "\n") || strings.HasPrefix(text, " ") || strings.HasSuffix(body, "\n") {
		return ""
	}
	head := "|-"
	if ends {
		head = "|"
	}
	return head + indentLines("\n"+body, "  ") + "\n"
}

// marshal writes a value as people do, with two spaces.
func marshal(value any) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(value)
	return text.String(), err
}

// with is a path with one more step, which shares nothing with it.
func with(path []any, step any) []any { return append(slices.Clone(path), step) }
