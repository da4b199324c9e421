package edit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/kubeadm"
	"kubetrace/release"
	"kubetrace/tracing"
)

// form is how a document writes flags.
type form int

const (
	eitherForm  form = iota // a patch in a kind cluster need not say its apiVersion
	mapForm                 // extraArgs up to kubeadm's v1beta3
	listForm                // extraArgs of names and values, from v1beta4 on
	commandForm             // a container's command and arguments
)

// formOf is that of a kubeadm document.
func (d *document) formOf() form {
	apiVersion := d.tree["apiVersion"]
	switch {
	case apiVersion == nil || d.outer != nil: // Cluster API passes over it
		return d.form
	case release.KubeadmArgsAreLists(text(apiVersion)):
		return listForm
	}
	return mapForm
}

// listVersion is the first version of an API that has lists of flags.
func (d *document) listVersion() string {
	if d.outer != nil {
		return Group(d.outerVersion) + "/" + clusterAPILists
	}
	return kubeadm.V1Beta4
}

// flags are a component's flags wherever a document has them.
type flags struct {
	component tracing.Component
	path      []any // of the flags, or of their container
	form      form
	all       []flag
	key       string // which of a container's fields gets new ones
}

// flag is one of them, or what is none in a command.
type flag struct {
	setting.Written
	value any    // as the document has it
	raw   []any  // the elements of a list or a command, while it is unchanged
	key   string // the container's field
	at    int    // its index there
	apart bool   // its value is an element of its own
}

// readArgs reads extraArgs. What cannot be read is a problem.
func (d *document) readArgs(component tracing.Component, fields map[string]any, path []any) (f *flags, ok bool) {
	want := d.formOf()
	f = &flags{component: component, path: path, form: max(want, mapForm)}
	value := fields[path[len(path)-1].(string)]
	add := func(as string, value any, raw []any, at int) {
		if right := strings.ToLower(strings.Trim(as, "- ")); right != as && setting.IsFlag(component, right) && !d.Remove {
			d.invalid(path, as, "write %s: kubeadm puts two dashes before the name, and letters are read in their own case", right)
		}
		f.all = append(f.all, flag{Written: setting.Written{Kind: setting.Flag, Name: setting.FlagName(component, as), As: as, Value: text(value)}, value: value, raw: raw, at: at})
	}
	switch value := value.(type) {
	case nil:
		if _, there := fields[path[len(path)-1].(string)]; there && d.part == merged && !d.Remove {
			d.deleted(path)
		}
		return f, true
	case map[string]any:
		if want == listForm && len(value) > 0 && d.within == nil {
			d.invalid(path, value, "%s has a list here: write - name: … and value: … for each", cmp.Or(d.outerVersion, text(d.tree["apiVersion"])))
			return nil, false
		}
		if want == listForm && len(value) > 0 && d.part == whole {
			d.invalid(path, value, "%s is a map, and kind writes a list for Kubernetes %s, which the map would replace: write a list", yamledit.Name(path), d.KubernetesMinor())
			return nil, false
		}
		if len(value) > 0 {
			f.form = mapForm
		}
		for _, as := range slices.Sorted(maps.Keys(value)) {
			add(as, value[as], nil, 0)
		}
		return f, true
	case []any:
		switch {
		case want == mapForm && len(value) > 0 && d.within != nil:
			d.invalid(path, value, "%s is a list, and kind writes a map for Kubernetes %s, which the list would replace: write a map", yamledit.Name(path), d.KubernetesMinor())
			return nil, false
		case want == mapForm && len(value) > 0:
			d.invalid(path, value, "only %s and later have a list here: write name: value for each, or that apiVersion", d.listVersion())
			return nil, false
		case len(value) > 0:
			f.form = listForm
		}
		for i, element := range value {
			arg, _ := element.(map[string]any)
			as, ok := arg["name"].(string)
			if !ok {
				d.invalid(path, value, "item %d has no name: write name and value", i+1)
				return nil, false
			}
			add(as, arg["value"], []any{element}, i)
		}
		return f, true
	}
	d.invalid(path, value, "these are no flags: write a map, or in kubeadm's v1beta4 a list of names and values")
	return nil, false
}

// readCommand reads the flags of a container; ok is false where a shell, or nobody
// knows what, runs them.
func readCommand(component tracing.Component, command, args []any, path []any) (f *flags, ok bool) {
	f = &flags{component: component, path: path, form: commandForm, key: "command"}
	if len(args) > 0 || len(command) == 0 {
		f.key = "args"
	}
	read, ok := setting.ReadCommand(component, texts(command), texts(args))
	elements := slices.Concat(command, args)
	for _, argument := range read {
		g := flag{Written: argument.Written, value: argument.Value, key: "command", at: argument.At, apart: argument.Elements > 1}
		g.raw = elements[argument.At : argument.At+argument.Elements]
		if g.at >= len(command) {
			g.key, g.at = "args", g.at-len(command)
		}
		f.all = append(f.all, g)
	}
	return f, ok
}

func texts(list []any) []string {
	all := make([]string, len(list))
	for i, element := range list {
		all[i] = text(element)
	}
	return all
}

// written are the flags for a judge.
func (f *flags) written() []setting.Written {
	all := make([]setting.Written, len(f.all))
	for i, g := range f.all {
		all[i] = g.Written
	}
	return all
}

// write returns the flags in their form, or nil where there are none.
func (f *flags) write() any {
	if len(f.all) == 0 {
		return nil
	}
	if f.form == listForm {
		var list []any
		for _, g := range f.all {
			if g.raw != nil {
				list = append(list, g.raw...)
				continue
			}
			list = append(list, map[string]any{"name": g.As, "value": g.value})
		}
		return list
	}
	tree := map[string]any{}
	for _, g := range f.all {
		tree[g.As] = g.value
	}
	return tree
}

// writeCommand writes the flags into their container.
func (f *flags) writeCommand(container map[string]any) {
	for _, key := range []string{"command", "args"} {
		var list []any
		for _, g := range f.all {
			switch {
			case g.key != key:
			case g.raw != nil:
				list = append(list, g.raw...)
			default:
				list = append(list, fmt.Sprintf("--%s=%s", g.As, shown(g.value)))
			}
		}
		put(container, key, anyList(list))
	}
}

// where is the path of a flag.
func (f *flags) where(g flag) []any {
	switch f.form {
	case listForm:
		return appending(f.path, g.at)
	case commandForm:
		return appending(f.path, g.key, g.at)
	}
	return appending(f.path, g.As)
}

// label is what a flag is called for people.
func (f *flags) label(name string) string { return string(f.component) + " --" + name }

// change writes a flag anew.
func (f *flags) change(i int, name string, value any) {
	g := &f.all[i]
	if name != g.Name {
		g.Name, g.As = name, name
	}
	g.Value, g.value, g.raw = text(value), value, nil
}

// add appends a flag.
func (f *flags) add(name, value string) {
	f.all = append(f.all, flag{Written: setting.Written{Kind: setting.Flag, Name: name, As: name, Value: value}, value: value, key: f.key})
}

// drop takes flags out by their indexes.
func (f *flags) drop(indexes map[int]bool) {
	var kept []flag
	for i, g := range f.all {
		if !indexes[i] {
			kept = append(kept, g)
		}
	}
	f.all = kept
}

// settle edits the one flag of a name that has one value.
func (d *document) settle(f *flags, name, want string) {
	there, gone := false, map[int]bool{}
	for i, have := range f.all {
		if have.Name != name {
			continue
		}
		p := proposal{path: f.where(have), name: f.label(have.As), have: have.value, want: want, component: f.component, key: name, class: setting.OtherValue}
		switch same := have.Value == want; {
		case d.Remove && same:
			gone[i] = true
		case d.Remove:
			d.leave(p.path, p.name, have.value)
		case same && isText(have.value): // perhaps a second time, in a list
		case f.shadowed(i): // it has no effect
		case same:
			d.quote(f, i, p)
		case d.conflict(p):
			f.change(i, name, want)
		}
		there = true
	}
	f.drop(gone)
	if !there && !d.Remove && d.part == whole {
		d.add(proposal{path: f.path, name: f.label(name), want: want})
		f.add(name, want)
	}
}

// shadowed says whether a flag is there once more behind this one, which holds.
func (f *flags) shadowed(i int) bool {
	return slices.ContainsFunc(f.all[i+1:], func(g flag) bool { return g.Name == f.all[i].Name })
}

// quote makes a text of a number or a truth value, where kubeadm reads texts alone.
func (d *document) quote(f *flags, i int, p proposal) {
	want := f.all[i].Value
	p.want, p.class = strconv.Quote(want), setting.RefusesToStart
	d.replace(p)
	f.change(i, f.all[i].Name, want)
}
