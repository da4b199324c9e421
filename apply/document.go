package apply

import (
	"encoding/json"
	"fmt"
	"strings"
)

// document is one document while it is edited: what it says is changed in tree,
// and the text follows.
type document struct {
	*pass
	// at is the line of a path, as long as the text is not changed.
	at   func(path ...any) int
	kind string
	tree map[string]any
	// patch says that this is a patch within a kind cluster, into which kind.Cluster
	// lays ours: only what must go is done here.
	patch bool
}

// group is the API group of an apiVersion, or nothing for the core group.
func group(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// child returns a copy of the mapping at a key, or an empty one. It becomes part of
// the document by keep. What is no mapping is an error.
func (d *document) child(parent map[string]any, key string, path ...any) map[string]any {
	switch value := parent[key].(type) {
	case map[string]any:
		return copied(value)
	case nil:
	default:
		d.invalid(name(with(path, key)), value, "this is no mapping: write fields, or take it out")
	}
	return map[string]any{}
}

// keep puts a mapping into its parent, and takes it out where an edit has left it
// empty. What people wrote empty stays.
func keep(parent map[string]any, key string, child map[string]any) {
	before, _ := parent[key].(map[string]any)
	switch {
	case len(child) > 0:
		parent[key] = child
	case len(before) > 0:
		delete(parent, key)
	}
}

// name is a path as text, "nodes[0].image".
func name(path []any) string {
	var text strings.Builder
	for i, step := range path {
		switch step.(type) {
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		default:
			if i > 0 {
				text.WriteByte('.')
			}
			fmt.Fprint(&text, step)
		}
	}
	return text.String()
}

// invalid collects what is wrong with a setting of the document.
func (d *document) invalid(setting string, value any, format string, args ...any) {
	d.errs = append(d.errs, &DocumentError{Line: d.at(steps(setting)...), Document: d.kind, Setting: setting, Value: shown(value), Message: fmt.Sprintf(format, args...)})
}

// steps are the keys of a setting's name, where it is one.
func steps(setting string) []any {
	var path []any
	for _, key := range strings.Split(setting, ".") {
		path = append(path, key)
	}
	return path
}

// conflict says what to do with a value that is not the spec's: it collects the
// error, or with Overwrite notes what is replaced. ok says to go on with the spec's.
func (d *document) conflict(path []any, setting string, have, want any) (overwrite bool) {
	if !d.Overwrite {
		d.errs = append(d.errs, &ConflictError{Line: d.at(path...), Document: d.kind, Setting: setting, Have: shown(have), Want: shown(want)})
		return false
	}
	d.replace(path, setting, have, want)
	return true
}

// replace notes a setting that changes, or with nil goes.
func (d *document) replace(path []any, setting string, have, want any) {
	s := Setting{Line: d.at(path...), Document: d.kind, Name: setting, Old: shown(have)}
	if want != nil {
		s.New = shown(want)
	}
	d.replaced = append(d.replaced, s)
}

// leave notes a setting that Remove leaves.
func (d *document) leave(path []any, setting string, have any) {
	d.left = append(d.left, Setting{Line: d.at(path...), Document: d.kind, Name: setting, Old: shown(have)})
}

// value lays one value of a mapping in, or takes it out.
func (d *document) value(parent map[string]any, path []any, key, setting string, want any) {
	have, there := parent[key]
	switch same := there && shown(have) == shown(want); {
	case d.remove && same:
		delete(parent, key)
	case d.remove && there && have != nil:
		d.leave(with(path, key), setting, have)
	case d.remove:
	case same && isText(have) == isText(want):
	case same: // the component does not read a text as a number, nor the reverse
		d.replace(with(path, key), setting, fmt.Sprintf("%#v", have), fmt.Sprintf("%#v", want))
		parent[key] = want
	case have == nil:
		if !d.patch {
			parent[key] = want
		}
	case d.conflict(with(path, key), setting, have, want):
		parent[key] = want
	}
}

// shown is a value for people.
func shown(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case map[string]any, []any:
		if text, err := json.Marshal(value); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(value)
}

// text is a value where a text is read, of which null is an empty one.
func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func isText(value any) bool { _, ok := value.(string); return ok }

// with is a path with one more step, which shares nothing with it.
func with(path []any, step any) []any { return append(path[:len(path):len(path)], step) }
