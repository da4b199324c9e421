package apply_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apply"
	"kubetrace/tracing"
)

const kubeletHead = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

// pod is a static pod of kube-apiserver of 1.34, whose container and volumes follow.
const pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n"

// etcdPod is one of etcd.
const etcdPod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: etcd\n"

// asFound are settings in the ways that people and components write them.
var asFound = []struct {
	name    string
	release string
	text    string
	// overwrite is Options.Overwrite.
	overwrite bool
	// has and not are parts of the text after, or error is one of the error.
	has, not []string
	error    string
}{
	{name: "a shell runs the program", release: "1.34", text: pod + "    command: [sh, -c, \"exec kube-apiserver --v=2\"]\n",
		error: "spec.containers.command of kube-apiserver: no element is the program kube-apiserver, so that a flag would not be its own: write it as one, or give it these: --tracing-config-file=/etc/kubernetes/tracing-config.yaml"},
	{name: "a shell runs the bare program", release: "1.34", text: etcdPod + "    command: [sh, -c, etcd]\n", error: "no element is the program etcd"},
	{name: "no command at all", release: "1.34", text: etcdPod + "    image: etcd:3.6.5-0\n", error: "no element is the program etcd"},
	{name: "another program starts it", release: "1.34", text: pod + "    command: [/go-runner, --log-file=/l, /usr/local/bin/kube-apiserver, --v=2]\n",
		has: []string{`/usr/local/bin/kube-apiserver, --v=2, "--tracing-config-file=`}},
	{name: "the image's program", release: "1.34", text: etcdPod + "    args: [--data-dir=/d]\n", has: []string{`args: [--data-dir=/d, "--enable-distributed-tracing=true"`}, not: []string{"command"}},
	{name: "flags in command and in args", release: "1.37", text: pod + "    command: [kube-apiserver, --feature-gates=APIServerTracing=true]\n    args: [--v=2]\n",
		has: []string{"command: [kube-apiserver]", `args: [--v=2, "--tracing-config-file=`}, not: []string{"APIServerTracing"}},
	{name: "one dash, as etcd reads it", release: "1.34", text: etcdPod + "    command:\n    - etcd\n    - -experimental-enable-distributed-tracing=true\n",
		has: []string{"    - --enable-distributed-tracing=true\n"}, not: []string{"experimental"}},
	{name: "_ for -", release: "1.37", text: clusterHead + "apiServer:\n  extraArgs:\n  - name: feature_gates\n    value: APIServerTracing=true,A=true\n",
		has: []string{"name: feature_gates\n    value: A=true\n"}, not: []string{"APIServerTracing"}},
	{name: "a volume and a mount in its place", release: "1.34", text: clusterHead + "apiServer:\n  extraVolumes:\n  - {name: tracing-config, hostPath: /x, mountPath: /x}\n  - {name: other, hostPath: /y, mountPath: /etc/kubernetes/tracing-config.yaml}\n",
		error: "apiServer.extraVolumes other is /y at /etc/kubernetes/tracing-config.yaml"},
	{name: "both are overwritten", release: "1.34", overwrite: true, text: clusterHead + "apiServer:\n  extraVolumes:\n  - {name: tracing-config, hostPath: /x, mountPath: /x}\n  - {name: other, hostPath: /y, mountPath: /etc/kubernetes/tracing-config.yaml}\n",
		not: []string{"/x", "/y", "other"}},
	{name: "a folder for the file", release: "1.34", text: pod + "    command: [kube-apiserver]\n    volumeMounts:\n    - {name: t, mountPath: /etc/kubernetes/tracing-config.yaml}\n  volumes:\n  - name: t\n    hostPath: {path: /etc/kubernetes/tracing-config.yaml, type: DirectoryOrCreate}\n",
		error: "line 8: Pod: volumeMounts t is /etc/kubernetes/tracing-config.yaml (DirectoryOrCreate) at /etc/kubernetes/tracing-config.yaml and the spec says /etc/kubernetes/tracing-config.yaml (File) at"},
	{name: "a part of a volume", release: "1.34", text: pod + "    command: [kube-apiserver]\n    volumeMounts:\n    - {name: t, mountPath: /etc/kubernetes/tracing-config.yaml, subPath: x}\n  volumes:\n  - name: t\n    hostPath: {path: /etc/kubernetes/tracing-config.yaml}\n",
		error: "subPath x"},
	{name: "the same file by another name", release: "1.34", text: pod + "    command: [kube-apiserver]\n    volumeMounts:\n    - {name: t, mountPath: /etc/kubernetes/tracing-config.yaml}\n  volumes:\n  - name: t\n    hostPath: {path: /etc/kubernetes/tracing-config.yaml}\n",
		has: []string{"--tracing-config-file"}, not: []string{"name: tracing-config"}},
	{name: "our volume's name for another", release: "1.34", overwrite: true, text: pod + "    command: [kube-apiserver]\n    volumeMounts:\n    - {name: tracing-config, mountPath: /foo}\n  volumes:\n  - name: tracing-config\n    emptyDir: {}\n",
		error: "line 10: Pod: volumes tracing-config of emptyDir: the tracing file's volume has this name, and the container kube-apiserver mounts another: rename it"},
	{name: "our volume's name, mounted nowhere", release: "1.34", overwrite: true, text: pod + "    command: [kube-apiserver]\n  volumes:\n  - name: tracing-config\n    emptyDir: {}\n",
		has: []string{"hostPath"}, not: []string{"emptyDir"}},
	{name: "a text for a number", release: "1.34", text: kubeletHead + "tracing: {samplingRatePerMillion: \"10000\", endpoint: 127.0.0.1:4317}\n",
		has: []string{"samplingRatePerMillion: 10000,"}},
	{name: "a truth value for a text", release: "1.34", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - name: enable-distributed-tracing\n      value: true\n",
		has: []string{"name: enable-distributed-tracing\n      value: \"true\"\n"}},
	{name: "no gates", release: "1.26", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer: {extraArgs: {feature-gates: }}\n",
		has: []string{"APIServerTracing=true"}},
	{name: "null", release: "1.34", text: clusterHead + "etcd: {local: {extraArgs: [{name: distributed-tracing-address, value: }]}}\n",
		error: "etcd --distributed-tracing-address is null and the spec says"},
	{name: "a map in v1beta4", release: "1.34", text: clusterHead + "apiServer:\n  extraArgs: {audit-log-path: /l}\n",
		error: `apiServer.extraArgs {"audit-log-path":"/l"}: kubeadm.k8s.io/v1beta4 has a list here: write - name: … and value: … for each`},
	{name: "an empty map in v1beta4", release: "1.34", text: clusterHead + "apiServer:\n  extraArgs: {}\n", has: []string{"- name: tracing-config-file"}},
	{name: "a list in v1beta3", release: "1.29", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration: {kubeletExtraArgs: [{name: v, value: \"2\"}]}\n",
		error: "only kubeadm.k8s.io/v1beta4 and later have a list here: write name: value for each"},
	{name: "another address in the old spelling", release: "1.34", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: experimental-distributed-tracing-address, value: \"otel:4317\"}\n",
		error: "etcd --experimental-distributed-tracing-address is otel:4317 and the spec says 127.0.0.1:4317"},
	{name: "another address is overwritten", release: "1.34", overwrite: true, text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: experimental-distributed-tracing-address, value: \"otel:4317\"}\n",
		not: []string{"otel", "experimental"}},
	{name: "an ID from the node", release: "1.34", text: etcdPod + "    command: [etcd]\n    env:\n    - name: ETCD_DISTRIBUTED_TRACING_INSTANCE_ID\n      valueFrom: {fieldRef: {fieldPath: metadata.name}}\n",
		has: []string{"- name: ETCD_DISTRIBUTED_TRACING_INSTANCE_ID\n      valueFrom: {fieldRef: {fieldPath: metadata.name}}\n"}},
	{name: "an ID in the old spelling", release: "1.34", text: etcdPod + "    command: [etcd]\n    env:\n    - name: ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_INSTANCE_ID\n      value: a\n",
		has: []string{"- name: ETCD_DISTRIBUTED_TRACING_INSTANCE_ID\n      value: a\n"}},
	{name: "a variable that is a flag of ours", release: "1.34", text: etcdPod + "    command: [etcd]\n    env:\n    - {name: ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING, value: \"true\"}\n    - {name: A, value: b}\n",
		has: []string{"{name: A, value: b}"}, not: []string{"ETCD_EXPERIMENTAL"}},
	{name: "another value of a variable", release: "1.34", text: etcdPod + "    command: [etcd]\n    env:\n    - {name: ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_ADDRESS, value: \"otel:4317\"}\n",
		error: "etcd ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_ADDRESS is otel:4317 and the spec says 127.0.0.1:4317"},
	{name: "comments in kind's patches", release: "1.34", text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatches:\n- |\n  # of the audit\n  kind: ClusterConfiguration\n  apiServer:\n    extraVolumes:\n    - name: audit # keep\n      hostPath: /audit\n      mountPath: /audit\n- |\n  kind: KubeletConfiguration\n  maxPods: 40 # few\nkubeadmConfigPatchesJSON6902:\n- group: kubeadm.k8s.io\n  version: v1beta3\n  kind: ClusterConfiguration\n  patch: |\n    # an argument\n    - op: add\n      path: /apiServer/extraVolumes\n      value: [{name: x, hostPath: /x, mountPath: /x}] # keep\n",
		has: []string{"  # of the audit\n  kind: ClusterConfiguration\n", "- name: audit # keep\n", "  maxPods: 40 # few\n", "    # an argument\n    - op: add\n", "] # keep\n"}},
	{name: "a space at the end of a patch's line", release: "1.34", text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration \n  # one space\n  etcd:\n    local:\n      extraArgs:\n        experimental-enable-distributed-tracing: \"true\"\n        quota-backend-bytes: \"8\"\n",
		has: []string{"- |\n  kind: ClusterConfiguration \n  # one space\n"}, not: []string{"experimental"}},
	{name: "a template that is not rendered", release: "1.34", text: clusterHead + "clusterName: {{ name }}\n", error: "line 3, column 14: {{ name }} is no YAML but a template: render the template first"},
	{name: "an integer that is none", release: "1.34", text: clusterHead + "a:\n- !!int abc\n", error: "line 4, column 3: cannot decode"},
	{name: "a merge of a text", release: "1.34", text: clusterHead + "a:\n  <<: b\n", error: "line 4, column 3: what is merged is no mapping"},
	{name: "no colon", release: "1.34", text: clusterHead + "a: 1\nb:\n  c: 2\n  d \"e:1\"\nf: 3\n", error: "line 6, column 3: "},
	{name: "an alias", release: "1.26", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nscheduler:\n  extraArgs: &args\n    v: \"2\"\netcd:\n  local:\n    extraArgs: *args\n",
		has: []string{"  extraArgs: &args\n    v: \"2\"\n", "experimental-enable-distributed-tracing: \"true\"", "v: \"2\"\n"}, not: []string{"*args"}},
	{name: "an anchor that another part shares", release: "1.34", text: clusterHead + "apiServer: &x\n  extraArgs: [{name: v, value: \"2\"}]\nscheduler: *x\n",
		has: []string{"scheduler:\n  extraArgs: [{name: v, value: \"2\"}]\n", "tracing-config-file"}, not: []string{"*x"}},
	{name: "a conflict in an alias", release: "1.26", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nscheduler:\n  extraArgs: &args\n    tracing-config-file: /x\napiServer:\n  extraArgs: *args\n",
		error: "line 5: ClusterConfiguration: kube-apiserver --tracing-config-file is /x"},
	{name: "a place that is not there as it was", release: "1.34", text: clusterHead + "apiServer:\n  extraArgs: |+\n\n\n", error: "line 4: ClusterConfiguration: apiServer.extraArgs"},
	{name: "a merge key below", release: "1.26", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nscheduler: {extraArgs: &common {feature-gates: \"A=true\"}}\napiServer:\n  extraArgs:\n    feature-gates: \"A=true,B=true\"\n    <<: *common\n",
		error: "what Kubernetes reads here is not what this says, as it takes merge keys (<<) in another order"},
	{name: "a merge key above", release: "1.26", text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nscheduler: {extraArgs: &common {feature-gates: \"A=true\"}}\napiServer:\n  extraArgs:\n    <<: *common\n",
		has: []string{"feature-gates: \"A=true", "APIServerTracing=true"}, not: []string{"<<"}},
	{name: "an anchor of another document", release: "1.34", text: clusterHead + "a: &x {b: c}\n---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration: *x\n",
		error: "line 5: JoinConfiguration: unknown anchor 'x' referenced: write out what aliases"},
	{name: "a fault in a patch", release: "1.34", text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatches:\n- |\n  a: 1\n  b: c: d\n", error: "line 4: Cluster: kubeadmConfigPatches[0]: in the patch's line 2, column 5: "},
	{name: "a field that kind does not know", release: "1.34", text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworkin: {}\n", error: "line 3: Cluster: networkin: "},
}

func TestAsFound(t *testing.T) {
	for _, test := range asFound {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply.Documents(spec(test.release), []byte(test.text), apply.Options{HostDir: "/out", Overwrite: test.overwrite})
			if test.error != "" {
				if err == nil || !strings.Contains(err.Error(), test.error) {
					t.Errorf("got %v, want %s", err, test.error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range test.has {
				if !strings.Contains(string(got.Text), part) {
					t.Errorf("no %s in:\n%s", part, got.Text)
				}
			}
			for _, part := range test.not {
				if strings.Contains(string(got.Text), part) {
					t.Errorf("there is %s in:\n%s", part, got.Text)
				}
			}
			again, err := apply.Documents(spec(test.release), got.Text, apply.Options{HostDir: "/out"})
			if err != nil || len(again.Receipt.Edits) > 0 {
				t.Errorf("the second time %v: %v", err, again.Receipt)
			}
			undone, err := apply.Undo(got.Text, got.Receipt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.text, string(undone)); diff != "" {
				t.Errorf("undone (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRemovePod has volumes that others need, or have made.
func TestRemovePod(t *testing.T) {
	const file = "/etc/kubernetes/tracing-config.yaml"
	for _, test := range []struct {
		name, text string
		has        []string
		left       []apply.Setting
	}{
		{
			name: "another container mounts it",
			text: pod + "    command: [kube-apiserver, --tracing-config-file=" + file + "]\n    volumeMounts:\n    - {name: tracing-config, mountPath: " + file + ", readOnly: true}\n  - name: other\n    volumeMounts:\n    - {name: tracing-config, mountPath: /t}\n  volumes:\n  - name: tracing-config\n    hostPath: {path: " + file + ", type: File}\n",
			has:  []string{"command: [kube-apiserver]", "  volumes:\n  - name: tracing-config", "mountPath: /t"},
			left: []apply.Setting{{Line: 13, Document: "Pod", Name: "volumes tracing-config", Old: file + " for the container other"}},
		},
		{
			name: "somebody's own file in its place",
			text: pod + "    command: [kube-apiserver, --tracing-config-file=" + file + "]\n    volumeMounts:\n    - {name: mine, mountPath: " + file + "}\n  volumes:\n  - name: mine\n    hostPath: {path: /mine}\n",
			has:  []string{"name: mine, mountPath", "path: /mine"},
			left: []apply.Setting{{Line: 8, Document: "Pod", Name: "volumeMounts mine", Old: "/mine at " + file}},
		},
		{
			name: "a JSON patch of a kind cluster",
			text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatchesJSON6902:\n- {group: kubeadm.k8s.io, version: v1beta3, kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes, value: [{name: tracing-config, hostPath: " + file + ", mountPath: " + file + "}]}]'}\n",
			left: []apply.Setting{{Line: 4, Document: "Cluster", Name: "kubeadmConfigPatchesJSON6902", Old: "the operation add on /apiServer/extraVolumes with settings of tracing"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply.Remove(spec("1.34"), []byte(test.text), hostDir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.left, got.Left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			for _, part := range test.has {
				if !strings.Contains(string(got.Text), part) {
					t.Errorf("no %s in:\n%s", part, got.Text)
				}
			}
		})
	}
}

// TestRemoveMerged has settings that a merge key brings.
func TestRemoveMerged(t *testing.T) {
	_, err := apply.Remove(spec("1.34"), []byte(kubeletHead+"<<: {tracing: {endpoint: \"127.0.0.1:4317\", samplingRatePerMillion: 10000}}\n"), apply.Options{})
	if want := "line 3: KubeletConfiguration: <<: this comes from a merge key: write it out"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestReceiptAsJSON keeps receipts of texts whose characters have several bytes.
func TestReceiptAsJSON(t *testing.T) {
	for n := range 12 {
		text := kubeletHead + "x" + strings.Repeat("x", n) + ": 説明説明説明説明説明説明説明説明説明説明\nmaxPods: 100 #" + strings.Repeat("x", n) + "\n# " + strings.Repeat("x", n/3) + strings.Repeat("é説", 40) + "\n"
		got, err := apply.Documents(tracing.TracingSpec{KubernetesVersion: "1.34"}, []byte(text), apply.Options{})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := json.Marshal(got.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		var receipt apply.Receipt
		if err := json.Unmarshal(kept, &receipt); err != nil {
			t.Fatal(err)
		}
		undone, err := apply.Undo(got.Text, receipt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(undone)); diff != "" {
			t.Errorf("undone (-want +got):\n%s", diff)
		}
	}
}
