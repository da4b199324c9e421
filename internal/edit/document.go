package edit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// part says what of a document is there, and so whether settings are added.
type part int

const (
	// whole documents get every setting.
	whole part = iota
	// merged documents are patches that are merged over ours: they get a setting only
	// where what they say takes the place of ours, which goes for lists and for the
	// flag of feature gates.
	merged
	// fragment documents are parts of some in which nothing of ours is replaced: what
	// they say is judged, and nothing is added.
	fragment
)

// document is one document while it is edited.
type document struct {
	*pass
	kind string
	tree map[string]any
	part part
	// form is how flags have to be written, where the apiVersion does not say it.
	form form
	// within is the path of the text that the document is in, such as a patch of a
	// kind cluster. What is found is reported there.
	within []any
	// outer is the document of Cluster API that this one is a field of, at outerPath, in
	// outerVersion of its API.
	outer        *document
	outerPath    []any
	outerVersion string
	// recased are keys as they were written in another case, by the names of their
	// paths now.
	recased map[string]string
}

// label is the kind of the document, and what it is in.
func (d *document) label() string {
	for _, step := range slices.Backward(d.within) {
		if key, ok := step.(string); ok && (key == mergePatches || key == jsonPatches || key == fieldFiles) {
			return d.kind + " in " + key
		}
	}
	if d.outer != nil {
		return d.kind + " in " + d.outer.kind
	}
	return cmp.Or(d.kind, text(d.tree["apiVersion"])) // kubeadm's of no kind are judged too
}

// at is the path of a place for the report, as the text has it.
func (d *document) at(path []any) []any {
	if d.within != nil {
		return d.within
	}
	written := slices.Clone(path)
	for i := range path {
		if key, ok := d.recased[yamledit.Name(path[:i+1])]; ok {
			written[i] = key
		}
	}
	return appending(d.outerPath, written...)
}

// child returns a copy of the mapping at a key, or an empty one. It becomes part of
// the document by keep. What is no mapping is a problem.
func (d *document) child(parent map[string]any, key string, path ...any) map[string]any {
	value, there := parent[key]
	switch value := value.(type) {
	case map[string]any:
		return copied(value)
	case nil:
		if there && d.part == merged && !d.Remove {
			d.deleted(appending(path, key))
		}
	default:
		d.invalid(appending(path, key), value, "this is no mapping: write fields, or take it out")
	}
	return map[string]any{}
}

// deleted finds a patch that deletes what ours has set before it.
func (d *document) deleted(path []any) {
	if _, ours := below(d.wanted(d.kind), path); ours {
		d.invalid(path, nil, "it deletes what tracing needs: take it out")
	}
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

// put writes a list or flags back, and takes out what an edit has left empty.
func put(fields map[string]any, key string, value any) {
	switch {
	case value != nil:
		fields[key] = value
	case !isEmpty(fields[key]):
		delete(fields, key)
	}
}

// isEmpty says whether nothing was there to begin with.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return value == nil
}

// anyList is a list, or nil where it is empty.
func anyList(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

func copied(fields map[string]any) map[string]any {
	if fields == nil {
		return map[string]any{}
	}
	return maps.Clone(fields)
}

// list is the list at a key; null is an empty one. What is no list is a problem.
func (d *document) list(parent map[string]any, key string, path ...any) []any {
	list, ok := parent[key].([]any)
	if !ok && parent[key] != nil {
		d.invalid(appending(path, key), parent[key], "this is no list: write one, or take it out")
	}
	return list
}

// invalid collects what is wrong with a setting of the document, which its path names.
func (d *document) invalid(path []any, value any, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if template := yamledit.Template(shown(value)); template != "" {
		message = template + " is a template: render the template first"
	}
	d.problem(Problem{Path: d.at(path), Component: componentAt(path), Setting: yamledit.Name(path), Value: shown(value), Message: message, Class: setting.RefusesToStart})
}

// componentAt is the component whose settings are at a path of a ClusterConfiguration.
func componentAt(path []any) tracing.Component {
	if len(path) > 0 {
		switch path[0] {
		case "etcd":
			return tracing.ComponentEtcd
		case "apiServer":
			return tracing.ComponentAPIServer
		case "controllerManager":
			return "kube-controller-manager"
		case "scheduler":
			return "kube-scheduler"
		}
	}
	return ""
}

func (d *document) problem(p Problem) {
	p.Component = cmp.Or(p.Component, componentAt(p.Path))
	p.Document = d.label()
	d.Problems = append(d.Problems, p)
}

// proposal is a change to a setting.
type proposal struct {
	path []any
	name string // "etcd --enable-distributed-tracing"
	have any
	want any // nil where it has to go
	// key is that of the setting, for what to write into the spec instead.
	component tracing.Component
	key       string
	class     setting.Class
	cure      string
}

// conflict says whether to go on with the spec's value where another is there: it
// collects the problem, or with Overwrite what is replaced.
func (d *document) conflict(p proposal) (overwrite bool) {
	if d.Overwrite {
		d.replace(p)
		return true
	}
	want := "nothing"
	if p.want != nil {
		want = shown(p.want)
	}
	adopt := ""
	if p.key != setting.FlagTracingFile || !d.mountsOther(shown(p.have)) {
		adopt, _ = setting.Adopt(d.Resolved, p.component, p.key, shown(p.have))
	}
	d.problem(Problem{Path: d.at(p.path), Setting: p.name, Value: shown(p.have), Want: want, Conflict: true, Adopt: adopt, Message: setting.Clause(p.cure), Class: p.class})
	return false
}

// replace notes a setting that changes, or goes where nothing is wanted.
func (d *document) replace(p proposal) { d.Replaced = append(d.Replaced, d.change(p)) }

// add notes a setting that was not there.
func (d *document) add(p proposal) {
	p.class = setting.Missing
	d.Added = append(d.Added, d.change(p))
}

// leave notes a setting that a removal leaves.
func (d *document) leave(path []any, name string, have any) {
	d.Left = append(d.Left, d.change(proposal{path: path, name: name, have: have}))
}

func (d *document) change(p proposal) Change {
	c := Change{Path: d.at(p.path), Document: d.label(), Component: cmp.Or(p.component, componentAt(p.path)), Name: p.name, Class: p.class, Cure: p.cure}
	if p.have != nil || p.class != setting.Missing {
		c.Old = shown(p.have)
	}
	if p.want != nil {
		c.New = shown(p.want)
	}
	return c
}

// value edits one value of a mapping that is not a flag.
func (d *document) value(parent map[string]any, path []any, component tracing.Component, key string, want any, judge func(have string) (setting.Class, string)) {
	path = appending(path, key)
	p := proposal{path: path, name: yamledit.Name(path), have: parent[key], want: want, component: component, key: key}
	have, there := parent[key]
	same := there && shown(have) == shown(want)
	if there && !same && judge != nil {
		text := shown(have)
		if have == nil {
			text = ""
		}
		p.class, p.cure = judge(text)
	}
	switch {
	case d.Remove && same:
		delete(parent, key)
	case d.Remove && have != nil:
		d.leave(path, p.name, have)
	case d.Remove:
	case same && isText(have) == isText(want):
	case same: // the component does not read a text as a number, nor the reverse
		p.have, p.want, p.class = fmt.Sprintf("%#v", have), fmt.Sprintf("%#v", want), setting.RefusesToStart
		d.replace(p)
		parent[key] = want
	case have == nil && d.part != whole && !there:
	case have == nil && d.part == whole:
		d.add(p)
		parent[key] = want
	case d.conflict(p):
		parent[key] = want
	}
}

func isText(value any) bool { _, ok := value.(string); return ok }

// shown is a value as people write it.
func shown(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return "null"
	case map[string]any, []any:
		text, err := json.Marshal(value)
		if err == nil {
			return string(text)
		}
	case float64: // a number of six digits and more has no exponent
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// recase makes the keys of a mapping those that a component knows, where only their
// case is another: it would pass over them, or not start.
func (d *document) recase(fields map[string]any, path []any, known ...string) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		at := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, key) && name != key })
		if at < 0 {
			continue
		}
		if d.Remove {
			d.leave(appending(path, key), yamledit.Name(appending(path, key)), fields[key])
			continue
		}
		p := proposal{path: appending(path, key), name: yamledit.Name(appending(path, key)), have: fields[key], class: setting.Silent,
			cure: "Write " + known[at] + ": keys are read in their own case alone"}
		if _, twice := fields[known[at]]; !twice {
			fields[known[at]] = fields[key]
			if d.recased == nil {
				d.recased = map[string]string{}
			}
			d.recased[yamledit.Name(appending(path, known[at]))] = key
			p.want = known[at] + ": " + shown(fields[key])
		}
		delete(fields, key)
		d.replace(p)
	}
}

// text is a value where a text is read, of which null is an empty one.
func text(value any) string {
	if value == nil {
		return ""
	}
	return shown(value)
}
