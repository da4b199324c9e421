package apply

import (
	"fmt"
	"path"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/kubeadm"
)

// kubeadmArg is a flag that we want.
type kubeadmArg = kubeadm.Arg

// kubeadmVolume is a mount as kubeadm's extraVolumes have it.
func kubeadmVolume(mount kubeadm.HostPathMount) map[string]any {
	return map[string]any{
		"name": mount.Name, "hostPath": mount.HostPath, "mountPath": mount.MountPath,
		"readOnly": mount.ReadOnly, "pathType": string(mount.PathType),
	}
}

// volumes lays a volume into a list of them, or takes it out. One that mounts the
// same file at the same place serves as ours, whatever its name.
func (d *document) volumes(parent map[string]any, at []any, key string, ours map[string]any) {
	list, ok := parent[key].([]any)
	if !ok && parent[key] != nil {
		d.invalid(name(with(at, key)), parent[key], "this is no list: write one of volumes")
		return
	}
	is := func(element any) (fields map[string]any, samePath, serves bool) {
		fields, _ = element.(map[string]any)
		samePath = clean(fields["mountPath"]) == clean(ours["mountPath"])
		return fields, samePath, samePath && clean(fields["hostPath"]) == clean(ours["hostPath"]) && readsFile(fields)
	}
	there := slices.IndexFunc(list, func(element any) bool { _, _, serves := is(element); return serves })
	laid := there >= 0
	var kept []any
	for i, element := range list {
		theirs, samePath, serves := is(element)
		sameName := theirs["name"] == ours["name"]
		line := with(with(at, key), i)
		setting := fmt.Sprintf("%s %v", name(with(at, key)), theirs["name"])
		switch {
		case d.remove && serves && sameName:
			continue
		case d.remove && samePath:
			d.leave(line, setting, mounted(theirs))
		case d.remove, i == there:
		case samePath, sameName && !d.patch:
			if !d.conflict(line, setting, mounted(theirs), mounted(ours)) {
				laid = true // which only spares a second message
				break
			}
			if !laid {
				kept, laid = append(kept, copied(ours)), true
			}
			continue
		}
		kept = append(kept, element)
	}
	if !d.remove && !d.patch && !laid {
		kept = append(kept, copied(ours))
	}
	if !reflect.DeepEqual(kept, list) {
		put(parent, key, anyList(kept))
	}
}

// mounted is a volume for people.
func mounted(volume map[string]any) string {
	text := fmt.Sprintf("%v at %v", volume["hostPath"], volume["mountPath"])
	if t, _ := volume["pathType"].(string); t != "" {
		text += " (" + t + ")"
	}
	return text
}

// without is a list without one element.
func without(list []any, i int) []any {
	return append(list[:i:i], list[i+1:]...)
}

func copied(fields map[string]any) map[string]any {
	c := make(map[string]any, len(fields))
	for key, value := range fields {
		c[key] = value
	}
	return c
}

// clean returns a path as it is compared.
func clean(value any) string {
	text, _ := value.(string)
	return path.Clean(text)
}

// readsFile says whether a volume can serve for a file that has to be there:
// kubelet makes neither a folder nor an empty file in its place.
func readsFile(volume map[string]any) bool {
	pathType, _ := volume["pathType"].(string)
	return pathType == "" || pathType == string(corev1.HostPathFile)
}
