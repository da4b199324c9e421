package edit

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/yamledit"
)

// patchesJSON edits the JSON patches of a cluster or a node of kind.
func (d *document) patchesJSON(fields map[string]any, at []any) {
	list := withoutNull(d.list(fields, jsonPatches, at...))
	for i, element := range list {
		patch, ok := element.(map[string]any)
		where := appending(at, jsonPatches, i)
		if !ok {
			d.invalid(where, element, "this is no patch: write group, version, kind and patch")
			continue
		}
		if d.passedOver(text(patch["group"]) + "/" + text(patch["version"])) {
			continue
		}
		where = appending(where, "patch")
		edited, message := d.jsonPatch(text(patch["kind"]), text(patch["patch"]), where)
		if message != "" {
			d.problem(Problem{Path: where, Setting: yamledit.Name(where), Message: message})
			continue
		}
		if edited != patch["patch"] {
			patch = copied(patch)
			patch["patch"] = edited
			list[i] = patch
		}
	}
	if len(list) > 0 {
		fields[jsonPatches] = list
	}
}

// jsonPatch edits the operations of a JSON patch: one that writes a whole part of the
// document takes the place of ours there, and so has to have them.
func (d *document) jsonPatch(kind, patch string, at []any) (edited, message string) {
	parsed, err := yamledit.Parse([]byte(patch))
	if err != nil {
		return "", messageOf(err)
	}
	if parsed.Len() == 0 {
		return patch, ""
	}
	value, _ := parsed.Value(0)
	given, ok := value.([]any)
	if !ok || parsed.Len() > 1 {
		return "", "it is no list of JSON patch operations: write one"
	}
	operations := slices.Clone(given)
	for i, element := range operations {
		operation, ok := element.(map[string]any)
		if !ok {
			return "", "it is no list of JSON patch operations: write op, path and value for each"
		}
		changed, message := d.operation(kind, operation, at)
		if message != "" {
			return "", message
		}
		operations[i] = changed
	}
	if reflect.DeepEqual(given, operations) {
		return patch, ""
	}
	return rewritten(parsed, []any{operations}), ""
}

// operation edits one operation of a JSON patch.
func (d *document) operation(kind string, operation map[string]any, at []any) (edited map[string]any, message string) {
	verb, pointer, from := text(operation["op"]), text(operation["path"]), text(operation["from"])
	want := d.wanted(kind)
	delete(want, "kind")
	inside, hit := below(want, steps(pointer))
	_, taken := below(want, steps(from))
	list, appends := strings.CutSuffix(pointer, "/-")
	switch {
	case verb == "test" || editorFor(kind) == nil:
		return operation, ""
	case d.Remove:
		d.leaveOperation(kind, operation, at)
		return operation, ""
	case verb == "move" && taken:
		return nil, fmt.Sprintf("the operation %q from %s takes away what tracing needs: take it out", verb, from)
	case (verb == "copy" || verb == "move") && strings.HasPrefix(pointer, "/etcd/"):
		return nil, fmt.Sprintf("the operation %q to %s may decide which etcd runs, and its flags depend on it: write the value with the operation add", verb, pointer)
	case hit && verb == "remove", hit && inside == nil && !appends, hit && verb != "add" && verb != "replace":
		return nil, fmt.Sprintf("the operation %q on %s changes what tracing needs: take it out", verb, pointer)
	case verb == "remove" || verb == "copy" || verb == "move":
		return operation, ""
	}
	part := fragment
	if inside != nil && !appends {
		part = whole
	}
	path := steps(pointer)
	if appends {
		path = steps(list + "/0")
	}
	if _, isMapping := operation["value"].(map[string]any); len(path) == 0 && !isMapping {
		return nil, fmt.Sprintf("the operation %q writes a whole document, and its value is no mapping: write one", verb)
	}
	before := d.Added
	result := d.inPatch(nested(kind, path, operation["value"]), at, part)
	now, there := valueAt(result, path)
	switch {
	case !there:
		return nil, fmt.Sprintf("the operation %q on %s sets what the spec sets in another spelling, or what this release does not take: take it out", verb, pointer)
	case reflect.DeepEqual(now, operation["value"]):
		d.Added = before // what was missing is in another part of the document
		return operation, ""
	}
	edited = copied(operation)
	edited["value"] = now
	return edited, ""
}

// leaveOperation notes an operation that has something of tracing: it is somebody's own,
// in which ours was added.
func (d *document) leaveOperation(kind string, operation map[string]any, at []any) {
	probe := &document{pass: &pass{Resolved: d.Resolved, Options: Options{Remove: true}}}
	tree := nested(kind, steps(text(operation["path"])), operation["value"])
	after := probe.inPatch(tree, at, fragment)
	if len(probe.Left) > 0 || !reflect.DeepEqual(tree, after) {
		d.leave(at, jsonPatches, fmt.Sprintf("the operation %s on %s with settings of tracing", text(operation["op"]), text(operation["path"])))
	}
}

// element is the token of a JSON pointer that stands for an element of a list.
var element = regexp.MustCompile(`^(-|[0-9]+)$`)

// steps are the keys and indexes of a JSON pointer.
func steps(pointer string) []any {
	var path []any
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if element.MatchString(token) {
			n, _ := strconv.Atoi(token)
			path = append(path, n)
			continue
		}
		path = append(path, token)
	}
	return path
}

// below returns what the spec sets at a path or below it, in the tree that it wants. hit
// says whether an operation at the path touches a setting of the spec; inside is nil where
// it touches only a part of one, such as an element of a list.
func below(want any, path []any) (inside any, hit bool) {
	if len(path) == 0 {
		return want, want != nil
	}
	inside = want
	for _, step := range path {
		fields, ok := inside.(map[string]any)
		key, isKey := step.(string)
		if !ok || !isKey {
			return nil, true
		}
		if inside, ok = fields[key]; !ok {
			return nil, false
		}
	}
	return inside, true
}

// nested returns the document that has a value at a path.
func nested(kind string, path []any, value any) map[string]any {
	for _, step := range slices.Backward(path) {
		if key, ok := step.(string); ok {
			value = map[string]any{key: value}
		} else {
			value = []any{value}
		}
	}
	fields, _ := value.(map[string]any)
	document := copied(fields)
	document["kind"] = kind
	return document
}

func valueAt(value any, path []any) (any, bool) {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := value.(map[string]any)
			inner, there := fields[step]
			if !there {
				return nil, false
			}
			value = inner
		case int:
			list, _ := value.([]any)
			if len(list) == 0 {
				return nil, false
			}
			value = list[0] // nested made it
		}
	}
	return value, true
}
