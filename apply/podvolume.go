package apply

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/apiserver"
)

// podVolume mounts the tracing file into the container of kube-apiserver, or takes
// it out. Where somebody mounts the same file at its path, that serves.
func (d *document) podVolume(fields map[string]any, container int) {
	ours := apiserver.KubeadmPatchFor(d.Resolved).APIServer.Volumes[0]
	spec, _ := d.tree["spec"].(map[string]any)
	volumes, _ := spec["volumes"].([]any)
	mounts, _ := fields["volumeMounts"].([]any)
	mountsAt := []any{"spec", "containers", container, "volumeMounts"}
	ourVolume := map[string]any{"name": ours.Name, "hostPath": map[string]any{"path": ours.HostPath, "type": string(ours.PathType)}}
	ourMount := map[string]any{"name": ours.Name, "mountPath": ours.MountPath, "readOnly": true}

	served := false
	var kept []any
	for i, element := range mounts {
		m, _ := element.(map[string]any)
		volume := named(volumes, m["name"])
		serves := isFile(volume, ours.HostPath) && m["subPath"] == nil
		what := fmt.Sprintf("volumeMounts %v", m["name"])
		switch {
		case clean(m["mountPath"]) != clean(ours.MountPath):
			kept = append(kept, element)
		case d.remove && serves && m["name"] == ours.Name:
		case d.remove:
			d.leave(with(mountsAt, i), what, podMounted(volume, m))
			kept = append(kept, element)
		case serves:
			served = true
			kept = append(kept, element)
		case !d.conflict(with(mountsAt, i), what, podMounted(volume, m), podMounted(ourVolume, ourMount)):
			kept = append(kept, element)
			served = true // which only spares a second message
		}
	}
	at := slices.IndexFunc(volumes, func(v any) bool { return isNamed(v, ours.Name) })
	volumeAt := []any{"spec", "volumes", at}
	switch {
	case d.remove:
		put(fields, "volumeMounts", anyList(kept))
		if at < 0 || !isFile(volumes[at], ours.HostPath) {
			return
		}
		if by := d.mountedBy(ours.Name); by != "" {
			d.leave(volumeAt, "volumes "+ours.Name, ours.HostPath+" for the container "+by)
			return
		}
		put(spec, "volumes", anyList(without(volumes, at)))
		return
	case served:
		return
	case at < 0:
		spec["volumes"] = append(volumes[:len(volumes):len(volumes)], ourVolume)
	case !isFile(volumes[at], ours.HostPath):
		// A mount of it would become one of our file.
		if by := d.mountedBy(ours.Name); by != "" {
			d.errs = append(d.errs, &DocumentError{Line: d.at(volumeAt...), Document: d.kind, Setting: "volumes " + ours.Name, Value: podMounted(volumes[at], nil), Message: fmt.Sprintf("the tracing file's volume has this name, and the container %s mounts another: rename it", by)})
			return
		}
		if !d.conflict(volumeAt, "volumes "+ours.Name, podMounted(volumes[at], nil), podMounted(ourVolume, nil)) {
			return
		}
		changed := slices.Clone(volumes)
		changed[at] = ourVolume
		spec["volumes"] = changed
	}
	fields["volumeMounts"] = append(kept, ourMount)
}

// mountedBy is a container that mounts a volume elsewhere than where the tracing
// file is.
func (d *document) mountedBy(volume string) string {
	spec, _ := d.tree["spec"].(map[string]any)
	ours := apiserver.KubeadmPatchFor(d.Resolved).APIServer.Volumes[0]
	for _, key := range []string{"initContainers", "containers"} {
		list, _ := spec[key].([]any)
		for _, element := range list {
			fields, _ := element.(map[string]any)
			mounts, _ := fields["volumeMounts"].([]any)
			for _, mount := range mounts {
				m, _ := mount.(map[string]any)
				our := fields["name"] == staticPod(d.tree) && key == "containers" && clean(m["mountPath"]) == clean(ours.MountPath)
				if m["name"] == volume && !our {
					return fmt.Sprint(fields["name"])
				}
			}
		}
	}
	return ""
}

func isNamed(element any, name any) bool {
	fields, _ := element.(map[string]any)
	return name != nil && fields["name"] == name
}

func named(list []any, name any) any {
	if i := slices.IndexFunc(list, func(element any) bool { return isNamed(element, name) }); i >= 0 {
		return list[i]
	}
	return nil
}

// isFile says whether a volume is a file of the node that has to be there: the
// kubelet makes neither a folder nor an empty file in its place.
func isFile(volume any, path string) bool {
	fields, _ := volume.(map[string]any)
	host, _ := fields["hostPath"].(map[string]any)
	kind, _ := host["type"].(string)
	return host != nil && clean(host["path"]) == clean(path) && (kind == "" || kind == string(corev1.HostPathFile))
}

// podMounted is a volume and where it is mounted, for people.
func podMounted(volume any, mount map[string]any) string {
	fields, _ := volume.(map[string]any)
	text := "a volume that is not there"
	if host, ok := fields["hostPath"].(map[string]any); ok {
		text = shown(host["path"])
		if kind, _ := host["type"].(string); kind != "" {
			text += " (" + kind + ")"
		}
	} else if fields != nil {
		text = "another volume"
		for key := range fields {
			if key != "name" && len(fields) == 2 {
				text = "of " + key
			}
		}
	}
	if mount != nil {
		text += " at " + shown(mount["mountPath"])
		if sub, _ := mount["subPath"].(string); sub != "" {
			text += ", subPath " + sub
		}
	}
	return text
}
