package apply

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/staticpod"
	"kubetrace/kubeadm"
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

// form is that of a kubeadm document.
func (d *document) form() form {
	switch d.tree["apiVersion"] {
	case kubeadm.V1Beta4:
		return listForm
	case nil:
		return eitherForm
	}
	return mapForm
}

// flags are a component's flags wherever a document has them.
type flags struct {
	all  []flag
	form form
	key  string // which of a container's fields gets new ones
}

// flag is one of them, or what is none in a command.
type flag struct {
	name  string // as the component reads it
	as    string // as the document writes it
	value any
	raw   any    // the element of a list or a command, while it is unchanged
	key   string // the container's field
	at    int    // its index there
	apart bool
}

// readFlags reads extraArgs of a document of a form.
func readFlags(component tracing.Component, value any, want form) (flags, error) {
	switch value := value.(type) {
	case nil:
		return flags{form: max(want, mapForm)}, nil
	case map[string]any:
		if want == listForm && len(value) == 0 {
			return flags{form: listForm}, nil
		}
		if want == listForm {
			return flags{}, fmt.Errorf("%s has a list here: write - name: … and value: … for each", kubeadm.V1Beta4)
		}
		f := flags{form: mapForm}
		for _, as := range slices.Sorted(maps.Keys(value)) {
			f.all = append(f.all, flag{name: staticpod.FlagName(component, as), as: as, value: value[as]})
		}
		return f, nil
	case []any:
		if want == mapForm && len(value) == 0 {
			return flags{form: mapForm}, nil
		}
		if want == mapForm {
			return flags{}, fmt.Errorf("only %s and later have a list here: write name: value for each", kubeadm.V1Beta4)
		}
		f := flags{form: listForm}
		for i, element := range value {
			arg, _ := element.(map[string]any)
			as, ok := arg["name"].(string)
			if !ok {
				return flags{}, fmt.Errorf("item %d has no name: write name and value", i+1)
			}
			f.all = append(f.all, flag{name: staticpod.FlagName(component, as), as: as, value: arg["value"], raw: element, at: i})
		}
		return f, nil
	}
	return flags{}, fmt.Errorf("these are no flags: write a map, or in kubeadm's v1beta4 a list of names and values")
}

// readCommand reads a container's command and arguments from the component's
// program on. Flags begin with dashes and have their value behind = or in the next
// element. ok says whether they are the program's: a shell would take them for its
// own.
func readCommand(component tracing.Component, container map[string]any) (f flags, ok bool) {
	command, _ := container["command"].([]any)
	args, _ := container["args"].([]any)
	f = flags{form: commandForm, key: "command"}
	if container["args"] != nil {
		f.key = "args"
	}
	all := slices.Concat(command, args)
	program := slices.IndexFunc(all, func(element any) bool { text, _ := element.(string); return path.Base(text) == string(component) })
	if program < 0 && len(command) > 0 || program > 0 && all[program-1] == "-c" || len(all) == 0 {
		return f, false
	}
	for i := 0; i < len(all); i++ {
		g := flag{raw: all[i], key: "command", at: i}
		if i >= len(command) {
			g.key, g.at = "args", i-len(command)
		}
		text, _ := all[i].(string)
		name, isFlag := strings.CutPrefix(text, "--")
		if !isFlag && component == tracing.ComponentEtcd { // which took both up to 3.5
			name, isFlag = strings.CutPrefix(text, "-")
		}
		if i <= program || !isFlag {
			f.all = append(f.all, g)
			continue
		}
		name, value, with := strings.Cut(name, "=")
		g.name, g.as, g.value = staticpod.FlagName(component, name), name, value
		if !with {
			g.value = "true"
			if i+1 < len(all) {
				if next, _ := all[i+1].(string); next != "" && !strings.HasPrefix(next, "-") && i+1 != len(command) {
					g.value, g.apart = next, true
					i++
				}
			}
		}
		f.all = append(f.all, g)
	}
	return f, true
}

// write returns the flags in their form, or nil where there are none.
func (f flags) write() any {
	if len(f.all) == 0 {
		return nil
	}
	if f.form == listForm {
		var list []any
		for _, flag := range f.all {
			if flag.raw != nil {
				list = append(list, flag.raw)
				continue
			}
			list = append(list, map[string]any{"name": flag.as, "value": flag.value})
		}
		return list
	}
	tree := map[string]any{}
	for _, flag := range f.all {
		tree[flag.as] = flag.value
	}
	return tree
}

// writeCommand writes the flags into their container.
func (f flags) writeCommand(container map[string]any) {
	for _, key := range []string{"command", "args"} {
		var list []any
		for _, flag := range f.all {
			switch {
			case flag.key != key:
			case flag.raw != nil && flag.apart:
				list = append(list, flag.raw, flag.value)
			case flag.raw != nil:
				list = append(list, flag.raw)
			default:
				list = append(list, fmt.Sprintf("--%s=%v", flag.as, flag.value))
			}
		}
		put(container, key, anyList(list))
	}
}

// path is where a flag stands.
func (f flags) path(parent []any, flag flag) []any {
	switch f.form {
	case listForm:
		return with(parent, flag.at)
	case commandForm:
		return with(with(parent, flag.key), flag.at)
	}
	return with(parent, flag.as)
}

func (f flags) names(name string) bool {
	return slices.ContainsFunc(f.all, func(g flag) bool { return g.name == name })
}

// set writes a value for every flag of a name, or adds it.
func (f *flags) set(name string, value any) {
	found := false
	for i := range f.all {
		if f.all[i].name == name {
			f.change(i, f.all[i].as, value)
			found = true
		}
	}
	if !found {
		f.all = append(f.all, flag{name: name, as: name, value: value, key: f.key})
	}
}

// change writes a flag anew.
func (f *flags) change(i int, name string, value any) {
	f.all[i].name, f.all[i].as, f.all[i].value, f.all[i].raw = name, name, value, nil
}

// drop takes a flag out.
func (f *flags) drop(i int) { f.all = slices.Delete(slices.Clone(f.all), i, i+1) }

// settle lays the wanted flag in, or takes it out.
func (d *document) settle(f *flags, path []any, component, name, want string) {
	there := false
	for i := 0; i < len(f.all); i++ {
		have := f.all[i]
		if have.name != name {
			continue
		}
		same := shown(have.value) == want
		setting := component + " --" + have.as
		switch {
		case d.remove && same:
			f.drop(i)
			i--
		case d.remove:
			d.leave(f.path(path, have), setting, have.value)
		case have.value == want: // perhaps a second time, in a list
		case same: // a number or a truth value, where kubeadm reads texts alone
			d.replace(f.path(path, have), setting, have.value, strconv.Quote(want))
			f.change(i, have.as, want)
		case d.conflict(f.path(path, have), setting, have.value, want):
			f.change(i, have.as, want)
		}
		there = true
	}
	if !there && !d.remove && !d.patch {
		f.set(name, want)
	}
}
