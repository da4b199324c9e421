package talos_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/check"
	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

// state is a cluster that e2e made, as Talos 1.10 would have made it of a configuration:
// etcd is no pod, kube-apiserver has the flags and volumes of the configuration, and there
// is nothing of kubeadm.
func state(t *testing.T, out config.Provider) check.State {
	t.Helper()
	var s check.State
	folder := filepath.Join("..", "..", "check", "testdata", "states", "real-1.31.0")
	for _, entry := range must(os.ReadDir(folder))(t) {
		if entry.Name() != "spec.yaml" {
			s.AddFile(entry.Name(), must(os.ReadFile(filepath.Join(folder, entry.Name())))(t))
		}
	}
	s.ConfigMaps = slices.DeleteFunc(s.ConfigMaps, func(c corev1.ConfigMap) bool { return c.Namespace == "kube-system" })
	s.Pods = slices.DeleteFunc(s.Pods, func(p corev1.Pod) bool { return p.Labels["component"] == "etcd" })
	servers := 0
	for p := range s.Pods {
		pod := &s.Pods[p]
		if pod.Labels["component"] != "kube-apiserver" {
			continue
		}
		servers++
		container := &pod.Spec.Containers[0]
		container.Command = []string{"/usr/local/bin/kube-apiserver", "--allow-privileged=true"}
		for name, value := range flags(t, out.Cluster().APIServer().ExtraArgs()) {
			container.Command = append(container.Command, "--"+name+"="+value)
		}
		container.VolumeMounts, pod.Spec.Volumes = nil, nil
		for _, v := range out.Cluster().APIServer().ExtraVolumes() {
			container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: "extra", MountPath: v.MountPath(), ReadOnly: v.ReadOnly()})
			pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "extra", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: v.HostPath()}}})
		}
		for _, file := range must(out.Machine().Files())(t) {
			s.TracingFiles = map[string][]byte{pod.Spec.NodeName: []byte(file.Content())}
		}
	}
	if servers != 1 || len(s.TracingFiles) != 1 || len(s.Configz) != 1 {
		t.Fatalf("there are %d servers, %d files and %d configurations of kubelets", servers, len(s.TracingFiles), len(s.Configz))
	}
	return s
}

// TestCheck finds nothing in a cluster that is as the spec says, and what is not in others.
func TestCheck(t *testing.T) {
	text := must(os.ReadFile(filepath.Join("..", "..", "check", "testdata", "states", "real-1.31.0", "spec.yaml")))(t)
	s := must(tracing.Load(text))(t)
	s.Etcd = tracing.EtcdSpec{SamplingRatePerMillion: s.Etcd.SamplingRatePerMillion}
	o := talos.Options{TalosVersion: "1.10"}
	out := must(talos.Config(s, load(t, head), o))(t)
	judge := func(state check.State) []check.Finding {
		return must(check.ClusterWith(must(talos.Spec(s, o))(t), state, check.Options{WithoutKubeadm: true}))(t)
	}
	if findings := judge(state(t, out)); len(findings) > 0 {
		t.Errorf("a cluster that is right: %v", findings)
	}
	for name, test := range map[string]struct {
		spoil func(*corev1.Pod)
		want  string
	}{
		"no volume": {func(p *corev1.Pod) { p.Spec.Volumes, p.Spec.Containers[0].VolumeMounts = nil, nil }, "nothing mounts it"},
		"no flag":   {func(p *corev1.Pod) { p.Spec.Containers[0].Command = p.Spec.Containers[0].Command[:2] }, "--tracing-config-file is nothing"},
	} {
		spoiled := state(t, out)
		for p := range spoiled.Pods {
			if spoiled.Pods[p].Labels["component"] == "kube-apiserver" {
				test.spoil(&spoiled.Pods[p])
			}
		}
		findings := judge(spoiled)
		if len(findings) != 1 || !strings.Contains(findings[0].String(), test.want) {
			t.Errorf("%s: %v", name, findings)
		}
	}
}
