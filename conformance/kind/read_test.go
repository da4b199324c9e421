package kubetrace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/internal/apis/config/encoding"
	"sigs.k8s.io/yaml"

	"kubetrace/platform/kind"
)

// configurations are what people write for kind. HEAD stands for the lines that every
// one needs.
var configurations = []string{
	"HEAD", "HEADname: a\n", "HEADname: 123\n", "HEADname: 1.10\n", "HEADname: yes\n", "HEADname: null\n", "HEADname: ~\n", "HEADname: true\n", "HEADname: 2020-01-02\n", "HEADname: 0x10\n", "HEADname: {}\n", "HEADname: [a]\n", "HEADname: !!binary YQ==\n", "HEADname: !x a\n", "HEADname: *x\n", "HEADname: 'a'\r\n", "HEADname: |\n  a\n", "HEADname: a",
	"\ufeffHEADname: a\n", "# a\nHEAD", "---\nHEAD", "---\n---\nHEAD", "HEAD---\nname: a\n", "HEAD---\nx: [\n", "HEAD...\nname: a\n", "HEAD\tname: a\n", "HEADname: a: b\n", "HEADname: [\n", "HEADname: {{ x }}\n", "HEAD{% x %}\n",
	"", "# a\n", "null", "a", "[]", "- HEAD", "{}", `{"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": "a"}`, `{"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": "a",}`, "{kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4, name: 5}",
	"kind: Cluster\n", "apiVersion: kind.x-k8s.io/v1alpha4\n", "kind: cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n", "kind: Cluster\napiVersion: kind.sigs.k8s.io/v1alpha3\n", "kind: Config\napiVersion: kind.sigs.k8s.io/v1alpha2\n", "kind: Cluster\napiVersion: kind.x-k8s.io/v1\n", "kind: Cluster\napiVersion: v1alpha4\n", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha5\nx: 1\n", "kind: 5\napiVersion: kind.x-k8s.io/v1alpha4\n", "Kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", "kind: Cluster\napiVersion: \n", "HEADkind: Cluster\n", "HEADapiVersion: kind.x-k8s.io/v1alpha4\n",
	"HEADx: 1\n", "HEADName: a\n", "HEADx: &x a\nname: *x\n", "HEADname: a\nname: b\n", "HEADname: a\nname: a\n",
	"HEADnodes:\n", "HEADnodes: []\n", "HEADnodes: {}\n", "HEADnodes: a\n", "HEADnodes: [a]\n", "HEADnodes: [{}]\n", "HEADnodes: [null]\n", "HEADnodes: [{role: worker}]\n", "HEADnodes: [{role: 5}]\n", "HEADnodes: [{role: yes}]\n", "HEADnodes: [{Role: worker}]\n", "HEADnodes: [{imgae: a}]\n", "HEADnodes: [{image: 5}]\n", "HEADnodes: [{role: worker, role: control-plane}]\n",
	"HEADnodes: [&n {role: worker}, *n]\n", "HEADnodes: [&n {role: worker}, {<<: *n, image: a}]\n", "HEADnodes: [&n {role: worker}, {<<: *n, role: control-plane}]\n", "HEADnodes: [&n {role: worker}, {role: control-plane, <<: *n}]\n", "HEADnodes: [&n {role: worker}, {<<: [*n, {image: a}]}]\n", "HEADnodes: [&n {x: worker}, {<<: *n}]\n", "HEADnodes: [{<<: {role: worker}}]\n", "HEADnodes: [{<<: a}]\n", "HEADnodes: &n [{role: worker}]\nkubeadmConfigPatches: *n\n", "HEADkubeadmConfigPatches: &p [a]\nnodes: [{kubeadmConfigPatches: *p}]\n", "HEADnodes: [*n, &n {}]\n",
	"HEADnodes: [{labels: {a: 1, b: true, c: 1.10, d: yes, e: null, f: 2020-01-02, 5: a, true: b}}]\n", "HEADnodes: [{labels: {a: {}}}]\n", "HEADnodes: [{labels: {a: b, a: c}}]\n", "HEADnodes: [{labels: [a]}]\n",
	"HEADnodes: [{extraMounts: [{hostPath: 1, containerPath: 2, readOnly: yes}]}]\n", "HEADnodes: [{extraMounts: [{readOnly: on}, {readOnly: n}, {readOnly: False}, {readOnly: TRUE}, {readOnly: 'true'}]}]\n", "HEADnodes: [{extraMounts: [{readOnly: y}]}]\n", "HEADnodes: [{extraMounts: [{readOnly: 'yes'}]}]\n", "HEADnodes: [{extraMounts: [{readOnly: 1}]}]\n", "HEADnodes: [{extraMounts: [{readOnly: maybe}]}]\n", "HEADnodes: [{extraMounts: [{readonly: true}]}]\n", "HEADnodes: [{extraMounts: [{propagation: None}, {propagation: HostToContainer}, {propagation: Bidirectional}, {propagation: ''}]}]\n", "HEADnodes: [{extraMounts: [{propagation: none}]}]\n", "HEADnodes: [{extraMounts: [{propagation: 5}]}]\n", "HEADnodes: [{extraMounts: [{propagation: []}]}]\n", "HEADnodes: [{extraMounts: {hostPath: a}}]\n",
	"HEADnodes: [{extraPortMappings: [{containerPort: 80, hostPort: '80'}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: 80.0}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: 80.5}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: 0x50}, {containerPort: 0o17}, {containerPort: 017}, {containerPort: 1_000}, {containerPort: 1e3}, {containerPort: -1}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: 5000000000}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: true}]}]\n", "HEADnodes: [{extraPortMappings: [{containerPort: null}]}]\n", "HEADnodes: [{extraPortMappings: [{protocol: tcp}, {protocol: Udp}, {protocol: SCTP}, {protocol: ''}]}]\n", "HEADnodes: [{extraPortMappings: [{protocol: http}]}]\n", "HEADnodes: [{extraPortMappings: [{protocol: 5}]}]\n", "HEADnodes: [{extraPortMappings: [{listenAddress: 0}]}]\n",
	"HEADnetworking: {disableDefaultCNI: yes, kubeProxyMode: none, apiServerPort: 6443}\n", "HEADnetworking: {disableDefaultCNI: 'yes'}\n", "HEADnetworking: {disableDefaultCNI: 1}\n", "HEADnetworking: {apiServerPort: '6443'}\n", "HEADnetworking: {ipFamily: 6}\n", "HEADnetworking: {dnsSearch: [a, 5, yes]}\n", "HEADnetworking: {dnsSearch: []}\n", "HEADnetworking: {dnsSearch: null}\n", "HEADnetworking: {dnsSearch: a}\n", "HEADnetworking: {podSubnet: 10.0}\n", "HEADnetworking: a\n", "HEADnetworking:\n", "HEADnetworkin: {}\n",
	"HEADfeatureGates: {A: true, B: off, C: 'no', D: No}\n", "HEADfeatureGates: {A: 1}\n", "HEADfeatureGates: {A: a}\n", "HEADfeatureGates: {A: null}\n", "HEADfeatureGates: {5: true}\n", "HEADfeatureGates: [A]\n", "HEADfeatureGates: {A: true, A: false}\n", "HEADfeatureGates: {&a A: true, *a : false}\n",
	"HEADruntimeConfig: {api/alpha: false, a: 1, b: yes, c: 1.10, d: null}\n", "HEADruntimeConfig: {a: []}\n", "HEADruntimeConfig: {a: b, a: c}\n",
	"HEADkubeadmConfigPatches: [a, 5, yes, null]\n", "HEADkubeadmConfigPatches:\n- |\n  a: 1", "HEADkubeadmConfigPatches: [{kind: A}]\n", "HEADkubeadmConfigPatches: a\n", "HEADkubeadmConfigPatchesJSON6902: [{group: a, version: 1, kind: b, patch: '[]'}]\n", "HEADkubeadmConfigPatchesJSON6902: [{patch: [{op: add}]}]\n", "HEADkubeadmConfigPatchesJSON6902: [{Patch: a}]\n", "HEADcontainerdConfigPatches: [a]\n", "HEADcontainerdConfigPatchesJSON6902: [5]\n", "HEADcontainerdConfigPatchesJSON6902: [{patch: a}]\n",
}

// TestRead holds kind.Load against kind's own reader: both read a configuration, and
// alike, or neither does.
func TestRead(t *testing.T) {
	cell(t, "patches")
	texts := make([]string, 0, len(configurations))
	const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
	for _, text := range configurations {
		texts = append(texts, strings.ReplaceAll(text, "HEAD", head))
	}
	corpus, err := filepath.Glob("../../apply/testdata/corpus/kind/*.yaml")
	if err != nil || len(corpus) == 0 {
		t.Fatalf("there are %d configurations that people wrote: %v", len(corpus), err)
	}
	for _, file := range corpus {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		want, kindErr := encoding.Parse([]byte(text))
		loaded, err := kind.Load([]byte(text))
		if (err == nil) != (kindErr == nil) {
			t.Errorf("%q: kind says %v, and we say %v", text, kindErr, err)
		}
		if err != nil || kindErr != nil {
			continue
		}
		written, err := yaml.Marshal(loaded)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encoding.Parse(written)
		if err != nil {
			t.Errorf("%q: kind refuses what we read of it: %v\n%s", text, err, written)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-kind +we):\n%s", text, diff)
		}
	}
}
