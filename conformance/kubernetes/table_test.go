package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// TestTable compares tracing.Releases with what each release answers.
func TestTable(t *testing.T) {
	eachMinor(t, "table", func(t *testing.T, j *Judge, release tracing.Release) {
		t.Run("gates", func(t *testing.T) { checkGates(t, j, release) })
		t.Run("tracing file", func(t *testing.T) { checkTracingFile(t, j, release) })
		t.Run("kubelet's tracing", func(t *testing.T) { checkKubeletTracing(t, j, release) })
		t.Run("kubeadm API", func(t *testing.T) { checkKubeadmAPI(t, j, release) })
		t.Run("etcd", func(t *testing.T) { checkEtcd(t, j, release) })
	})
}

func checkGates(t *testing.T, j *Judge, release tracing.Release) {
	want := map[tracing.Gate]string{
		tracing.GateUnknown:  "not registered",
		tracing.GateRequired: "off",
		tracing.GateOptional: "on",
		tracing.GateLocked:   "on, locked",
	}
	known := must(j.Gates(tracing.GateNameAPIServer, tracing.GateNameKubelet))(t)
	for name, row := range map[string]tracing.Gate{
		tracing.GateNameAPIServer: release.APIServerTracing,
		tracing.GateNameKubelet:   release.KubeletTracing,
	} {
		got := "not registered"
		if gate, ok := known[name]; ok {
			got = map[bool]string{true: "on", false: "off"}[gate.Default]
			if gate.Locked {
				got += ", locked"
			}
		}
		if got != want[row] {
			t.Errorf("%s is %s, and the table says %s", name, got, row)
		}
	}
}

// The tracing files of an API version are read or refused.
func checkTracingFile(t *testing.T, j *Judge, release tracing.Release) {
	reads := func(version string) bool {
		spec := specs(release, j.Version)["default"]
		written := must(Write(spec))(t)
		for path, text := range written.Files {
			written.Files[path] = strings.Replace(text, release.TracingConfigurationAPIVersion, version, 1)
		}
		return len(inspect(t, j, spec, written).APIServer) == 0
	}
	if !reads(release.TracingConfigurationAPIVersion) {
		t.Errorf("%s is not read", release.TracingConfigurationAPIVersion)
	}
	if reads("apiserver.config.k8s.io/v1alpha0") {
		t.Error("the judge reads an API that never was")
	}
	// A file stays on the node during an upgrade: what the releases before have
	// written must be read.
	for _, older := range tracing.Releases() {
		if older.Kubernetes == release.Kubernetes {
			break
		}
		if version := older.TracingConfigurationAPIVersion; version != release.TracingConfigurationAPIVersion && !reads(version) {
			t.Errorf("%s, which %s has written, is not read", version, older.Kubernetes)
		}
	}
}

func checkKubeletTracing(t *testing.T, j *Judge, release tracing.Release) {
	config := "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ntracing:\n  endpoint: 127.0.0.1:4317\n"
	if release.KubeletTracing == tracing.GateRequired {
		config += "featureGates:\n  KubeletTracing: true\n"
	}
	answer := must(j.Kubelet(api.KubeletRequest{Config: config}))(t)
	traced := len(answer.Errors)+len(answer.Warnings) == 0 && answer.On
	if traced != release.KubeletTraced {
		t.Errorf("the kubelet traces: %t (%q %q); the table says %t", traced, answer.Errors, answer.Warnings, release.KubeletTraced)
	}
}

// kubeadm has to read the API of its row without a word, and must not read
// v1beta3 or v1beta4 so where the row has the other: that would be no reason to
// have a row. Of another that the row says is read it may warn.
func checkKubeadmAPI(t *testing.T, j *Judge, release tracing.Release) {
	for _, version := range []string{"kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4"} {
		config := fmt.Sprintf("apiVersion: %s\nkind: ClusterConfiguration\nkubernetesVersion: %s\n", version, j.Version)
		answer := must(j.Kubeadm(api.KubeadmRequest{Config: complete(config, version)}))(t)
		silent := len(answer.Errors)+len(answer.Warnings) == 0
		if silent != (version == release.KubeadmAPIVersion) && version != "kubeadm.k8s.io/v1beta2" {
			t.Errorf("kubeadm reads %s without a word: %t (%q %q); the table says %s", version, silent, answer.Errors, answer.Warnings, release.KubeadmAPIVersion)
		}
		if reads := len(answer.Errors) == 0; reads != release.KubeadmReads(version) {
			t.Errorf("kubeadm reads %s: %t (%q); the table says %t", version, reads, answer.Errors, release.KubeadmReads(version))
		}
	}
}

// checkEtcd looks at the etcd that this kubeadm would run: its version and the
// flags that it always has.
func checkEtcd(t *testing.T, j *Judge, release tracing.Release) {
	spec := tracing.TracingSpec{KubernetesVersion: j.Version, Etcd: tracing.EtcdSpec{Disabled: true}}
	result := inspect(t, j, spec, must(Write(spec))(t))
	container := result.etcdPod.Spec.Containers[0]
	image := container.Image
	version, _, _ := strings.Cut(image[strings.LastIndex(image, ":")+1:], "-")
	if older(version, release.EtcdLowest) || older(release.EtcdHighest, version) {
		t.Errorf("kubeadm installs etcd %s; the table says %s to %s", version, release.EtcdLowest, release.EtcdHighest)
	}
	if older(version, release.EtcdOldest) {
		t.Errorf("kubeadm installs etcd %s; the table says it can start %s and later", version, release.EtcdOldest)
	}
	for minor, startable := range map[string]bool{"3.5": release.EtcdOldest == "3.5", "3.7": release.EtcdNewest == ""} {
		if flag := unknownFlag(t, j, release, minor); (flag == "") != startable {
			t.Errorf("kubeadm gives etcd %s the flag %q, which it has not; the table says it can start it: %t", minor, flag, startable)
		}
	}
}

// unknownFlag returns a flag that kubeadm gives an etcd of a minor release and
// that etcd has not, or "". From 3.7 on there are no experimental flags, before
// 3.6 no --feature-gates and no watch interval without its old prefix.
func unknownFlag(t *testing.T, j *Judge, release tracing.Release, minor string) string {
	t.Helper()
	config := fmt.Sprintf("apiVersion: %s\nkind: ClusterConfiguration\nkubernetesVersion: %s\netcd: {local: {imageTag: %s.0-0}}\n", release.KubeadmAPIVersion, j.Version, minor)
	answer := must(j.Kubeadm(api.KubeadmRequest{Config: complete(config, release.KubeadmAPIVersion)}))(t)
	if len(answer.Errors) > 0 {
		t.Fatal(answer.Errors)
	}
	var pod corev1.Pod
	if err := yaml.UnmarshalStrict([]byte(answer.Etcd), &pod); err != nil {
		t.Fatal(err)
	}
	unknown := map[string][]string{"3.5": {"--feature-gates=", "--watch-progress-notify-interval="}, "3.7": {"--experimental-"}}[minor]
	for _, argument := range pod.Spec.Containers[0].Command {
		for _, prefix := range unknown {
			if strings.HasPrefix(argument, prefix) {
				return argument
			}
		}
	}
	return ""
}

// older compares dotted numbers.
func older(one, other string) bool {
	var a, b [3]int
	_, _ = fmt.Sscanf(one, "%d.%d.%d", &a[0], &a[1], &a[2])
	_, _ = fmt.Sscanf(other, "%d.%d.%d", &b[0], &b[1], &b[2])
	return slices.Compare(a[:], b[:]) < 0
}
