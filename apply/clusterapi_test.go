package apply_test

import (
	"errors"
	"strings"
	"testing"

	"kubetrace/apply"
	"kubetrace/tracing"
)

// controlPlane is a KubeadmControlPlane of v1beta2 with a KubeadmConfigSpec.
func controlPlane(config string) string {
	return "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec: " + config + "\n"
}

// workers is a KubeadmConfigTemplate of v1beta1 with a KubeadmConfigSpec.
func workers(config string) string {
	return "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfigTemplate\nspec:\n  template:\n    spec: " + config + "\n"
}

func TestClusterAPIRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"another release", "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: KubeadmControlPlane\nspec: {version: v1.35.0}\n", "line 3: KubeadmControlPlane: spec.version v1.35.0: this is Kubernetes 1.35"},
		{"another version of the API", "apiVersion: controlplane.cluster.x-k8s.io/v1alpha4\nkind: KubeadmControlPlane\n", "write controlplane.cluster.x-k8s.io/v1beta2, or controlplane.cluster.x-k8s.io/v1beta1 for Cluster API before 1.11"},
		{"no apiVersion", "kind: KubeadmConfigTemplate\n", "it is missing: write that of bootstrap.cluster.x-k8s.io"},
		{"a map in v1beta2", controlPlane("{clusterConfiguration: {apiServer: {extraArgs: {v: 2}}}}"), "controlplane.cluster.x-k8s.io/v1beta2 has a list here"},
		{"a list in v1beta1", workers("{joinConfiguration: {nodeRegistration: {kubeletExtraArgs: [{name: v, value: x}]}}}"), "only bootstrap.cluster.x-k8s.io/v1beta2 and later have a list here"},
		{"another file of the API server", controlPlane(`{clusterConfiguration: {apiServer: {extraArgs: [{name: tracing-config-file, value: /etc/t.yaml}]}}}`), "line 4: ClusterConfiguration in KubeadmControlPlane: kube-apiserver --tracing-config-file is /etc/t.yaml"},
		{"an etcd of theirs", controlPlane(`{clusterConfiguration: {etcd: {external: {endpoints: [a]}}}}`), "set etcd.external and etcd.version in the spec"},
		{"a patch of theirs that sets tracing", workers(`{files: [{path: /p/kubeletconfiguration+merge.yaml, content: "tracing: {endpoint: 10.0.0.1:4317}"}], joinConfiguration: {patches: {directory: /p}}}`), "KubeletConfiguration in files: tracing.endpoint is 10.0.0.1:4317"},
		{"a patch of theirs that takes tracing away", workers(`{files: [{path: /p/kubeletconfiguration+merge.yaml, content: "tracing: null"}], joinConfiguration: {patches: {directory: /p}}}`), "it deletes what tracing needs"},
		{"a file of theirs at the path of ours", workers(`{files: [{path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml, content: "tracing: {samplingRatePerMillion: 3}"}]}`), "tracing.samplingRatePerMillion is 3"},
		{"a file that is appended", workers(`{files: [{path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml, append: true}]}`), "take append out"},
		{"no file", workers(`{files: [a]}`), "this is no file"},
		{"a gate that is off", workers(`{joinConfiguration: {nodeRegistration: {kubeletExtraArgs: {feature-gates: KubeletTracing=false}}}}`), "kubelet --feature-gates KubeletTracing is false"},
		{"a folder that is none", workers(`{joinConfiguration: {patches: {directory: a/b}}}`), "spec.template.spec.joinConfiguration.patches.directory a/b: kubeadm needs an absolute path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := apply.Documents(spec("1.36"), []byte(test.text), apply.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s\n%s", err, test.want, result.Text)
			}
		})
	}
}

// TestClusterAPIOverwrite says that what contradicts the spec can be replaced, comments kept.
func TestClusterAPIOverwrite(t *testing.T) {
	text := workers(`
      files:
        - path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml
          content: |
            # for a test
            tracing: {endpoint: 127.0.0.1:4317, samplingRatePerMillion: 3}
`)
	result, err := apply.Documents(spec("1.36"), []byte(text), apply.Options{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# for a test\n", "samplingRatePerMillion: 10000}"} {
		if !strings.Contains(string(result.Text), want) {
			t.Errorf("no %q in\n%s", want, result.Text)
		}
	}
	if len(result.Replaced) != 1 || result.Replaced[0].Line != 8 || result.Replaced[0].Old != "3" {
		t.Errorf("replaced %+v", result.Replaced)
	}
}

// TestClusterAPIKeeps says what of somebody's serves, and what a removal leaves.
func TestClusterAPIKeeps(t *testing.T) {
	traced := tracing.TracingSpec{KubernetesVersion: "1.36", Containerd: &tracing.ContainerdSpec{Version: "2.3.4"}}
	for _, test := range []struct {
		name, text string
		spec       tracing.TracingSpec
		has, lacks []string // what is edited
		left       []string // what a removal has
		gone       []string
	}{
		{
			name: "commands that are there serve, and stay", spec: traced,
			text:  workers(`{preKubeadmCommands: [systemctl daemon-reload, echo, systemctl restart containerd]}`),
			has:   []string{"preKubeadmCommands: [systemctl daemon-reload, echo, systemctl restart containerd]"},
			left:  []string{"preKubeadmCommands: [systemctl daemon-reload, echo, systemctl restart containerd]"},
			lacks: []string{"restart containerd, "},
		},
		{
			name: "a restart before the units are read again does not serve", spec: traced,
			text: workers(`{preKubeadmCommands: [systemctl restart containerd]}`),
			has:  []string{`[systemctl restart containerd, "systemctl daemon-reload", "systemctl restart containerd"]`},
			left: []string{"[systemctl restart containerd]"},
		},
		{
			name: "a folder of patches of theirs, for those that join too", spec: spec("1.36"),
			text:  controlPlane(`{initConfiguration: {patches: {directory: /p}}}`),
			has:   []string{"initConfiguration: {patches: {directory: /p}}", `"joinConfiguration": {"patches":{"directory":"/p"}}`, "/p/kubeletconfiguration90-kubetrace+strategic.yaml"},
			lacks: []string{"kubetrace-patches"},
			left:  []string{"initConfiguration: {patches: {directory: /p}}"},
			gone:  []string{"files"},
		},
		{
			name: "two folders of theirs get the file each", spec: spec("1.36"),
			text: controlPlane(`{initConfiguration: {patches: {directory: /p}}, joinConfiguration: {patches: {directory: /q}}}`),
			has:  []string{"/p/kubeletconfiguration90-kubetrace+strategic.yaml", "/q/kubeletconfiguration90-kubetrace+strategic.yaml"},
			left: []string{"/p}", "/q}"},
			gone: []string{"files"},
		},
		{
			name: "a file from a Secret is not looked at", spec: spec("1.36"),
			text:  workers(`{files: [{path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml, contentFrom: {secret: {name: a, key: b}}}]}`),
			has:   []string{"contentFrom: {secret: {name: a, key: b}}"},
			lacks: []string{"content:"},
			left:  []string{"contentFrom"},
		},
		{
			name: "gates are merged", spec: spec("1.26"),
			text: controlPlane(`{clusterConfiguration: {apiServer: {extraArgs: [{name: feature-gates, value: A=true}]}}}`),
			has:  []string{`A=true,APIServerTracing=true`},
			left: []string{`value: "A=true"}`},
			gone: []string{"files", "tracing"},
		},
		{
			name: "nothing", spec: spec("1.36"),
			text: workers("{}"),
			has:  []string{"kubeletconfiguration90-kubetrace+strategic.yaml"},
			gone: []string{"files", "joinConfiguration", "[]"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := apply.Documents(test.spec, []byte(test.text), apply.Options{})
			if err != nil {
				t.Fatal(err)
			}
			removed, err := apply.Remove(test.spec, result.Text, apply.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, check := range []struct {
				text  []byte
				words []string
				want  bool
			}{{result.Text, test.has, true}, {result.Text, test.lacks, false}, {removed.Text, test.left, true}, {removed.Text, test.gone, false}} {
				for _, word := range check.words {
					if strings.Contains(string(check.text), word) != check.want {
						t.Errorf("%q is there: %t\n%s", word, !check.want, check.text)
					}
				}
			}
		})
	}
}

// TestClusterAPIUpgrade says that a control plane of the release before is edited before
// an upgrade.
func TestClusterAPIUpgrade(t *testing.T) {
	text := "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: KubeadmControlPlane\nspec: {version: v1.35.1}\n"
	if _, err := apply.Documents(spec("1.36"), []byte(text), apply.Options{From: "1.35"}); err != nil {
		t.Error(err)
	}
	var other *apply.DocumentError
	if _, err := apply.Documents(spec("1.36"), []byte(text), apply.Options{}); !errors.As(err, &other) || other.Line != 3 {
		t.Errorf("got %v", err)
	}
}
