package kind_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

const hostDir = "/srv/out"

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// mustCluster generates a cluster from a base in YAML, or from nothing.
func mustCluster(t *testing.T, spec tracing.TracingSpec, base string) *v1alpha4.Cluster {
	t.Helper()
	cluster, err := kind.Cluster(spec, mustLoad(t, base), hostDir)
	if err != nil {
		t.Fatalf("Cluster: %v", err)
	}
	return cluster
}

const header = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"

func mustLoad(t *testing.T, base string) *v1alpha4.Cluster {
	t.Helper()
	if base == "" {
		return nil
	}
	cluster, err := kind.Load([]byte(header + base))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return cluster
}

func yamlOf(t *testing.T, cluster *v1alpha4.Cluster) string {
	t.Helper()
	text, err := tracing.Marshal(cluster)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const ourPatch = `- |
  apiServer:
    extraArgs:
      tracing-config-file: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
  etcd:
    local:
      extraArgs:
        experimental-distributed-tracing-address: 127.0.0.1:4317
        experimental-distributed-tracing-service-name: etcd
        experimental-enable-distributed-tracing: "true"
  kind: ClusterConfiguration
- |
  kind: KubeletConfiguration
  tracing:
    endpoint: 127.0.0.1:4317
    samplingRatePerMillion: 10000
`

const ourMount = `  extraMounts:
  - containerPath: /etc/kubernetes/tracing-config.yaml
    hostPath: /srv/out/apiserver/tracing-config.yaml
    readOnly: true
`

func TestCluster(t *testing.T) {
	tests := []struct {
		name, base, want string
	}{
		{
			name: "from nothing",
			want: header + "kubeadmConfigPatches:\n" + ourPatch + "nodes:\n- " + strings.TrimPrefix(ourMount, "  ") + `  image: kindest/node:v1.29.1
  role: control-plane
`,
		},
		{
			name: "mount on every control-plane node, everything else kept",
			base: `name: mine
networking: {ipFamily: dual, disableDefaultCNI: true}
containerdConfigPatches: ["[plugins]"]
nodes:
- role: control-plane
  extraMounts: [{hostPath: /a, containerPath: /b}]
- role: control-plane
  image: kindest/node:v1.29.4@sha256:0c06baa545c3bb3fbd4828eb49b8b805f6788e18ce67bff34706ffa91866558b
- role: worker
  labels: {a: b}
`,
			want: `apiVersion: kind.x-k8s.io/v1alpha4
containerdConfigPatches:
- '[plugins]'
kind: Cluster
kubeadmConfigPatches:
` + ourPatch + `name: mine
networking:
  disableDefaultCNI: true
  ipFamily: dual
nodes:
- extraMounts:
  - containerPath: /b
    hostPath: /a
  - containerPath: /etc/kubernetes/tracing-config.yaml
    hostPath: /srv/out/apiserver/tracing-config.yaml
    readOnly: true
  image: kindest/node:v1.29.1
  role: control-plane
- ` + strings.TrimPrefix(ourMount, "  ") + `  image: kindest/node:v1.29.4@sha256:0c06baa545c3bb3fbd4828eb49b8b805f6788e18ce67bff34706ffa91866558b
  role: control-plane
- image: kindest/node:v1.29.1
  labels:
    a: b
  role: worker
`,
		},
		{
			name: "a patch that sets neither a list nor a gate keeps its text",
			base: `kubeadmConfigPatches:
- |
  # mine
  kind: ClusterConfiguration
  apiServer: {extraArgs: {v: "4"}}
`,
			want: header + "kubeadmConfigPatches:\n" + ourPatch + `- |
  # mine
  kind: ClusterConfiguration
  apiServer: {extraArgs: {v: "4"}}
nodes:
- ` + strings.TrimPrefix(ourMount, "  ") + `  image: kindest/node:v1.29.1
  role: control-plane
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mustCluster(t, spec("1.29.1"), test.base)
			if diff := cmp.Diff(test.want, yamlOf(t, got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const volumes = `[{name: audit, hostPath: /a, mountPath: /b}]`

// folded are bases whose patches would replace ours, and what has to be in them
// afterwards.
var folded = []struct {
	name, release, base string
	patch               func(*v1alpha4.Cluster) string
	want                string
}{
	{
		name: "extraVolumes of a merge patch", release: "1.29.1",
		base:  "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: " + volumes + "}}']\n",
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want: `apiServer:
  extraVolumes:
  - hostPath: /a
    mountPath: /b
    name: audit
  - hostPath: /etc/kubernetes/tracing-config.yaml
    mountPath: /etc/kubernetes/tracing-config.yaml
    name: tracing-config
    pathType: File
    readOnly: true
kind: ClusterConfiguration
`,
	},
	{
		name: "feature-gates of a merge patch", release: "1.26",
		base:  "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: {feature-gates: A=true}}}']\n",
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want: `apiServer:
  extraArgs:
    feature-gates: A=true,APIServerTracing=true
kind: ClusterConfiguration
`,
	},
	{
		name: "flags as a list, where kind writes lists", release: "1.37",
		base: `kubeadmConfigPatchesJSON6902:
- {group: kubeadm.k8s.io, version: v1beta4, kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraArgs, value: [{name: v, value: "4"}]}]'}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want: `- op: add
  path: /apiServer/extraArgs
  value:
  - name: v
    value: "4"
  - name: tracing-config-file
    value: /etc/kubernetes/tracing-config.yaml
`,
	},
	{
		// kind converts merge patches and not JSON patches.
		name: "a JSON patch of the whole part, where kind writes lists", release: "1.36",
		base: `kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer, value: {certSANs: [a]}}]'}]
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want: `- op: add
  path: /apiServer
  value:
    certSANs:
    - a
    extraArgs:
    - name: tracing-config-file
      value: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
`,
	},
	{
		name: "a patch that kind passes over for its apiVersion keeps its text", release: "1.26",
		base:  "kubeadmConfigPatches: ['{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, apiServer: {extraArgs: []}}']\n",
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want:  "{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, apiServer: {extraArgs: []}}",
	},
	{
		name: "the cluster's own feature gates are in our flag", release: "1.26",
		base:  "featureGates: {B: true, A: false}\n",
		patch: func(c *v1alpha4.Cluster) string { return strings.Split(c.KubeadmConfigPatches[0], "\n")[2] },
		want:  "    feature-gates: APIServerTracing=true,A=false,B=true",
	},
	{
		name: "a patch of the control-plane node", release: "1.29.1",
		base:  "nodes: [{role: control-plane, kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: " + volumes + "}}']}]\n",
		patch: func(c *v1alpha4.Cluster) string { return c.Nodes[0].KubeadmConfigPatches[0] },
		want: `apiServer:
  extraVolumes:
  - hostPath: /a
    mountPath: /b
    name: audit
  - hostPath: /etc/kubernetes/tracing-config.yaml
    mountPath: /etc/kubernetes/tracing-config.yaml
    name: tracing-config
    pathType: File
    readOnly: true
kind: ClusterConfiguration
`,
	},
	{
		name: "the second of two documents, the first keeps its text", release: "1.29.1",
		base: `kubeadmConfigPatches:
- |
  kind: InitConfiguration # mine
  ---
  kind: ClusterConfiguration
  apiServer: {extraVolumes: []}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want: `kind: InitConfiguration # mine
---
apiServer:
  extraVolumes:
  - hostPath: /etc/kubernetes/tracing-config.yaml
    mountPath: /etc/kubernetes/tracing-config.yaml
    name: tracing-config
    pathType: File
    readOnly: true
kind: ClusterConfiguration
`,
	},
	{
		name: "a JSON patch that adds the whole list", release: "1.29.1",
		base: `kubeadmConfigPatchesJSON6902:
- {group: kubeadm.k8s.io, version: v1beta3, kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes, value: ` + volumes + `}]'}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want: `- op: add
  path: /apiServer/extraVolumes
  value:
  - hostPath: /a
    mountPath: /b
    name: audit
  - hostPath: /etc/kubernetes/tracing-config.yaml
    mountPath: /etc/kubernetes/tracing-config.yaml
    name: tracing-config
    pathType: File
    readOnly: true
`,
	},
	{
		name: "a JSON patch that replaces the API server as a whole", release: "1.29.1",
		base: `kubeadmConfigPatchesJSON6902:
- {group: kubeadm.k8s.io, version: v1beta3, kind: ClusterConfiguration, patch: '[{op: replace, path: /apiServer, value: {timeoutForControlPlane: 1m}}]'}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want: `- op: replace
  path: /apiServer
  value:
    extraArgs:
      tracing-config-file: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
    timeoutForControlPlane: 1m
`,
	},
	{
		name: "gates that are longer than the merged ones", release: "1.26",
		base:  "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: {feature-gates: \"A=true,   A=true,  A=true,  A=true,     A=true\"}}}']\n",
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want: `apiServer:
  extraArgs:
    feature-gates: "A=true,   A=true,  A=true,  A=true,     A=true,APIServerTracing=true"
kind: ClusterConfiguration
`,
	},
	{
		name: "a JSON patch that kind passes over for its version keeps its text", release: "1.29.1",
		base: `kubeadmConfigPatchesJSON6902:
- {group: kubeadm.k8s.io, version: v1beta4, kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraArgs, value: [{name: v, value: "4"}]}]'}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want:  `[{op: add, path: /apiServer/extraArgs, value: [{name: v, value: "4"}]}]`,
	},
	{
		name: "a volume that serves as ours stays alone", release: "1.29.1",
		base:  "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: [{name: tracing, hostPath: /etc/kubernetes/tracing-config.yaml, mountPath: /etc/kubernetes/tracing-config.yaml}]}}']\n",
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatches[2] },
		want:  "{kind: ClusterConfiguration, apiServer: {extraVolumes: [{name: tracing, hostPath: /etc/kubernetes/tracing-config.yaml, mountPath: /etc/kubernetes/tracing-config.yaml}]}}",
	},
	{
		name: "a JSON patch that appends to the list keeps its text", release: "1.29.1",
		base: `kubeadmConfigPatchesJSON6902:
- {group: kubeadm.k8s.io, version: v1beta3, kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes/-, value: {name: a}}]'}
`,
		patch: func(c *v1alpha4.Cluster) string { return c.KubeadmConfigPatchesJSON6902[0].Patch },
		want:  "[{op: add, path: /apiServer/extraVolumes/-, value: {name: a}}]",
	},
}

func TestClusterFolds(t *testing.T) {
	for _, test := range folded {
		t.Run(test.name, func(t *testing.T) {
			got := test.patch(mustCluster(t, spec(test.release), test.base))
			if strings.Contains(test.base, test.want) { // it keeps its text
				if got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
				return
			}
			if diff := cmp.Diff(says(t, test.want), says(t, got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// says returns what the documents of a patch say, however they are written.
func says(t *testing.T, patch string) []any {
	t.Helper()
	var all []any
	decoder := yaml.NewDecoder(strings.NewReader(patch))
	for {
		var value any
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, value)
	}
}

// mended are bases with what their release does not take, and what becomes of it.
var mended = []struct {
	name, release, base, want string
}{
	{"a gate that is gone", "1.37", "featureGates: {APIServerTracing: true, A: true}\n", "featureGates:\n  A: true\n"},
	{"a gate that is not there yet", "1.24", "featureGates: {KubeletTracing: true}\n", ""},
	{"a gate that is gone, in a patch", "1.37", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, scheduler: {extraArgs: {feature-gates: \"A=true,APIServerTracing=true\"}}}']\n",
		"- '{kind: ClusterConfiguration, scheduler: {extraArgs: {feature-gates: \"A=true\"}}}'\n"},
	{"a gate that is gone, in a list of flags", "1.37", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: [{name: feature-gates, value: APIServerTracing=true}]}}']\n",
		"- '{kind: ClusterConfiguration}'\n"},
	{"the other spelling", "1.34", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, etcd: {local: {extraArgs: {experimental-enable-distributed-tracing: \"true\", v: \"2\"}}}}']\n",
		"- '{kind: ClusterConfiguration, etcd: {local: {extraArgs: {v: \"2\"}}}}'\n"},
	{"a rate where not every etcd has it", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, etcd: {local: {extraArgs: {experimental-distributed-tracing-sampling-rate: \"5\", v: \"2\"}}}}']\n",
		"- '{kind: ClusterConfiguration, etcd: {local: {extraArgs: {v: \"2\"}}}}'\n"},
	{"somebody's instance id", "1.34", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, etcd: {local: {extraArgs: {experimental-distributed-tracing-instance-id: a}}}}']\n",
		`{"distributed-tracing-instance-id":`},
	{"the other spelling, appended", "1.36", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /etcd/local/extraArgs/-, value: {name: experimental-enable-distributed-tracing, value: \"true\"}}]'}]\n",
		`value: {name: "enable-distributed-tracing",`},
	{"the component's gate among kubeadm's", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, featureGates: {APIServerTracing: true, A: true}}']\n",
		"- '{kind: ClusterConfiguration, featureGates: {A: true}}'\n"},
}

func TestClusterMends(t *testing.T) {
	for _, test := range mended {
		t.Run(test.name, func(t *testing.T) {
			got := yamlOf(t, mustCluster(t, spec(test.release), test.base))
			if test.want == "" && strings.Contains(got, "featureGates") || !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %q in it", got, test.want)
			}
			if strings.Contains(got, "experimental") && test.release != "1.29" {
				t.Errorf("the old spelling is still there: %s", got)
			}
		})
	}
}

// TestClusterTwice gives each result as the base of a second call, which must
// change nothing, and checks that the base was not changed.
func TestClusterTwice(t *testing.T) {
	bases := map[string]string{"from nothing": "", "gates": "featureGates: {A: true}\n"}
	releases := map[string][]string{} // all, unless a base is for some only
	for _, test := range folded {
		bases[test.name] = test.base
		if test.release == "1.37" {
			releases[test.name] = []string{test.release}
		}
	}
	for name, base := range bases {
		if releases[name] == nil {
			releases[name] = []string{"1.22", "1.26", "1.29.1", "1.37"}
		}
		for _, release := range releases[name] {
			t.Run(name+" "+release, func(t *testing.T) {
				loaded := mustLoad(t, base)
				before := loaded.DeepCopy()
				once, err := kind.Cluster(spec(release), loaded, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, loaded); diff != "" {
					t.Errorf("the base was changed (-before +after):\n%s", diff)
				}
				twice, err := kind.Cluster(spec(release), once, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(once, twice); diff != "" {
					t.Errorf("the second call changed something (-once +twice):\n%s", diff)
				}
			})
		}
	}
}

func TestClusterRefuses(t *testing.T) {
	tests := []struct {
		name, release, base string
		field, message      string
	}{
		{"image of another release", "1.29", "nodes: [{image: 'kindest/node:v1.30.1'}]\n", "nodes[0].image", "the spec says 1.29"},
		{"worker newer than the control plane", "1.29", "nodes: [{role: control-plane}, {role: worker, image: 'kindest/node:v1.30.1'}]\n", "nodes[1].image", "may not be newer than the control plane, 1.29"},
		{"not an image", "1.29", "nodes: [{image: 'Kind Node'}]\n", "nodes[0].image", "write one such as kindest/node"},
		{"no image known", "1.38", "", "nodes[0].image", "write one"},
		{"no control plane", "1.29", "nodes: [{role: worker}]\n", "nodes", "add a node with the role control-plane"},
		{"another mount at the path", "1.29", "nodes: [{extraMounts: [{hostPath: /x, containerPath: /etc/kubernetes/tracing-config.yaml}]}]\n", "nodes[0].extraMounts[0]", "another apiServer.configFile"},
		{"gate off", "1.29", "featureGates: {APIServerTracing: false}\n", "featureGates[APIServerTracing]", "nothing of kube-apiserver is traced"},
		{"gate locked", "1.35", "featureGates: {KubeletTracing: false}\n", "featureGates[KubeletTracing]", "is locked in Kubernetes 1.35"},
		{"patch that cannot be read", "1.29", "kubeadmConfigPatches: ['{kind: InitConfiguration}', 'kind: [']\n", "kubeadmConfigPatches[1]", "in the patch's line 1, column 7: did not find expected node content"},
		{"patch that is a list", "1.29", "kubeadmConfigPatches: ['[1]']\n", "kubeadmConfigPatches[0]", "no mapping of fields"},
		{"node patch that cannot be read", "1.29", "nodes: [{}, {kubeadmConfigPatches: ['kind: [']}]\n", "nodes[1].kubeadmConfigPatches[0]", "in the patch's line 1, column 7: did not find expected node content"},
		{"JSON patch that cannot be read", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: 'a: b'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "no list of JSON patch operations"},
		{"flag of ours with another value", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: {tracing-config-file: /x}}}']\n", "kubeadmConfigPatches[0]", "kube-apiserver --tracing-config-file is /x and the spec says /etc/kubernetes/tracing-config.yaml: take it out, or write apiServer.configFile: /x into the spec"},
		{"volume of ours with another value", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: [{name: tracing-config, hostPath: /x, mountPath: /x}]}}']\n", "kubeadmConfigPatches[0]", "apiServer.extraVolumes tracing-config is /x at /x and the spec says /etc/kubernetes/tracing-config.yaml (File) at /etc/kubernetes/tracing-config.yaml: rename it"},
		{"gate of ours with another value", "1.26", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: {feature-gates: APIServerTracing=false}}}']\n", "kubeadmConfigPatches[0]", "nothing of kube-apiserver is traced"},
		{"ours deleted", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: null}}']\n", "kubeadmConfigPatches[0]", "apiServer.extraArgs null: it deletes what tracing needs"},
		{"ours deleted by a JSON patch", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: remove, path: /apiServer/extraVolumes/0}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "changes what tracing needs"},
		{"another etcd", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, etcd: {local: {imageTag: 3.5.1-0}}}']\n", "kubeadmConfigPatches[0]", "as etcd.imageTag in the spec"},
		{"another etcd by a JSON patch", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /etcd/local, value: {imageTag: 3.5.1-0}}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "as etcd.imageTag in the spec"},
		{"external etcd", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, etcd: {external: {}}}']\n", "kubeadmConfigPatches[0]", "set etcd.external"},
		{"kubelet's tracing with another value", "1.29", "kubeadmConfigPatches: ['{kind: KubeletConfiguration, tracing: {samplingRatePerMillion: 5}}']\n", "kubeadmConfigPatches[0]", "tracing.samplingRatePerMillion is 5 and the spec says 10000: take it out, or write kubelet.samplingRatePerMillion: 5 into the spec"},
		{"worker of an older release than the spec says", "1.29", "nodes: [{role: control-plane}, {role: worker, image: 'kindest/node:v1.28.0'}]\n", "nodes[1].image", "write 1.28 into kubeletVersion"},
		{"unknown role", "1.29", "nodes: [{role: control-plane}, {role: master}]\n", "nodes[1].role", "write control-plane or worker"},
		{"gate of a node's kubelet off", "1.29", "nodes: [{kubeadmConfigPatches: ['{kind: JoinConfiguration, nodeRegistration: {kubeletExtraArgs: {feature-gates: KubeletTracing=false}}}']}]\n", "nodes[0].kubeadmConfigPatches[0]", "nothing of kubelet is traced"},
		{"gate of the kubelet's configuration off", "1.29", "kubeadmConfigPatches: ['{kind: KubeletConfiguration, featureGates: {KubeletTracing: false}}']\n", "kubeadmConfigPatches[0]", "nothing of kubelet is traced"},
		{"gate off by a JSON patch", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraArgs/feature-gates, value: APIServerTracing=false}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "nothing of kube-apiserver is traced"},
		{"flags as a map, where kind writes a list", "1.36", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraArgs, value: {v: \"4\"}}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "is a map, and kind writes a list for Kubernetes 1.36"},
		{"flags as a list, where kind writes maps", "1.35", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: [{name: v, value: \"4\"}]}}']\n", "kubeadmConfigPatches[0]", "is a list, and kind writes a map for Kubernetes 1.35"},
		{"flag of ours in a list with another value", "1.37", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: [{name: tracing-config-file, value: /x}]}}']\n", "kubeadmConfigPatches[0]", "kube-apiserver --tracing-config-file is /x and the spec says /etc/kubernetes/tracing-config.yaml: take it out, or write apiServer.configFile: /x into the spec"},
		{"another Kubernetes", "1.29.1", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, kubernetesVersion: v1.30.0}']\n", "kubeadmConfigPatches[0]", "kubernetesVersion v1.30.0: this is Kubernetes 1.30"},
		{"etcd's image tag alone by a JSON patch", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /etcd/local/imageTag, value: 3.5.4-0}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "as etcd.imageTag in the spec"},
		{"external etcd by a JSON patch", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /etcd/external, value: {}}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "set etcd.external"},
		{"ours moved away", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: move, from: /apiServer/extraVolumes, path: /scheduler/extraVolumes}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "takes away what tracing needs"},
		{"a mount at the path, written another way", "1.29", "nodes: [{extraMounts: [{hostPath: /x, containerPath: /etc/kubernetes//tracing-config.yaml}]}]\n", "nodes[0].extraMounts[0]", "another apiServer.configFile"},
		{"all beta gates off", "1.30", "featureGates: {AllBeta: false}\n", "featureGates[AllBeta]", "AllBeta=false switches off APIServerTracing, and with it the tracing of kube-apiserver"},
		{"gate off with its component's name", "1.32", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraArgs: {feature-gates: \"kube:APIServerTracing=false\"}}}']\n", "kubeadmConfigPatches[0]", "nothing of kube-apiserver is traced"},
		{"a volume at our path, appended", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes/-, value: {name: a, hostPath: /x, mountPath: /etc/kubernetes/tracing-config.yaml/}}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "another apiServer.configFile into the spec"},
		{"a flag of ours, appended", "1.37", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraArgs/-, value: {name: tracing-config-file, value: /x}}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "kube-apiserver --tracing-config-file is /x and the spec says /etc/kubernetes/tracing-config.yaml: take it out, or write apiServer.configFile: /x into the spec"},
		{"a flag removed from the list", "1.36", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: remove, path: /apiServer/extraArgs/2}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "changes what tracing needs"},
		{"etcd's image copied from elsewhere", "1.29", "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: copy, from: /dns/imageTag, path: /etcd/local/imageTag}]'}]\n", "kubeadmConfigPatchesJSON6902[0].patch", "write the value with the operation add"},
		{"wrong shape", "1.29", "kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: 5}}']\n", "kubeadmConfigPatches[0]", "apiServer.extraVolumes 5: this is no list: write one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := kind.Cluster(spec(test.release), mustLoad(t, test.base), hostDir)
			var invalid *kind.InvalidClusterError
			if !errors.As(err, &invalid) {
				t.Fatalf("got error %v, want an InvalidClusterError", err)
			}
			var problem *field.Error
			if !errors.As(err, &problem) || problem.Field != test.field {
				t.Errorf("got %v, want an error of the field %s", err, test.field)
			}
			if !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %q, want %q in it", err, test.message)
			}
		})
	}
}

func TestClusterNeedsHostDir(t *testing.T) {
	_, err := kind.Cluster(spec("1.29"), nil, "")
	if err == nil || !strings.Contains(err.Error(), "hostDir") {
		t.Errorf("got %v, want an error of hostDir", err)
	}
	for dir, says := range map[string]string{" ": "write the folder", "/a:b": "neither ':'", "/a\nb": "control characters"} {
		if _, err := kind.Cluster(spec("1.29"), nil, dir); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", dir, err, says)
		}
	}
	if _, err := kind.Cluster(spec("1.29"), nil, `C:\out`); err != nil {
		t.Errorf("a folder of Windows: %v", err)
	}
	without := spec("1.29")
	without.APIServer.Disabled = true
	if _, err := kind.Cluster(without, nil, ""); err != nil {
		t.Errorf("got %v, want no error where no file is mounted", err)
	}
}

// TestEveryRelease generates from nothing for every release and checks that the
// node image is of it. kind publishes none of a preview, which TestNodeImage asks for.
func TestEveryRelease(t *testing.T) {
	for _, release := range tracing.Releases() {
		if release.Preview != "" {
			continue
		}
		cluster := mustCluster(t, spec(release.Kubernetes), "")
		if image := cluster.Nodes[0].Image; !strings.HasPrefix(image, "kindest/node:v"+release.Kubernetes+".") {
			t.Errorf("%s: got the image %s", release.Kubernetes, image)
		}
		if len(cluster.FeatureGates) > 0 {
			t.Errorf("%s: got gates for every component: %v", release.Kubernetes, cluster.FeatureGates)
		}
	}
}

func TestWorkerOfOlderRelease(t *testing.T) {
	older := spec("1.29")
	older.KubeletVersion = "1.27"
	base := "nodes: [{role: control-plane}, {role: worker, image: 'kindest/node:v1.27.3'}]\n"
	if got := mustCluster(t, older, base); len(got.Nodes[1].ExtraMounts) > 0 {
		t.Errorf("the worker got mounts: %v", got.Nodes[1].ExtraMounts)
	}
}
