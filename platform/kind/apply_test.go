package kind_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/apply"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// both is what Cluster and apply.Documents make of a cluster, which is to be the same.
// what is wrong are as many problems for one as for the other.
func both(t *testing.T, spec tracing.TracingSpec, text string) (cluster *v1alpha4.Cluster, edited apply.Result, problems *kind.InvalidClusterError) {
	t.Helper()
	base, err := kind.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	cluster, err = kind.Cluster(spec, base, hostDir)
	edited, other := apply.Documents(spec, []byte(text), apply.Options{HostDir: hostDir})
	if errors.As(err, &problems) {
		joined, _ := other.(interface{ Unwrap() []error })
		if joined == nil || len(joined.Unwrap()) != len(problems.Errors) {
			t.Errorf("Cluster says: %v\nand apply: %v", err, other)
		}
		return nil, edited, problems
	}
	if err != nil || other != nil {
		t.Fatalf("Cluster says: %v\nand apply: %v", err, other)
	}
	read, err := kind.Load(edited.Text)
	if err != nil {
		t.Fatalf("apply's cluster is not read: %v\n%s", err, edited.Text)
	}
	if diff := cmp.Diff(yamlOf(t, cluster), yamlOf(t, read)); diff != "" {
		t.Errorf("Cluster and apply do not agree (-Cluster +apply):\n%s", diff)
	}
	return cluster, edited, nil
}

// TestAsApply has inputs of which Cluster and apply once thought otherwise.
func TestAsApply(t *testing.T) {
	const stale = `kubeadmConfigPatches:
- |
  apiServer:
    extraArgs:
      feature-gates: APIServerTracing=true,B=false
      tracing-config-file: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
  kind: ClusterConfiguration
- |
  featureGates:
    KubeletTracing: true
  kind: KubeletConfiguration
  tracing:
    endpoint: 127.0.0.1:4317
    samplingRatePerMillion: 5
`
	const patches = "kubeadmConfigPatches:\n- |\n  "
	for _, test := range []struct {
		name, release, text string
		has, not            []string
	}{
		{"a gate of the cluster that was changed", "1.25", "featureGates: {A: true, B: true}\n" + stale, []string{"feature-gates: APIServerTracing=true,A=true,B=true\n", "samplingRatePerMillion: 10000"}, []string{"B=false", "samplingRatePerMillion: 5"}},
		{"a gate of the cluster that is gone", "1.25", stale, []string{"feature-gates: APIServerTracing=true\n"}, []string{"B=false"}},
		{"gates of a patch of ours for an older release", "1.34", stale, nil, []string{"feature-gates", "featureGates", "B=false"}},
		{"AllBeta with the gate", "1.33", patches + "kind: ClusterConfiguration\n  apiServer: {extraArgs: {feature-gates: \"AllBeta=false,APIServerTracing=true\"}}\n", []string{"AllBeta=false,APIServerTracing=true"}, nil},
		{"AllBeta with the gates, of all components", "1.33", "featureGates: {AllBeta: false, APIServerTracing: true, KubeletTracing: true}\n", []string{"AllBeta: false"}, nil},
		{"the gate that 1.37 does not know", "1.37", "featureGates: {APIServerTracing: true, A: true}\n", []string{"A: true"}, []string{"APIServerTracing"}},
		{"a flag in the old spelling", "1.34", patches + "kind: ClusterConfiguration\n  etcd: {local: {extraArgs: {experimental-distributed-tracing-instance-id: a}}}\n", []string{"distributed-tracing-instance-id"}, []string{"experimental"}},
		{"a flag that no etcd has", "1.37", patches + "kind: ClusterConfiguration\n  etcd:\n    local:\n      extraArgs:\n      - {name: distributed-tracing-sampling, value: \"5\"}\n      - {name: v, value: \"2\"}\n", []string{"value: \"2\""}, []string{"sampling,"}},
		{"a component's gate among kubeadm's", "1.29", patches + "kind: ClusterConfiguration\n  featureGates: {APIServerTracing: true, A: true}\n", []string{"featureGates: {A: true}"}, []string{"APIServerTracing"}},
		{"yes", "1.34", "networking: {disableDefaultCNI: yes}\n", []string{"disableDefaultCNI: true"}, nil},
		{"a second document", "1.34", "---\napiVersion: v1\nkind: Namespace\n", nil, nil},
		{"numbers and booleans for texts", "1.34", "name: 123\nruntimeConfig: {api/all: true}\nnodes: [{labels: {a: 1, b: false}}]\n", []string{"name: \"123\"", "api/all: \"true\"", "a: \"1\"", "b: \"false\""}, nil},
		{"items of null", "1.34", "nodes: [null, {role: control-plane}]\nkubeadmConfigPatches: [null]\nkubeadmConfigPatchesJSON6902: [null]\n", []string{"role: control-plane"}, nil},
		{"an anchored node", "1.34", "nodes:\n- &node {role: control-plane}\n- *node\n- {<<: *node, role: worker}\n", []string{"role: worker"}, nil},
		{"no line break at the end", "1.34", "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraVolumes: []", []string{"extraVolumes"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster, _, problems := both(t, spec(test.release), header+test.text)
			if problems != nil {
				t.Fatal(problems)
			}
			got := yamlOf(t, cluster)
			for _, part := range test.has {
				if !strings.Contains(got, part) {
					t.Errorf("no %q in:\n%s", part, got)
				}
			}
			for _, part := range test.not {
				if strings.Contains(got, part) {
					t.Errorf("there is %q in:\n%s", part, got)
				}
			}
		})
	}
}

// TestAllProblems has several in one cluster, which are all there, each at its field.
func TestAllProblems(t *testing.T) {
	_, _, problems := both(t, spec("1.34"), header+`featureGates: {APIServerTracing: false}
nodes:
- role: worker
  image: kindest/node:v1.30.0
  kubeadmConfigPatches: ['kind: [']
kubeadmConfigPatches:
- '{kind: KubeletConfiguration, tracing: {samplingRatePerMillion: 5}}'
- '{kind: ClusterConfiguration, etcd: {local: {extraArgs: {config-file: /e}}}}'
`)
	if problems == nil {
		t.Fatal("there is no error")
	}
	want := []string{
		`nodes: Invalid value: "without a control plane": add a node with the role control-plane, which a cluster needs`,
		`nodes[0].image: Invalid value: "kindest/node:v1.30.0": this is Kubernetes 1.30 and the spec's oldest kubelet is 1.34: take a newer one, or write 1.30 into kubeletVersion, or take the image out for kindest/node:v1.34.11`,
		`featureGates[APIServerTracing]: Invalid value: "false": featureGates APIServerTracing is false and the spec says true: take it out: the gate APIServerTracing is locked in Kubernetes 1.34, whose components do not start where it is off`,
		`kubeadmConfigPatches[0]: Invalid value: "5": tracing.samplingRatePerMillion is 5 and the spec says 10000: take it out, or write kubelet.samplingRatePerMillion: 5 into the spec`,
		`kubeadmConfigPatches[1]: Invalid value: "/e": etcd --config-file /e: with it etcd passes over all its other flags and variables: take it out, or disable etcd in the spec for this document and write these fields into the file: enable-distributed-tracing: true, distributed-tracing-address: 127.0.0.1:4317, distributed-tracing-service-name: etcd, distributed-tracing-sampling-rate: 10000`,
		`nodes[0].kubeadmConfigPatches[0]: Invalid value: "": in the patch's line 1, column 7: did not find expected node content`,
	}
	var got []string
	for _, problem := range problems.Errors {
		got = append(got, problem.Error())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestUpgrades gives the result of each release to the next, with another rate each
// time: what is ours takes the place of what was ours, and nobody is asked.
func TestUpgrades(t *testing.T) {
	text := header + "name: mine\nfeatureGates: {A: true}\nnodes: [{role: control-plane}, {role: worker}]\nkubeadmConfigPatches:\n- |\n  kind: KubeletConfiguration # mine\n  maxPods: 40\n"
	for rate, release := range []string{"1.25", "1.26", "1.29", "1.33", "1.34", "1.37"} {
		perMillion := int32(1000 + rate)
		now := spec(release)
		now.SamplingRatePerMillion = &perMillion
		base, err := kind.Load([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for i := range base.Nodes { // which are the user's to change
			base.Nodes[i].Image = ""
		}
		cluster, edited, problems := both(t, now, yamlOf(t, base))
		if problems != nil {
			t.Fatalf("%s: %v", release, problems)
		}
		fresh := mustCluster(t, now, "featureGates: {A: true}\n")
		want := append(fresh.KubeadmConfigPatches, "kind: KubeletConfiguration # mine\nmaxPods: 40\n")
		if diff := cmp.Diff(want, cluster.KubeadmConfigPatches); diff != "" {
			t.Errorf("%s: patches (-of a new cluster +of this):\n%s", release, diff)
		}
		for _, s := range edited.Replaced {
			if s.Old != "an earlier patch of tracing" {
				t.Errorf("%s: it replaces %+v", release, s)
			}
		}
		text = yamlOf(t, cluster)
	}
}
