package kubetrace

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"

	"kubetrace/platform/kind"
)

// mutations are clusters that kubetrace must not return, with what the judge has
// to say of each.
var mutations = []struct {
	name, base, minor string
	change            func(*plan)
	want              string
}{
	{"a mount is missing", "ha", "1.29", func(p *plan) {
		p.Cluster.Nodes[1].ExtraMounts = nil
	}, "kind-control-plane2: run has 0 times --volume="},
	{"a mount is writable", "single", "1.36", func(p *plan) {
		p.Cluster.Nodes[0].ExtraMounts[0].Readonly = false
	}, "kind-control-plane: run has 0 times --volume="},
	{"a mount is elsewhere", "single", "1.29", func(p *plan) {
		p.Cluster.Nodes[0].ExtraMounts[0].ContainerPath = "/etc/kubernetes/tracing.yaml"
	}, "kube-apiserver reads /etc/kubernetes/tracing-config.yaml, of the node's"},
	{"a mount too many", "dual", "1.34", func(p *plan) {
		p.Cluster.Nodes[1].ExtraMounts = p.Cluster.Nodes[0].ExtraMounts
	}, "kind-worker: run beside that is"},
	{"the bundle is not there", "settings", "1.36", func(p *plan) {
		p.Files = fstest.MapFS{"README.md": {}}
	}, "unless it is there: nothing"},
	{"the file is another", "spec", "1.26", func(p *plan) {
		p.Files = fstest.MapFS{"apiserver/tracing-config.yaml": {Data: []byte("{}")}}
	}, "which is not its file:\n{}"},
	{"our patches are dropped", "merge", "1.31", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = p.Base.KubeadmConfigPatches
	}, "there is no ClusterConfiguration.apiServer.extraArgs.tracing-config-file,"},
	{"the user's patches are dropped", "merge", "1.31", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = ours(p)
	}, "there is no KubeletConfiguration.maxPods,"},
	{"our patches are for another API version", "single", "1.29", func(p *plan) {
		for i, text := range p.Cluster.KubeadmConfigPatches {
			p.Cluster.KubeadmConfigPatches[i] = "apiVersion: kubeadm.k8s.io/v1beta4\n" + text
		}
	}, "there is no ClusterConfiguration.apiServer.extraArgs.tracing-config-file,"},
	{"flags are a list in v1beta3", "single", "1.30", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = append(p.Cluster.KubeadmConfigPatches, "{kind: ClusterConfiguration, apiServer: {extraArgs: [{name: tracing-config-file, value: /etc/kubernetes/tracing-config.yaml}]}}")
	}, "ClusterConfiguration.apiServer.extraArgs is a list in kubeadm.k8s.io/v1beta3"},
	{"the user's list replaces ours", "merge", "1.25", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = slices.Concat(ours(p), p.Base.KubeadmConfigPatches)
	}, "there is no ClusterConfiguration.apiServer.extraVolumes.tracing-config.hostPath,"},
	{"the user's flag replaces ours", "merge", "1.25", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = slices.Concat(ours(p), p.Base.KubeadmConfigPatches)
	}, "there is no ClusterConfiguration.apiServer.extraArgs.feature-gates.APIServerTracing,"},
	{"our list replaces the user's", "merge", "1.36", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = slices.Concat(p.Base.KubeadmConfigPatches, ours(p))
	}, "there is no ClusterConfiguration.apiServer.extraVolumes.own.hostPath,"},
	{"the user's JSON patch replaces ours", "json", "1.36", func(p *plan) {
		p.Cluster.KubeadmConfigPatchesJSON6902 = p.Base.KubeadmConfigPatchesJSON6902
	}, "there is no ClusterConfiguration.apiServer.extraVolumes.tracing-config.hostPath,"},
	{"a node's patch replaces ours", "nodes", "1.29", func(p *plan) {
		p.Cluster.Nodes[0].KubeadmConfigPatches = p.Base.Nodes[0].KubeadmConfigPatches
	}, "kind-control-plane: there is no ClusterConfiguration.apiServer.extraVolumes.tracing-config.hostPath,"},
	{"a gate that the release does not have", "single", "1.37", func(p *plan) {
		p.Cluster.FeatureGates = map[string]bool{"APIServerTracing": true}
	}, `there is ClusterConfiguration.apiServer.extraArgs.feature-gates.APIServerTracing, "true", of which nobody spoke`},
	{"a duration of zero", "single", "1.36", func(p *plan) {
		p.Cluster.KubeadmConfigPatches = append(p.Cluster.KubeadmConfigPatches, "{kind: KubeletConfiguration, syncFrequency: 0s}")
	}, `there is KubeletConfiguration.syncFrequency, "0s", of which nobody spoke`},
	{"a containerd patch is dropped", "settings", "1.29", func(p *plan) {
		p.Cluster.ContainerdConfigPatches = nil
	}, "own-control-plane: /etc/containerd/config.toml is"},
	{"a worker is dropped", "ha", "1.36", func(p *plan) {
		p.Cluster.Nodes = slices.Delete(p.Cluster.Nodes, 4, 5)
	}, "kind makes"},
}

// ours are the patches of kubetrace alone.
func ours(p *plan) []string {
	alone, err := kind.ClusterFor(p.Resolved, nil, p.HostDir)
	if err != nil {
		panic(err) // a cluster from nothing was made of this spec before
	}
	return alone.KubeadmConfigPatches
}

// TestMutations shows that the judge sees what is wrong.
func TestMutations(t *testing.T) {
	cell(t, "create cluster")
	for _, test := range mutations {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			at := slices.IndexFunc(Cases, func(c Case) bool { return c.Name == test.base })
			if at < 0 {
				t.Fatalf("there is no case %s", test.base)
			}
			r, err := Cases[at].run(t.Context(), docker, t.TempDir(), test.minor, test.change)
			if err != nil {
				t.Fatal(err)
			}
			problems, err := judge(r)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(problems, "\n"), test.want) {
				t.Errorf("the judge says\n%s\nand not\n%s", strings.Join(problems, "\n"), test.want)
			}
		})
	}
}

// TestMutatedRecords shows that the judge sees what kind would do wrong.
func TestMutatedRecords(t *testing.T) {
	cell(t, "create cluster")
	at := slices.IndexFunc(Cases, func(c Case) bool { return c.Name == "dual" })
	r, err := Cases[at].run(t.Context(), docker, t.TempDir(), "1.36", nil)
	if err != nil {
		t.Fatal(err)
	}
	find := func(words ...string) int {
		return slices.IndexFunc(r.With.Calls, func(call engine.Call) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(call.Args, word) })
		})
	}
	write, init, join := find("kind-worker", "cp", kubeadmConf), find("kubeadm", "init"), find("kubeadm", "join")
	if write < 0 || init < write || join < init {
		t.Fatalf("the worker's file, init and join are calls %d, %d and %d", write, init, join)
	}
	tests := []struct {
		name   string
		change func(*engine.Record)
		want   string
	}{
		{"kubeadm.conf is missing", func(r *engine.Record) {
			r.Calls = slices.Delete(r.Calls, write, write+1)
		}, "kind-worker: /kind/kubeadm.conf is not there when kubeadm init runs"},
		{"kubeadm.conf comes late", func(r *engine.Record) {
			r.Calls = append(slices.Delete(slices.Clone(r.Calls), write, write+1), r.Calls[write])
		}, "kind-worker: /kind/kubeadm.conf is not there when kubeadm init runs"},
		{"kubeadm.conf is written twice", func(r *engine.Record) {
			r.Calls = append(r.Calls, r.Calls[write])
		}, "kind-worker: kind wrote /kind/kubeadm.conf twice"},
		{"no init", func(r *engine.Record) {
			r.Calls = slices.Delete(r.Calls, init, init+1)
		}, `kind-control-plane: kind ran kubeadm "", want "init"`},
		{"no join", func(r *engine.Record) {
			r.Calls = slices.Delete(r.Calls, join, join+1)
		}, `kind-worker: kind ran kubeadm "", want "join"`},
		{"two joins", func(r *engine.Record) {
			r.Calls = append(r.Calls, r.Calls[join])
		}, "kind-worker: kubeadm ran twice"},
		{"nodes are removed", func(r *engine.Record) {
			r.Calls = append(r.Calls, engine.Call{Args: []string{"rm", "-f", "-v", "kind-worker"}})
		}, "kind removed nodes"},
		{"a file is gone", func(r *engine.Record) {
			delete(r.Containers[1].Files, kubeadmConf)
		}, "kind-worker: /kind/kubeadm.conf is there: false, and without kubetrace: true"},
		{"a file is new", func(r *engine.Record) {
			r.Containers[1].Files["/etc/new"] = ""
		}, "kind-worker: /etc/new is there: true, and without kubetrace: false"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			record := engine.Record{Calls: slices.Clone(r.With.Calls), Pulled: r.With.Pulled}
			for _, c := range r.With.Containers {
				clone := *c
				clone.Files = maps.Clone(c.Files)
				record.Containers = append(record.Containers, &clone)
			}
			test.change(&record)
			changed := *r
			changed.With = &record
			problems, err := judge(&changed)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, test.want) }) {
				t.Errorf("the judge says %q, and not %q", problems, test.want)
			}
		})
	}
}

// TestOldTemplate shows why kind before 0.32 makes no nodes of 1.37: kubeadm
// does not read what kind writes there.
func TestOldTemplate(t *testing.T) {
	cell(t, "create cluster")
	api, err := kubeadmAPI("v1.37.0")
	if err != nil {
		t.Fatal(err)
	}
	old := strings.HasPrefix(Version(), "v0.30.") || strings.HasPrefix(Version(), "v0.31.")
	if wrote := map[bool]string{true: "kubeadm.k8s.io/v1beta3", false: "kubeadm.k8s.io/v1beta4"}[old]; api != wrote {
		t.Errorf("kind %s writes %s for 1.37, want %s", Version(), api, wrote)
	}
	for _, c := range Cases {
		for minor, want := range map[string]bool{"1.35": true, "1.36": !old || !c.Literal, "1.37": !old, "1.38": !old} {
			if fits, err := c.Fits(minor); err != nil || fits != want {
				t.Errorf("kind %s makes nodes of %s for %s: %t (%v), want %t", Version(), minor, c.Name, fits, err, want)
			}
		}
	}
}
