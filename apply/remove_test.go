package apply_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apply"
)

// removals are documents, what Remove leaves of tracing in them, and parts of the text
// after.
var removals = []struct {
	name, release, text string
	want                []string
	has, not            []string
}{
	{
		name: "gates that no spec of the release writes", release: "1.29",
		text: v1beta3Head + "featureGates: {APIServerTracing: true}\napiServer:\n  extraArgs:\n    feature-gates: APIServerTracing=true\ncontrollerManager:\n  extraArgs:\n    feature-gates: APIServerTracing=true,A=true\n---\n" +
			kubeletHead + "featureGates:\n  KubeletTracing: true\n---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nfeatureGates: {APIServerTracing: true}\n---\napiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration: {kubeletExtraArgs: {feature-gates: \"KubeletTracing=true\"}}\n",
		want: []string{
			"line 3, ClusterConfiguration: featureGates.APIServerTracing=true",
			"line 6, ClusterConfiguration: kube-apiserver --feature-gates APIServerTracing=true",
			"line 9, ClusterConfiguration: kube-controller-manager --feature-gates APIServerTracing=true",
			"line 14, KubeletConfiguration: featureGates KubeletTracing=true",
			"line 18, KubeProxyConfiguration: featureGates APIServerTracing=true",
			"line 22, InitConfiguration: kubelet --feature-gates KubeletTracing=true",
		},
		has: []string{"featureGates: {APIServerTracing: true}\napiServer:\n  extraArgs:\n    feature-gates: APIServerTracing=true\n", "featureGates:\n  KubeletTracing: true\n"},
	},
	{
		name: "gates that a spec writes", release: "1.26",
		text: v1beta3Head + "apiServer:\n  extraArgs:\n    feature-gates: APIServerTracing=true,A=true\ncontrollerManager:\n  extraArgs:\n    feature-gates: APIServerTracing=true,A=true\n---\n" + kubeletHead + "featureGates:\n  KubeletTracing: true\n  A: true\n",
		want: []string{"line 8, ClusterConfiguration: kube-controller-manager --feature-gates APIServerTracing=true"},
		has:  []string{"apiServer:\n  extraArgs:\n    feature-gates: A=true\n", "featureGates:\n  A: true\n"}, not: []string{"KubeletTracing"},
	},
	{
		name: "a gate that is off", release: "1.26", text: kubeletHead + "featureGates: {KubeletTracing: false}\n",
		want: []string{"line 3, KubeletConfiguration: featureGates KubeletTracing=false"}, has: []string{"KubeletTracing: false"},
	},
	{
		name: "nodes and images of a cluster", release: "1.26", text: kindHead + "nodes:\n- role: control-plane\n  image: kindest/node:v1.26.15\n- role: worker\n  image: kindest/node:v1.26.0\n",
		want: []string{"line 5, Cluster: nodes[0].image=kindest/node:v1.26.15"}, has: []string{"v1.26.15", "v1.26.0"},
	},
	{
		name: "a patch of others with our gate", release: "1.26", text: kindHead + "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer: {extraArgs: {feature-gates: \"APIServerTracing=true,A=true\"}}\n  scheduler: {extraArgs: {feature-gates: APIServerTracing=true}}\n",
		want: []string{"line 4, ClusterConfiguration in kubeadmConfigPatches: kube-scheduler --feature-gates APIServerTracing=true"},
		has:  []string{"  apiServer: {extraArgs: {feature-gates: \"A=true\"}}\n  scheduler: {extraArgs: {feature-gates: APIServerTracing=true}}\n"},
	},
	{
		name: "our patch with the gates of a cluster", release: "1.26", text: kindHead + "featureGates: {A: true}\nkubeadmConfigPatches:\n- |\n  apiServer:\n    extraArgs:\n      feature-gates: APIServerTracing=true,A=true\n      tracing-config-file: /etc/kubernetes/tracing-config.yaml\n    extraVolumes:\n    - hostPath: /etc/kubernetes/tracing-config.yaml\n      mountPath: /etc/kubernetes/tracing-config.yaml\n      name: tracing-config\n      pathType: File\n      readOnly: true\n  kind: ClusterConfiguration\n",
		has: []string{"featureGates: {A: true}\n"}, not: []string{"kubeadmConfigPatches", "tracing"},
	},
	{
		name: "a mount of another file", release: "1.34", text: kindHead + "nodes:\n- extraMounts:\n  - {hostPath: /x, containerPath: /etc/kubernetes/tracing-config.yaml}\n",
		want: []string{"line 5, Cluster: nodes[0].extraMounts[0]=/x at /etc/kubernetes/tracing-config.yaml"}, has: []string{"{hostPath: /x,"},
	},
	{
		name: "flags and variables of etcd that are not the spec's", release: "1.29",
		text: etcdPod + "    command: [etcd, --experimental-enable-distributed-tracing=false, --distributed-tracing-sampling=5, --experimental-distributed-tracing-service-name=etcd]\n    env: [{name: ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_ADDRESS, value: \"127.0.0.1:4317\"}]\n",
		want: []string{
			"line 6, Pod: etcd --experimental-enable-distributed-tracing=false",
			"line 6, Pod: etcd --distributed-tracing-sampling=5",
			"line 7, Pod: etcd ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_ADDRESS=127.0.0.1:4317",
		},
		has: []string{"command: [etcd, --experimental-enable-distributed-tracing=false, --distributed-tracing-sampling=5]\n"},
	},
	{
		name: "flags that etcd passes over for its file", release: "1.34",
		text: etcdPod + "    command: [etcd, --config-file=/e, --enable-distributed-tracing=true]\n    env: [{name: ETCD_DISTRIBUTED_TRACING_ADDRESS, value: \"127.0.0.1:4317\"}]\n",
		want: []string{
			"line 6, Pod: etcd --enable-distributed-tracing=true",
			"line 7, Pod: etcd ETCD_DISTRIBUTED_TRACING_ADDRESS=127.0.0.1:4317",
		},
		has: []string{"command: [etcd, --config-file=/e, --enable-distributed-tracing=true]\n"},
	},
	{
		name: "another rate beside our endpoint", release: "1.34", text: kubeletHead + "tracing:\n  endpoint: 127.0.0.1:4317\n  samplingRatePerMillion: 5\n",
		want: []string{"line 5, KubeletConfiguration: tracing.samplingRatePerMillion=5"}, not: []string{"endpoint"},
	},
	{
		name: "an endpoint and a rate of others", release: "1.34", text: kubeletHead + "tracing: {endpoint: \"10.0.0.1:4317\", samplingRatePerMillion: 5}\n",
		want: []string{"line 3, KubeletConfiguration: tracing.endpoint=10.0.0.1:4317", "line 3, KubeletConfiguration: tracing.samplingRatePerMillion=5"},
		has:  []string{"tracing: {endpoint: \"10.0.0.1:4317\", samplingRatePerMillion: 5}"},
	},
}

func TestRemoveLeaves(t *testing.T) {
	for _, test := range removals {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply.Remove(spec(test.release), []byte(test.text), hostDir)
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, s := range got.Left {
				left = append(left, fmt.Sprintf("line %d, %s: %s=%s", s.Line, s.Document, s.Name, s.Old))
			}
			if diff := cmp.Diff(test.want, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			compareParts(t, string(got.Text), test.has, test.not)
			back, err := apply.Undo(got.Text, got.Receipt)
			if err != nil || string(back) != test.text {
				t.Errorf("put back it is %q, %v", back, err)
			}
		})
	}
}
