package yamledit

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Become edits a document until it says what is wanted: maps with keys of text,
// lists, texts, numbers and booleans as yaml.v3 reads them. What is the same stays
// as it was written. New keys come in the order of their names, behind those that
// are there. The error is a *[PlaceError] where what is there cannot be edited.
func (t *Text) Become(document int, want any) error {
	values, err := t.values()
	if err != nil {
		return err
	}
	return t.become(document, nil, values[document], want)
}

func (t *Text) become(document int, path []any, have, want any) error {
	if reflect.DeepEqual(have, want) {
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
	return placed(path, write(want, func(text string) error { return t.Put(document, text, path...) }))
}

// placed gives an error its path.
func placed(path []any, err error) error {
	if place := (*PlaceError)(nil); errors.As(err, &place) && place.Path == nil {
		place.Path = path
	}
	return err
}

func (t *Text) becomeMap(document int, path []any, have, want map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if err := t.become(document, with(path, key), have[key], want[key]); err != nil {
			return err
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
	i := 0
	for _, step := range align(have, want) {
		var err error
		switch {
		case step.have < 0:
			err = write(want[step.want], func(text string) error { return t.Insert(document, i, text, path...) })
			i++
		case step.want < 0:
			err = t.remove(document, with(path, i))
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
