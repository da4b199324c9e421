package talos

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/edit"
	"kubetrace/internal/setting"
	"kubetrace/release"
	"kubetrace/tracing"
)

// process is a component as Talos runs it: its image, and its flags and variables by their
// names.
type process struct {
	component     tracing.Component
	image         string
	args, env     map[string]any
	at            *field.Path // of image and extraArgs
	atEnvironment func(name string) *field.Path
}

// edit edits the flags and variables of a process, as those of a static pod with them.
func (e *editor) edit(p process) {
	command, names := commandOf(p)
	var env []any
	variables := sortedKeys(p.env)
	for _, name := range variables {
		env = append(env, map[string]any{"name": name, "value": textOf(p.env[name])})
	}
	container := map[string]any{"name": string(p.component), "image": p.image, "command": command, "env": env}
	pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "spec": map[string]any{"containers": []any{container}}}
	if file := e.r.Spec().APIServer.ConfigFile; p.component == tracing.ComponentAPIServer && file != "" {
		// Which folder serves the file is said in volumes.
		container["volumeMounts"] = []any{map[string]any{"name": "tracing", "mountPath": folderOf(file)}}
		pod["spec"].(map[string]any)["volumes"] = []any{map[string]any{"name": "tracing", "hostPath": map[string]any{"path": folderOf(file)}}}
	}
	edited, report, _ := edit.Document(e.r, pod, edit.Options{Overwrite: e.o.Overwrite, Remove: e.remove})
	for _, problem := range report.Problems {
		e.problem(p.fieldOf(problem.Path, names, variables), problem)
	}
	if len(report.Problems) > 0 {
		return
	}
	spec, _ := edited["spec"].(map[string]any)
	after, _ := list(spec, "containers")[0].(map[string]any)
	writeArgs(p.args, list(after, "command"))
	kept := map[string]bool{}
	for _, element := range list(after, "env") {
		variable, _ := element.(map[string]any)
		name := textOf(variable["name"])
		kept[name] = true
		if textOf(p.env[name]) != textOf(variable["value"]) {
			p.env[name] = variable["value"]
		}
	}
	for _, name := range variables {
		if !kept[name] {
			delete(p.env, name)
		}
	}
}

// fieldOf is the place of something in the pod of a process.
func (p process) fieldOf(path []any, names, variables []string) *field.Path {
	if len(path) < 4 { // spec, containers, 0, …
		return p.at
	}
	index := -1
	if len(path) > 4 {
		index, _ = path[4].(int)
	}
	switch path[3] {
	case "image":
		return p.at.Child("image")
	case "command":
		if 0 <= index && index < len(names) && names[index] != "" {
			return p.at.Child("extraArgs").Key(names[index])
		}
	case "env":
		if 0 <= index && index < len(variables) {
			return p.atEnvironment(variables[index])
		}
	}
	return p.at.Child("extraArgs")
}

// commandOf returns the command of a process, and the key of each of its elements.
func commandOf(p process) (command []any, names []string) {
	command, names = []any{string(p.component)}, []string{""}
	for _, name := range sortedKeys(p.args) {
		for _, value := range valuesOf(p.args[name]) {
			command, names = append(command, argument(name, value)), append(names, name)
		}
	}
	return command, names
}

// argument is a flag as Talos gives it to a process.
func argument(name, value string) string { return "--" + name + "=" + value }

// writeArgs makes flags those of a command. Those that are in it already stay as they
// were written.
func writeArgs(args map[string]any, command []any) {
	left := slices.Clone(command[1:])
	for _, name := range sortedKeys(args) {
		rest, all := slices.Clone(left), true
		for _, value := range valuesOf(args[name]) {
			i := slices.Index(rest, any(argument(name, value)))
			if i < 0 {
				all = false
				break
			}
			rest = slices.Delete(rest, i, i+1)
		}
		if all {
			left = rest
		} else {
			delete(args, name)
		}
	}
	for _, element := range left {
		name, value, _ := strings.Cut(strings.TrimPrefix(textOf(element), "--"), "=")
		switch have := args[name].(type) {
		case nil:
			args[name] = value
		case []any:
			args[name] = append(have, value)
		default:
			args[name] = []any{have, value}
		}
	}
}

// kubeletArgs edits the flag of feature gates of the kubelet, which goes before its
// configuration.
func (e *editor) kubeletArgs(args map[string]any) {
	if len(args) == 0 {
		return
	}
	path := at("machine", "kubelet", "extraArgs")
	apiVersion := e.r.ControlPlane().KubeadmAPIVersion
	var flags any
	var names []string
	if release.KubeadmArgsAreLists(apiVersion) {
		var all []any
		for _, name := range sortedKeys(args) {
			for _, value := range valuesOf(args[name]) {
				all, names = append(all, map[string]any{"name": name, "value": value}), append(names, name)
			}
		}
		flags = all
	} else {
		byName := map[string]any{}
		for name, value := range args {
			byName[name] = strings.Join(valuesOf(value), ",")
		}
		flags = byName
	}
	tree := map[string]any{"apiVersion": apiVersion, "kind": "InitConfiguration", "nodeRegistration": map[string]any{"kubeletExtraArgs": flags}}
	edited, report, _ := edit.Document(e.r, tree, edit.Options{Overwrite: e.o.Overwrite, Remove: e.remove})
	for _, problem := range report.Problems {
		where := path
		if len(problem.Path) > 2 {
			switch step := problem.Path[2].(type) {
			case string:
				where = path.Key(step)
			case int:
				where = path.Key(names[step])
			}
		}
		e.problem(where, problem)
	}
	if len(report.Problems) > 0 || len(report.Replaced) == 0 {
		return
	}
	registration, _ := edited["nodeRegistration"].(map[string]any)
	for name := range args {
		if setting.FlagName(tracing.ComponentKubelet, name) == setting.FlagGates {
			delete(args, name)
		}
	}
	add := func(name string, value any) {
		if setting.FlagName(tracing.ComponentKubelet, name) != setting.FlagGates {
			return
		}
		if have, there := args[name]; there {
			value = textOf(have) + "," + textOf(value)
		}
		args[name] = value
	}
	switch flags := registration["kubeletExtraArgs"].(type) {
	case map[string]any:
		for _, name := range sortedKeys(flags) {
			add(name, flags[name])
		}
	case []any:
		for _, element := range flags {
			flag, _ := element.(map[string]any)
			add(textOf(flag["name"]), flag["value"])
		}
	}
}
