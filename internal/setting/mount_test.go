package setting_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/setting"
)

// TestMounts has where kube-apiserver finds its file.
// https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
func TestMounts(t *testing.T) {
	const file = "/etc/kubernetes/tracing/config.yaml"
	host := func(hostPath, mountPath string, kind corev1.HostPathType) setting.Mount {
		return setting.Mount{Name: "a", HostPath: hostPath, MountPath: mountPath, Type: kind}
	}
	sub := host("/etc", "/etc/kubernetes/tracing", "")
	sub.SubPath = "kubernetes/tracing"
	empty := host("", "/etc/kubernetes", "")
	empty.Elsewhere = "emptyDir"
	for _, test := range []struct {
		name   string
		mounts []setting.Mount
		serves bool
		shown  string // the file of the node, where a mount shows one
	}{
		{"none", nil, false, ""},
		{"ours", []setting.Mount{host(file, file, corev1.HostPathFile)}, true, file},
		{"of no type", []setting.Mount{host(file, file, "")}, true, file},
		{"with a slash at its end", []setting.Mount{host(file, file+"/", "")}, true, file},
		{"a file that would be made", []setting.Mount{host(file, file, corev1.HostPathFileOrCreate)}, false, file},
		{"a folder in its place", []setting.Mount{host(file, file, corev1.HostPathDirectory)}, false, file},
		{"a folder that would be made in its place", []setting.Mount{host(file, file, corev1.HostPathDirectoryOrCreate)}, false, file},
		{"a socket", []setting.Mount{host(file, file, corev1.HostPathSocket)}, false, file},
		{"another file", []setting.Mount{host("/x", file, corev1.HostPathFile)}, false, "/x"},
		{"elsewhere", []setting.Mount{host(file, "/x", corev1.HostPathFile)}, false, ""},
		{"its folder", []setting.Mount{host("/etc/kubernetes", "/etc/kubernetes", "")}, true, file},
		{"its folder by its type", []setting.Mount{host("/etc/kubernetes/tracing", "/etc/kubernetes/tracing/", corev1.HostPathDirectoryOrCreate)}, true, file},
		{"its folder as a file", []setting.Mount{host("/etc/kubernetes/tracing", "/etc/kubernetes/tracing", corev1.HostPathFile)}, false, file},
		{"all of the node", []setting.Mount{host("/", "/", "")}, true, file},
		{"a folder with a like name", []setting.Mount{host("/etc/kube", "/etc/kube", "")}, false, ""},
		{"another folder", []setting.Mount{host("/srv", "/etc/kubernetes", "")}, false, "/srv/tracing/config.yaml"},
		{"part of a volume", []setting.Mount{sub}, true, file},
		{"no path of the node", []setting.Mount{empty}, false, "/tracing/config.yaml"},
		{"another folder above its own", []setting.Mount{host("/etc/kubernetes", "/etc/kubernetes", ""), host("/srv", "/etc/kubernetes/tracing", "")}, false, "/srv/config.yaml"},
		{"its own above another folder", []setting.Mount{host(file, file, corev1.HostPathFile), host("/srv", "/etc/kubernetes/tracing", "")}, true, file},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, ok := setting.MountOf(file, test.mounts)
			if ok != (test.shown != "") || ok && m.Host(file) != test.shown {
				t.Errorf("it shows %q, %t, want %q", m.Host(file), ok, test.shown)
			}
			if got := ok && m.Serves(file); got != test.serves {
				t.Errorf("it serves: got %t", got)
			}
		})
	}
}
