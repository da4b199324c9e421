package setting

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// volumeName is none of the volumes that kubeadm makes itself, which a volume of the
// same name would replace.
const volumeName = "tracing-config"

// FileMount is how kube-apiserver's pod sees its tracing file. Its type is not
// FileOrCreate, which would make an empty file that kube-apiserver cannot read, nor
// unset, which would make a folder.
func FileMount(r tracing.Resolved) Mount {
	file := r.Spec().APIServer.ConfigFile
	return Mount{Name: volumeName, HostPath: file, MountPath: file, Type: corev1.HostPathFile}
}

// Mount is a path of the node as a static pod sees it.
type Mount struct {
	Name                string
	HostPath, MountPath string
	SubPath             string
	Type                corev1.HostPathType
	// Elsewhere is the kind of a volume that is no path of the node, "emptyDir".
	Elsewhere string
}

// Shows says whether a file's path is this mount or within it.
func (m Mount) Shows(file string) bool {
	at := path.Clean(m.MountPath)
	return m.MountPath != "" && (at == file || strings.HasPrefix(file, strings.TrimSuffix(at, "/")+"/"))
}

// Host is the path on the node of a file that the mount shows.
func (m Mount) Host(file string) string {
	return path.Join("/", m.HostPath, m.SubPath, strings.TrimPrefix(file, path.Clean(m.MountPath)))
}

// Makes says whether the kubelet makes something where nothing is, which
// kube-apiserver cannot read as its file.
func (m Mount) Makes(file string) bool {
	return path.Clean(m.MountPath) == file && (m.Type == corev1.HostPathFileOrCreate || m.Type == corev1.HostPathDirectoryOrCreate)
}

// Serves says whether a file of the node is seen at its own path, in any mount.
func (m Mount) Serves(file string) bool {
	if m.Elsewhere != "" || !m.Shows(file) || m.Host(file) != file || m.Makes(file) {
		return false
	}
	whole := path.Clean(m.MountPath) == file
	switch m.Type {
	case "":
		return true
	case corev1.HostPathFile:
		return whole
	case corev1.HostPathDirectory, corev1.HostPathDirectoryOrCreate:
		return !whole
	}
	return false
}

// MountOf is the mount in which a file is seen: the longest that shows it. ok is false
// where none does.
func MountOf(file string, mounts []Mount) (best Mount, ok bool) {
	for _, m := range mounts {
		if m.Shows(file) && (!ok || len(path.Clean(m.MountPath)) > len(path.Clean(best.MountPath))) {
			best, ok = m, true
		}
	}
	return best, ok
}
