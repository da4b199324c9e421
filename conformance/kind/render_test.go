package kubetrace

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

const (
	ownVolumes   = `{kind: ClusterConfiguration, apiServer: {extraVolumes: [{name: own, hostPath: /a, mountPath: /b}]}}`
	jsonPatch    = `[{op: add, path: /apiServer/extraVolumes, value: [{name: own, hostPath: /a, mountPath: /b}]}]`
	otherVersion = "kind: ClusterConfiguration\napiServer: {extraVolumes: [{name: own, hostPath: /a, mountPath: /b}]}\n"
	ownGates     = `{kind: ClusterConfiguration, apiServer: {extraArgs: {feature-gates: "AllAlpha=false"}}}`
)

func node(patches ...string) []v1alpha4.Node {
	return []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole, KubeadmConfigPatches: patches}, {Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}}
}

// bases are clusters of people's own, with the volumes that are to be there
// afterwards, and the gates, which are whole where kind replaces the flag.
var bases = []struct {
	name    string
	base    *v1alpha4.Cluster
	volumes []string
	gates   string
}{
	{"from nothing", nil, []string{"tracing-config"}, ""},
	{"nodes", &v1alpha4.Cluster{Nodes: node()}, []string{"tracing-config"}, ""},
	{"volumes", &v1alpha4.Cluster{KubeadmConfigPatches: []string{ownVolumes}}, []string{"own", "tracing-config"}, ""},
	{"volumes of the node", &v1alpha4.Cluster{Nodes: node(ownVolumes)}, []string{"own", "tracing-config"}, ""},
	{"volumes of an API version that kind does not render", &v1alpha4.Cluster{KubeadmConfigPatches: []string{"apiVersion: kubeadm.k8s.io/v1beta1\n" + otherVersion}}, []string{"tracing-config"}, ""},
	{"volumes of a JSON patch", &v1alpha4.Cluster{KubeadmConfigPatchesJSON6902: []v1alpha4.PatchJSON6902{{Group: "", Version: "", Kind: "ClusterConfiguration", Patch: jsonPatch}}}, []string{"own", "tracing-config"}, ""},
	{"gates", &v1alpha4.Cluster{KubeadmConfigPatches: []string{ownGates}}, []string{"tracing-config"}, "AllAlpha=false"},
	{"gates of the cluster", &v1alpha4.Cluster{FeatureGates: map[string]bool{"AllAlpha": false}}, []string{"tracing-config"}, "AllAlpha=false"},
	{"IPv6", &v1alpha4.Cluster{Networking: v1alpha4.Networking{IPFamily: v1alpha4.IPv6Family}}, []string{"tracing-config"}, ""},
	{"kubelet", &v1alpha4.Cluster{KubeadmConfigPatches: []string{"{kind: KubeletConfiguration, maxPods: 50}"}}, []string{"tracing-config"}, ""},
}

// TestRender has kind render every release with every base and compares what
// kubeadm would read there with the typed outputs.
func TestRender(t *testing.T) {
	cell(t, "patches")
	for _, release := range tracing.Releases() {
		for _, test := range bases {
			t.Run(release.Kubernetes+" "+test.name, func(t *testing.T) {
				spec := tracing.TracingSpec{KubernetesVersion: release.Kubernetes}
				resolved, err := tracing.Resolve(spec)
				if err != nil {
					t.Fatal(err)
				}
				base := test.base
				if release.Preview != "" {
					if base, _, err = withImage(base, "kindest/node:v"+release.Preview); err != nil {
						t.Fatal(err)
					}
				}
				cluster, err := kind.ClusterFor(resolved, base, "/srv/out")
				if err != nil {
					t.Fatal(err)
				}
				text, err := tracing.Marshal(cluster)
				if err != nil {
					t.Fatal(err)
				}
				_, version, _ := strings.Cut(cluster.Nodes[0].Image, ":")
				rendered, err := render(text, version)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				got, err := readSettings(rendered)
				if err != nil {
					t.Fatal(err)
				}
				want, err := wanted(resolved)
				if err != nil {
					t.Fatal(err)
				}
				for at, value := range want {
					if got[at] != value {
						t.Errorf("%s is %q, want %q", at, got[at], value)
					}
				}

				const server = "ClusterConfiguration.apiServer."
				var volumes []string
				for at := range got {
					if name, ok := strings.CutSuffix(at, ".mountPath"); ok {
						volumes = append(volumes, strings.TrimPrefix(name, server+"extraVolumes."))
					}
				}
				slices.Sort(volumes)
				if diff := cmp.Diff(test.volumes, volumes); diff != "" {
					t.Errorf("volumes of kube-apiserver (-want +got):\n%s", diff)
				}
				if gate, has := got[server+"extraArgs.feature-gates.APIServerTracing"]; has != (release.APIServerTracing == tracing.GateRequired) {
					t.Errorf("the gate APIServerTracing is %q", gate)
				}
				if name, on, own := strings.Cut(test.gates, "="); own && got[server+"extraArgs.feature-gates."+name] != on {
					t.Errorf("the user's gate %s is lost", test.gates)
				}
				if _, traced := got["KubeletConfiguration.tracing.endpoint"]; traced != release.KubeletTraced {
					t.Errorf("the kubelet is traced: %t", traced)
				}
				if test.name == "kubelet" && got["KubeletConfiguration.maxPods"] != "50" {
					t.Errorf("the user's maxPods is %q", got["KubeletConfiguration.maxPods"])
				}
			})
		}
	}
}

// TestWrongPatches shows that the judge refuses what kind and kubeadm would: the
// forms that kubetrace does not write.
func TestWrongPatches(t *testing.T) {
	cell(t, "patches")
	tests := []struct {
		name, version, patch string
		lost                 bool // kind passes over the patch
	}{
		{"apiVersion of another release", "v1.29.1", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer: {extraArgs: {tracing-config-file: /x}}", true},
		{"no kind", "v1.29.1", "apiServer: {extraArgs: {tracing-config-file: /x}}", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, err := tracing.Marshal(&v1alpha4.Cluster{
				TypeMeta:             v1alpha4.TypeMeta{APIVersion: "kind.x-k8s.io/v1alpha4", Kind: "Cluster"},
				KubeadmConfigPatches: []string{test.patch},
			})
			if err != nil {
				t.Fatal(err)
			}
			rendered, err := render(text, test.version)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readSettings(rendered)
			if err != nil {
				t.Fatal(err)
			}
			if _, there := got["ClusterConfiguration.apiServer.extraArgs.tracing-config-file"]; there == test.lost {
				t.Errorf("the flag is there: %t", there)
			}
		})
	}
	if _, err := render([]byte("apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodez: []\n"), "v1.29.1"); err == nil {
		t.Error("kind read a field that it does not know")
	}
}
