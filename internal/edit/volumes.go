package edit

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// extraVolumes edits kubeadm's list of volumes of kube-apiserver.
func (d *document) extraVolumes(server map[string]any, key string) {
	if d.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	list := d.list(server, "extraVolumes", key)
	if value, there := server["extraVolumes"]; d.part != whole && value == nil {
		if there && d.part == merged && !d.Remove {
			d.deleted([]any{key, "extraVolumes"})
		}
		return // it leaves ours
	}
	ours, file := setting.FileMount(d.Resolved), d.Spec().APIServer.ConfigFile
	path := []any{key, "extraVolumes"}
	var kept []any
	var all []setting.Mount
	for _, element := range list {
		all = append(all, extraVolume(element))
	}
	served, settled := serves(file, all), false
	for i, element := range list {
		m := all[i]
		p := proposal{path: appending(path, i), name: fmt.Sprintf("%s %v", yamledit.Name(path), m.Name), have: describe(m), want: describe(ours), component: tracing.ComponentAPIServer, class: setting.OtherValue, cure: "rename it"}
		atOurPath := sameWhole(m, file)
		if atOurPath {
			p.cure = "take it out, or write another apiServer.configFile into the spec"
		}
		switch {
		case d.Remove && m.Serves(file) && m.Name == ours.Name && atOurPath:
			continue
		case d.Remove && atOurPath:
			d.leave(p.path, p.name, p.have)
		case d.Remove, m.Serves(file):
		case atOurPath, m.Name == ours.Name && !served:
			if !d.conflict(p) {
				settled = true // it is a problem already
				break
			}
			continue
		}
		kept = append(kept, element)
	}
	if !d.Remove && !served && !settled && d.part != fragment {
		d.add(proposal{path: path, name: yamledit.Name(path), want: describe(ours)})
		kept = append(kept, map[string]any{
			"name": ours.Name, "hostPath": ours.HostPath, "mountPath": ours.MountPath, "readOnly": true, "pathType": string(ours.Type),
		})
	}
	if !slices.EqualFunc(kept, list, func(a, b any) bool { return shown(a) == shown(b) }) {
		put(server, "extraVolumes", anyList(kept))
	}
}

// mountsOther says whether kube-apiserver sees another file of the node at a path, so
// that no spec names what is mounted there.
func (d *document) mountsOther(file string) bool {
	var all []setting.Mount
	if fields, _ := container(d.tree, string(tracing.ComponentAPIServer)); fields != nil {
		spec, _ := d.tree["spec"].(map[string]any)
		volumes, _ := spec["volumes"].([]any)
		mounts, _ := fields["volumeMounts"].([]any)
		for _, element := range mounts {
			all = append(all, podMount(element, volumes))
		}
	}
	server, _ := d.tree["apiServer"].(map[string]any)
	list, _ := server["extraVolumes"].([]any)
	for _, element := range list {
		all = append(all, extraVolume(element))
	}
	m, ok := setting.MountOf(file, all)
	return ok && sameWhole(m, file) && !m.Serves(file)
}

// serves says whether a file of the node is seen at its own path among mounts.
func serves(file string, mounts []setting.Mount) bool {
	m, ok := setting.MountOf(file, mounts)
	return ok && m.Serves(file)
}

// sameWhole says whether a mount is of the file itself, and not of a folder around it.
func sameWhole(m setting.Mount, file string) bool {
	m.HostPath, m.SubPath, m.Type, m.Elsewhere = m.MountPath, "", corev1.HostPathFile, ""
	return m.Serves(file)
}

// extraVolume reads one of kubeadm's volumes.
func extraVolume(element any) setting.Mount {
	fields, _ := element.(map[string]any)
	return setting.Mount{
		Name: text(fields["name"]), HostPath: text(fields["hostPath"]), MountPath: text(fields["mountPath"]),
		Type: corev1.HostPathType(text(fields["pathType"])),
	}
}

// describe is a mount for people.
func describe(m setting.Mount) string {
	what := m.HostPath
	switch {
	case m.Elsewhere != "":
		what = "of " + m.Elsewhere
	case m.Type != "":
		what += " (" + string(m.Type) + ")"
	}
	if m.MountPath != "" {
		what += " at " + m.MountPath
	}
	if m.SubPath != "" {
		what += ", subPath " + m.SubPath
	}
	return what
}

// podVolume mounts the tracing file into the container of kube-apiserver, or takes
// it out. Where somebody mounts the same file at its path, that serves.
func (d *document) podVolume(spec, fields map[string]any, container int) {
	ours, file := setting.FileMount(d.Resolved), d.Spec().APIServer.ConfigFile
	volumes := d.list(spec, "volumes", "spec")
	mountsAt := []any{"spec", "containers", container, "volumeMounts"}
	mounts := d.list(fields, "volumeMounts", mountsAt[:3]...)
	var all []setting.Mount
	for _, element := range mounts {
		all = append(all, podMount(element, volumes))
	}
	served := serves(file, all)
	var kept []any
	for i, element := range mounts {
		m := all[i]
		p := proposal{path: appending(mountsAt, i), name: "volumeMounts " + m.Name, have: describe(m), want: describe(ours), component: tracing.ComponentAPIServer, class: setting.OtherValue}
		switch {
		case d.Remove && m.Serves(file) && m.Name == ours.Name && sameWhole(m, file):
			continue
		case d.Remove && sameWhole(m, file):
			d.leave(p.path, p.name, p.have)
		case d.Remove, m.Serves(file):
		case sameWhole(m, file):
			if d.conflict(p) {
				continue
			}
			served = true // it is a problem already
		}
		kept = append(kept, element)
	}
	at := slices.IndexFunc(volumes, func(v any) bool { return nameOf(v) == ours.Name })
	volumeAt := []any{"spec", "volumes", at}
	isOurs := at >= 0 && podMount(map[string]any{"name": ours.Name, "mountPath": file}, volumes).Serves(file)
	other := d.mountedBy(spec, ours.Name, file)
	switch {
	case d.Remove:
		put(fields, "volumeMounts", anyList(kept))
		switch {
		case !isOurs:
		case other != "":
			d.leave(volumeAt, "volumes "+ours.Name, ours.HostPath+" for the container "+other)
		default:
			put(spec, "volumes", anyList(slices.Delete(slices.Clone(volumes), at, at+1)))
		}
		return
	case served:
		return
	}
	volume := map[string]any{"name": ours.Name, "hostPath": map[string]any{"path": ours.HostPath, "type": string(ours.Type)}}
	switch {
	case at < 0:
		spec["volumes"] = appending(volumes, volume)
	case !isOurs && other != "": // a mount of it would become one of our file
		m := podMount(map[string]any{"name": ours.Name}, volumes)
		d.problem(Problem{Path: volumeAt, Setting: "volumes " + ours.Name, Value: describe(m),
			Message: fmt.Sprintf("the tracing file's volume has this name, and the container %s mounts another: rename it", other)})
		return
	case !isOurs:
		m := podMount(map[string]any{"name": ours.Name}, volumes)
		if !d.conflict(proposal{path: volumeAt, name: "volumes " + ours.Name, have: describe(m), want: describe(setting.Mount{HostPath: ours.HostPath, Type: ours.Type}), component: tracing.ComponentAPIServer, class: setting.OtherValue}) {
			return
		}
		changed := slices.Clone(volumes)
		changed[at] = volume
		spec["volumes"] = changed
	}
	d.add(proposal{path: mountsAt, name: "volumeMounts " + ours.Name, want: describe(ours)})
	fields["volumeMounts"] = append(kept, map[string]any{"name": ours.Name, "mountPath": ours.MountPath, "readOnly": true})
}

// mountedBy is a container that mounts a volume elsewhere than where the tracing
// file is.
func (d *document) mountedBy(spec map[string]any, volume, file string) string {
	for _, key := range []string{"initContainers", "containers"} {
		list, _ := spec[key].([]any)
		for _, element := range list {
			fields, _ := element.(map[string]any)
			mounts, _ := fields["volumeMounts"].([]any)
			for _, mount := range mounts {
				m := podMount(mount, nil)
				ours := nameOf(fields) == string(tracing.ComponentAPIServer) && key == "containers" && sameWhole(m, file)
				if m.Name == volume && !ours {
					return nameOf(fields)
				}
			}
		}
	}
	return ""
}

func nameOf(element any) string {
	fields, _ := element.(map[string]any)
	return text(fields["name"])
}

// podMount reads a mount of a container with its volume.
func podMount(element any, volumes []any) setting.Mount {
	fields, _ := element.(map[string]any)
	m := setting.Mount{Name: text(fields["name"]), MountPath: text(fields["mountPath"]), SubPath: text(fields["subPath"]), Elsewhere: "a volume that is not there"}
	for _, v := range volumes {
		volume, _ := v.(map[string]any)
		if nameOf(volume) != m.Name {
			continue
		}
		if host, ok := volume["hostPath"].(map[string]any); ok {
			m.Elsewhere, m.HostPath, m.Type = "", text(host["path"]), corev1.HostPathType(text(host["type"]))
			return m
		}
		for key := range volume {
			if key != "name" {
				m.Elsewhere = key
			}
		}
	}
	return m
}
