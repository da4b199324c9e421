package reader_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/internal/reader"
)

const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"

// meta is what head says.
var meta = v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"}

// TestCluster reads what kind reads.
func TestCluster(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       v1alpha4.Cluster
	}{
		{"a number for a name", head + "name: 123\n", v1alpha4.Cluster{TypeMeta: meta, Name: "123"}},
		{"numbers and booleans for texts", head + "runtimeConfig: {api/alpha: false, a: 1.10, b: yes}\nnodes:\n- labels: {a: 1, b: true, c: 0x10}\n", v1alpha4.Cluster{TypeMeta: meta,
			RuntimeConfig: map[string]string{"api/alpha": "false", "a": "1.10", "b": "yes"}, Nodes: []v1alpha4.Node{{Labels: map[string]string{"a": "1", "b": "true", "c": "0x10"}}}}},
		{"yes for a boolean", head + "networking: {disableDefaultCNI: yes}\nfeatureGates: {A: on, B: 'no'}\n", v1alpha4.Cluster{TypeMeta: meta,
			Networking: v1alpha4.Networking{DisableDefaultCNI: true}, FeatureGates: map[string]bool{"A": true, "B": false}}},
		{"a second document", head + "---\nkind: Namespace\nname: [\n", v1alpha4.Cluster{TypeMeta: meta}},
		{"anchors", head + "nodes: [&n {role: worker}, *n, {<<: *n, image: a}]\n", v1alpha4.Cluster{TypeMeta: meta,
			Nodes: []v1alpha4.Node{{Role: "worker"}, {Role: "worker"}, {Role: "worker", Image: "a"}}}},
		{"a text in lines at the end", head + "kubeadmConfigPatches:\n- |\n  a: 1", v1alpha4.Cluster{TypeMeta: meta, KubeadmConfigPatches: []string{"a: 1"}}},
		{"a port in small letters", head + "nodes: [{extraPortMappings: [{containerPort: 80, protocol: tcp}]}]\n", v1alpha4.Cluster{TypeMeta: meta,
			Nodes: []v1alpha4.Node{{ExtraPortMappings: []v1alpha4.PortMapping{{ContainerPort: 80, Protocol: "TCP"}}}}}},
		{"JSON with a byte order mark and Windows", "\ufeff{\"kind\": \"Cluster\",\r\n\"apiVersion\": \"kind.x-k8s.io/v1alpha4\"}", v1alpha4.Cluster{TypeMeta: meta}},
		{"null", head + "name: ~\nnodes:\n", v1alpha4.Cluster{TypeMeta: meta}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, problems := reader.Cluster([]byte(test.text))
			if len(problems) > 0 {
				t.Fatalf("problems: %v", problems)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("cluster (-want +got):\n%s", diff)
			}
		})
	}
}

// TestClusterProblems names what kind refuses, without types of Go.
func TestClusterProblems(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"a field that it does not know", head + "nodes:\n- role: worker\n  imgae: x\nnetworkin: {}\nx: 1\n", []string{
			"line 5: nodes[0].imgae: kind knows no such field: write image",
			"line 6: networkin: kind knows no such field: write networking",
			"line 7: x: kind knows no such field: take it out",
		}},
		{"a field in another case", head + "Name: a\nnodes: [{Role: a}]\n", []string{
			"line 3: Name: kind knows no such field: write name",
			"line 4: nodes[0].Role: kind knows no such field: write role",
		}},
		{"other types", head + "name: {}\nnodes:\n- role: [a]\n  extraMounts: yes\n  extraPortMappings: [{containerPort: a}]\n- 5\nnetworking: a\nfeatureGates: {A: 1}\nkubeadmConfigPatches: a\n", []string{
			"line 3: name: there are fields: write a text",
			"line 5: nodes[0].role: there is a list: write a text",
			"line 6: nodes[0].extraMounts: it is \"yes\": write a list",
			"line 7: nodes[0].extraPortMappings[0].containerPort: it is \"a\": write a whole number up to 2147483647",
			"line 8: nodes[1]: it is \"5\": write fields",
			"line 9: networking: it is \"a\": write fields",
			"line 10: featureGates.A: it is \"1\": write true or false",
			"line 11: kubeadmConfigPatches: it is \"a\": write a list",
		}},
		{"a long value", head + "networking: {apiServerPort: abcdefghijklmnop}\n", []string{
			"line 3: networking.apiServerPort: it is \"abcdefg...\": write a whole number up to 2147483647",
		}},
		{"a field twice", head + "nodes:\n- role: a\n  role: b\n", []string{"line 5: nodes[0].role: it is written twice, first in line 4: take one out"}},
		{"a field of the cluster twice", head + "name: a\nname: b\n", []string{"line 4: name: it is written twice, first in line 3: take one out"}},
		{"a word that it does not know", head + "nodes: [{extraMounts: [{propagation: Both}]}]\n", []string{
			`line 3: nodes[0].extraMounts[0].propagation: kind does not know "Both": write None, HostToContainer or Bidirectional`,
		}},
		{"a protocol that it does not know", head + "nodes:\n- extraPortMappings:\n  - protocol: http\n", []string{
			`line 5: nodes[0].extraPortMappings[0].protocol: kind does not know "HTTP": write TCP, UDP or SCTP`,
		}},
		{"another kind", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Pod\nspec: {}\n", []string{`line 2: kind: it is "Pod", and kind reads Cluster alone: write kind: Cluster`}},
		{"an older version", "kind: Cluster\napiVersion: kind.sigs.k8s.io/v1alpha3\n", []string{
			`line 2: apiVersion: it is "kind.sigs.k8s.io/v1alpha3", and kind reads kind.x-k8s.io/v1alpha4 alone: write apiVersion: kind.x-k8s.io/v1alpha4`,
		}},
		{"neither", "# x\nnodes: []\n", []string{
			"line 1: apiVersion: it is missing: write apiVersion: kind.x-k8s.io/v1alpha4",
			"line 1: kind: it is missing: write kind: Cluster",
		}},
		{"an empty first document", "# x\n---\n---\n" + head, []string{
			"there is nothing in the first document, and kind reads no other: write apiVersion: kind.x-k8s.io/v1alpha4 and kind: Cluster into it",
		}},
		{"nothing", "", []string{
			"there is nothing in the first document, and kind reads no other: write apiVersion: kind.x-k8s.io/v1alpha4 and kind: Cluster into it",
		}},
		{"no YAML", head + "a: [\n", []string{"line 3: did not find expected node content"}},
		{"a template", head + "{% if x %}\nname: a\n", []string{"line 3: {% if x %} is no YAML but a template: render the template first (found character that cannot start any token)"}},
		{"an unknown alias", head + "nodes: [*x]\n", []string{"line 3: unknown anchor 'x' referenced"}},
		{"a text", "a", []string{
			"there is nothing in the first document, and kind reads no other: write apiVersion: kind.x-k8s.io/v1alpha4 and kind: Cluster into it",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster, problems := reader.Cluster([]byte(test.text))
			var got []string
			for _, problem := range problems {
				got = append(got, problem.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" || cluster != nil {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzCluster says that no problem names a type of Go.
func FuzzCluster(f *testing.F) {
	f.Add(head + "nodes: [{role: [], extraMounts: [{propagation: x, a: {}}]}]\nnetworking: {ipFamily: {}}\n")
	f.Add("a: *a")
	f.Fuzz(func(t *testing.T, text string) {
		cluster, problems := reader.Cluster([]byte(text))
		if (cluster == nil) != (len(problems) > 0) {
			t.Errorf("got %v, %v", cluster, problems)
		}
		for _, problem := range problems {
			if strings.Contains(problem.Message, "v1alpha4.") || problem.Message == "" {
				t.Errorf("%v", problem)
			}
		}
	})
}
