package kubeadm_test

import (
	"strings"
	"testing"

	"kubetrace/kubeadm"
)

// TestRefused gives Merge and Marshal what no component could start with.
func TestRefused(t *testing.T) {
	volume := func(v kubeadm.HostPathMount) *kubeadm.Patch {
		return &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Volumes: []kubeadm.HostPathMount{v}}}
	}
	good := kubeadm.HostPathMount{Name: "a", HostPath: "/a", MountPath: "/b"}
	name, host, mount, colon := good, good, good, good
	name.Name, host.HostPath, mount.MountPath, colon.MountPath = "Bad_Name", "rel", "", "/a:b"
	for says, patch := range map[string]*kubeadm.Patch{
		`kube-apiserver flag name "--v": write it without dashes`:          serverArgs("--v=4"),
		`etcd flag name "": write it without dashes`:                       etcdArgs("=4"),
		`etcd flag name "a b"`:                                             etcdArgs("a b=4"),
		`volume "Bad_Name": write a name of at most 63`:                    volume(name),
		`volume "a": hostPath "rel": write an absolute path`:               volume(host),
		`volume "a": mountPath "": write an absolute path without ':'`:     volume(mount),
		`volume "a": mountPath "/a:b": write an absolute path without ':'`: volume(colon),
	} {
		if _, err := kubeadm.Merge(&kubeadm.Patch{}, patch); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Merge: got %v, want %q", err, says)
		}
		if _, err := kubeadm.Marshal(patch, kubeadm.V1Beta4); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Marshal: got %v, want %q", err, says)
		}
	}
	twice := volume(good)
	twice.APIServer.Volumes = append(twice.APIServer.Volumes, kubeadm.HostPathMount{Name: "b", HostPath: "/c", MountPath: "/b/"})
	if _, err := kubeadm.Marshal(twice, kubeadm.V1Beta4); err == nil || !strings.Contains(err.Error(), "different names and mount paths") {
		t.Errorf("two volumes at one path: got %v", err)
	}
	if _, err := kubeadm.Merge(volume(good)); err != nil {
		t.Errorf("a good volume: %v", err)
	}
}
