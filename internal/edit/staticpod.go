package edit

import (
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// staticPod returns which of our components a Pod runs, or nothing.
func staticPod(tree map[string]any) string {
	for _, component := range []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer} {
		if fields, _ := container(tree, string(component)); fields != nil {
			return string(component)
		}
	}
	return ""
}

// container returns the container of a name and its index.
func container(tree map[string]any, name string) (map[string]any, int) {
	spec, _ := tree["spec"].(map[string]any)
	list, _ := spec["containers"].([]any)
	for i, element := range list {
		if fields, _ := element.(map[string]any); fields["name"] == name {
			return fields, i
		}
	}
	return nil, 0
}

// staticPod edits the manifest of a static pod, as kubeadm writes it.
func (d *document) staticPod() {
	component := tracing.Component(staticPod(d.tree))
	before, i := container(d.tree, string(component))
	path := []any{"spec", "containers", i}
	fields := copied(before)
	command, args := d.list(fields, "command", path...), d.list(fields, "args", path...)
	f, ok := readCommand(component, command, args, path)
	if !ok {
		d.noProgram(component, path)
		return
	}
	tag := setting.TagOf(text(fields["image"]))
	if component == tracing.ComponentEtcd {
		if d.NotGenerated(component) != nil {
			return
		}
		if !d.Remove {
			d.etcdImage(appending(path, "image"), tag)
		}
		etcd, _ := setting.EtcdAt(d.Resolved, tag)
		d.etcdSettings(etcd, f, fields, appending(path, "env"))
		f.writeCommand(fields)
	} else {
		if d.NotGenerated(component) == nil && !d.Remove {
			if err := d.CheckNodeVersion(tag, true); err != nil {
				d.invalid(appending(path, "image"), fields["image"], "%s", err)
			}
			d.variables(fields, component, appending(path, "env")...)
		}
		d.server(f)
		d.gateFlags(f, setting.APIServerGates(d.Resolved), true)
		f.writeCommand(fields)
	}
	spec, _ := d.tree["spec"].(map[string]any)
	spec = copied(spec)
	containers, _ := spec["containers"].([]any)
	containers = append([]any(nil), containers...)
	containers[i] = fields
	spec["containers"] = containers
	d.tree["spec"] = spec
	if component == tracing.ComponentAPIServer && d.NotGenerated(component) == nil {
		d.podVolume(spec, fields, i)
	}
}

// noProgram finds a container whose flags nobody can find: what is added would be
// read by a shell.
func (d *document) noProgram(component tracing.Component, path []any) {
	var ours []string
	for _, s := range setting.Of(d.Resolved, component) {
		switch s.Kind {
		case setting.Flag:
			ours = append(ours, "--"+s.Name+"="+s.Value)
		case setting.Gate:
			ours = append(ours, "--"+setting.FlagGates+"="+s.Name+"="+s.Value)
		}
	}
	message := "no element is the program " + string(component) + ", so that a flag would not be its own: write it as one, or give it these: " + strings.Join(ours, " ")
	if len(ours) == 0 {
		message = "no element is the program " + string(component) + ": write it as one"
	}
	d.problem(Problem{Path: d.at(path), Setting: "spec.containers.command", Value: "of " + string(component), Message: message})
}
