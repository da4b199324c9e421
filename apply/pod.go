package apply

import (
	"strings"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/internal/staticpod"
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
	component := staticPod(d.tree)
	fields, i := container(d.tree, component)
	path := []any{"spec", "containers", i}
	f, ok := readCommand(tracing.Component(component), fields)
	if !ok {
		d.noProgram(component, path)
		return
	}
	if component == string(tracing.ComponentEtcd) {
		if d.NotGenerated(tracing.ComponentEtcd) != nil {
			return
		}
		image, _ := fields["image"].(string)
		if tag := staticpod.TagOf(image); d.Spec().Etcd.ImageTag == "" && !d.Spec().Etcd.External && !d.remove {
			d.etcdImage("image", tag)
		}
		d.etcdFlags(&f, path)
		f.writeCommand(fields)
		if env, ok := fields["env"].([]any); ok {
			put(fields, "env", anyList(d.etcdEnv(env, with(path, "env"))))
		}
		return
	}
	if d.NotGenerated(tracing.ComponentAPIServer) == nil {
		image, _ := fields["image"].(string)
		if err := d.CheckNodeVersion(staticpod.TagOf(image), true); err != nil && !d.remove {
			d.invalid("image", image, "%s", err)
		}
		d.settle(&f, path, component, "tracing-config-file", d.Spec().APIServer.ConfigFile)
		d.podVolume(fields, i)
	}
	d.gateFlag(&f, path, component, d.serverGates(true), true)
	f.writeCommand(fields)
}

// noProgram reports a container whose flags nobody can find: what is added would be
// read by a shell.
func (d *document) noProgram(component string, path []any) {
	args := apiserver.ArgsFor
	if component == string(tracing.ComponentEtcd) {
		args = etcd.ArgsFor
	}
	var ours []string
	for _, arg := range args(d.Resolved) {
		ours = append(ours, arg.String())
	}
	message := "no element is the program " + component + ", so that a flag would not be its own: write it as one, or give it these: " + strings.Join(ours, " ")
	if len(ours) == 0 {
		message = "no element is the program " + component + ": write it as one"
	}
	d.errs = append(d.errs, &DocumentError{Line: d.at(path...), Document: d.kind, Setting: "spec.containers.command", Value: "of " + component, Message: message})
}
