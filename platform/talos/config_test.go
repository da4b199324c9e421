package talos_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"
	documents "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

// corpus are configurations as people write them, and the Talos and Kubernetes of each.
var corpus = map[string][2]string{
	"minimal.yaml":   {"1.10", "1.33"},
	"homelab.yaml":   {"1.11.3", "1.34"},
	"worker.yaml":    {"1.12", "1.35"},
	"documents.yaml": {"1.13", "1.36"},
	"audited.yaml":   {"1.11", "1.30"},
	"by-hand.yaml":   {"1.12", "1.34"},
	"cloud.yaml":     {"1.3", "1.26"},
}

// corpusFile reads one of the corpus, or skips one that needs a newer machinery.
func corpusFile(t *testing.T, name string) (string, tracing.TracingSpec, talos.Options) {
	t.Helper()
	releases := corpus[name]
	if name == "documents.yaml" && !hasLists(t) {
		t.Skip(withoutLists)
	}
	text := string(must(os.ReadFile(filepath.Join("testdata", "configs", name)))(t))
	return text, tracing.TracingSpec{KubernetesVersion: releases[1]}, talos.Options{TalosVersion: releases[0]}
}

// TestCorpus edits the configurations, and takes out again what was added: everything else
// is as it was.
func TestCorpus(t *testing.T) {
	files := must(filepath.Glob(filepath.Join("testdata", "configs", "*.yaml")))(t)
	if len(files) != len(corpus) {
		t.Fatalf("there are %d files, and %d are known", len(files), len(corpus))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			text, s, o := corpusFile(t, name)
			base := load(t, text)
			once := must(talos.Config(s, base, o))(t)
			golden(t, "corpus-"+name, withoutManifests(marshal(t, once)))
			compare(t, "twice", marshal(t, once), marshal(t, must(talos.Config(s, once, o))(t)))
			if string(must(talos.Marshal(base))(t)) != text {
				t.Error("the base was changed")
			}
			removed := must(talos.Remove(s, once, o))(t)
			if name == "by-hand.yaml" {
				return // what was right before goes too
			}
			compare(t, "removed", canonical(t, load(t, text)), marshal(t, removed))
		})
	}
}

// withoutManifests leaves the contents of our inline manifests out of a golden file.
func withoutManifests(text string) string {
	var kept []string
	skip := false
	for _, line := range strings.Split(text, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if skip && (indent > 10 || line == "") {
			continue
		}
		skip = strings.TrimSpace(line) == "contents: |" && len(kept) > 0 && strings.Contains(kept[len(kept)-1], "name: kubetrace-")
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

const head = "version: v1alpha1\nmachine:\n  type: controlplane\n"

// TestConflicts has what does not go together with the spec.
func TestConflicts(t *testing.T) {
	for _, test := range []struct {
		name, config, spec string
		want               map[string]string // part of the message by path
	}{
		{"another tracing file", head + "cluster: {apiServer: {extraArgs: {tracing-config-file: /etc/my.yaml}}}", "",
			map[string]string{"cluster.apiServer.extraArgs[tracing-config-file]": "the spec says /var/etc/kubetrace/tracing-config.yaml"}},
		{"another file at its path", head + "  files: [{path: /var/etc/kubetrace/tracing-config.yaml, op: create, permissions: 0o644, content: hello}]", "",
			map[string]string{"machine.files[0].content": "this is another file"}},
		{"another endpoint in it", head + "  files: [{path: /var/etc/kubetrace/tracing-config.yaml, op: create, permissions: 0o644, content: \"kind: TracingConfiguration\\napiVersion: apiserver.config.k8s.io/v1beta1\\nendpoint: 10.0.0.9:4317\\nsamplingRatePerMillion: 10000\\n\"}]", "",
			map[string]string{"machine.files[0].content.endpoint": "the spec says 127.0.0.1:4317"}},
		{"a file for root alone", head + "  files: [{path: /var/etc/kubetrace/tracing-config.yaml, op: overwrite, permissions: 0o600, content: \"kind: TracingConfiguration\\napiVersion: apiserver.config.k8s.io/v1beta1\\nendpoint: 127.0.0.1:4317\\nsamplingRatePerMillion: 10000\\n\"}]", "",
			map[string]string{"machine.files[0].permissions": "0o644", "machine.files[0].op": "create"}},
		{"another folder there", head + "cluster: {apiServer: {extraVolumes: [{hostPath: /var/a, mountPath: /var/etc/kubetrace}]}}", "",
			map[string]string{"cluster.apiServer.extraVolumes[0].hostPath": "the spec says /var/etc/kubetrace"}},
		{"another folder above", head + "cluster: {apiServer: {extraVolumes: [{hostPath: /var/lib/x, mountPath: /var/lib/y}, {hostPath: /var/a, mountPath: /var/etc}]}}", "",
			map[string]string{"cluster.apiServer.extraVolumes[1].hostPath": "kube-apiserver sees /var/a/kubetrace/tracing-config.yaml"}},
		{"a gate that is off", head + "cluster: {apiServer: {extraArgs: {feature-gates: 'A=true,APIServerTracing=false'}}}", `kubernetesVersion: "1.26"`,
			map[string]string{"cluster.apiServer.extraArgs[feature-gates]": "the spec says true"}},
		{"another endpoint of the kubelet", head + "  kubelet: {extraConfig: {tracing: {endpoint: 10.0.0.9:4317}}}", "",
			map[string]string{"machine.kubelet.extraConfig.tracing.endpoint": "the spec says 127.0.0.1:4317"}},
		{"a flag of the kubelet", head + "  kubelet: {extraArgs: {feature-gates: KubeletTracing=false}}", `kubernetesVersion: "1.31"`,
			map[string]string{"machine.kubelet.extraArgs[feature-gates]": "the spec says true"}},
		{"another endpoint of etcd", head + "cluster: {etcd: {extraArgs: {distributed-tracing-address: 10.0.0.9:4317}}}", "",
			map[string]string{"cluster.etcd.extraArgs[distributed-tracing-address]": "the spec says 127.0.0.1:4317"}},
		{"an etcd of its own", head + "cluster: {etcd: {extraArgs: {config-file: /var/etcd.yaml}}}", "",
			map[string]string{"cluster.etcd.extraArgs[config-file]": "passes over all its other flags"}},
		{"an etcd that names no version", head + "cluster: {etcd: {image: example.com/etcd:latest}}", "",
			map[string]string{"cluster.etcd.image": "write etcd.version into the spec"}},
		{"another etcd than the spec's", head + "cluster: {etcd: {image: 'example.com/etcd:v3.5.21'}}", `{kubernetesVersion: "1.34", etcd: {external: true, version: 3.6.4}}`,
			map[string]string{"cluster.etcd.image": "the spec says etcd 3.6.4"}},
		{"the spec's etcd without an image", head, `{kubernetesVersion: "1.34", etcd: {external: true, version: 3.5.21}}`,
			map[string]string{"cluster.etcd.image": "this Talos runs 3.6.7, which takes other flags"}},
		{"another Kubernetes", head + "  kubelet: {image: 'ghcr.io/siderolabs/kubelet:v1.35.0'}\ncluster: {apiServer: {image: 'registry.k8s.io/kube-apiserver:v1.33.1'}}", "",
			map[string]string{"machine.kubelet.image": "1.34", "cluster.apiServer.image": "1.34"}},
		{"a variable that undoes it", head + "  env: {OTEL_EXPORTER_OTLP_TIMEOUT: '5'}\n", "",
			map[string]string{"machine.env[OTEL_EXPORTER_OTLP_TIMEOUT]": "milliseconds"}},
		{"another variable of containerd", head + "  env: {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://10.0.0.9:4317'}\n", `{kubernetesVersion: "1.34", containerd: {version: "2.1"}}`,
			map[string]string{"machine.env[OTEL_EXPORTER_OTLP_ENDPOINT]": "the spec says http://127.0.0.1:4317"}},
		{"an unknown role", "version: v1alpha1\nmachine: {type: master}\n", "",
			map[string]string{"machine.type": "write controlplane or worker"}},
		{"no first document", "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: a\nurl: tcp://10.0.0.1:1/\n", "",
			map[string]string{"version": "version: v1alpha1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := tracing.TracingSpec{KubernetesVersion: "1.34"}
			if test.spec != "" {
				s = spec(t, test.spec)
			}
			o := talos.Options{TalosVersion: "1.12"}
			_, err := talos.Config(s, load(t, test.config), o)
			var invalid *talos.InvalidConfigError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v", err)
			}
			for path, part := range test.want {
				if !slices.ContainsFunc(invalid.Errors, func(e *field.Error) bool { return e.Field == path && strings.Contains(e.Error(), part) }) {
					t.Errorf("%s with %q is not in\n%v", path, part, err)
				}
			}
			if len(invalid.Errors) != len(test.want) {
				t.Errorf("there are %d errors: %v", len(invalid.Errors), err)
			}
		})
	}
}

// TestOverwrite puts the spec's values in the place of others, and adds to what has room.
func TestOverwrite(t *testing.T) {
	o := talos.Options{TalosVersion: "1.12", Overwrite: true, WithoutManifests: true}
	s := tracing.TracingSpec{KubernetesVersion: "1.34"}
	base := load(t, head+`  kubelet: {extraConfig: {maxPods: 5, tracing: {endpoint: "10.0.0.9:4317"}}}
  files: [{path: /a, op: overwrite, permissions: 0o600, content: a}, {path: /var/etc/kubetrace/tracing-config.yaml, op: create, permissions: 0o644, content: hello}]
cluster:
  apiServer: {extraArgs: {tracing-config-file: /etc/my.yaml, v: "2"}, extraVolumes: [{hostPath: /var/a, mountPath: /var/etc/kubetrace}]}
  etcd: {extraArgs: {distributed-tracing-address: "10.0.0.9:4317"}}
`)
	once := must(talos.Config(s, base, o))(t)
	golden(t, "overwrite.yaml", marshal(t, once))
	o.Overwrite = false
	compare(t, "without it afterwards", marshal(t, once), marshal(t, must(talos.Config(s, once, o))(t)))
}

// TestInlineManifests says that one which has a name of ours and other contents is
// somebody's own: a conflict, and left by Remove.
func TestInlineManifests(t *testing.T) {
	const theirs = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: mine\n"
	s, o := tracing.TracingSpec{KubernetesVersion: "1.34"}, talos.Options{TalosVersion: "1.12"}
	base := load(t, head+"cluster: {inlineManifests: [{name: other, contents: a}, {name: kubetrace-collector, contents: "+strconv.Quote(theirs)+"}]}\n")
	contents := func(p config.Provider) map[string]string {
		all := map[string]string{}
		for _, m := range p.Cluster().InlineManifests() {
			all[m.Name()] = m.Contents()
		}
		return all
	}
	var problem *field.Error
	if _, err := talos.Config(s, base, o); !errors.As(err, &problem) || problem.Field != "cluster.inlineManifests[1].contents" {
		t.Errorf("got %v, want a conflict at cluster.inlineManifests[1].contents", err)
	}
	compare(t, "removed", map[string]string{"other": "a", "kubetrace-collector": theirs}, contents(must(talos.Remove(s, base, o))(t)))
	o.Overwrite = true
	once := must(talos.Config(s, base, o))(t)
	if have := contents(once); have["other"] != "a" || !strings.Contains(have["kubetrace-collector"], "kind: DaemonSet") {
		t.Errorf("overwritten: %v", have)
	}
	compare(t, "ours removed", map[string]string{"other": "a"}, contents(must(talos.Remove(s, once, o))(t)))
}

// TestAnotherSpec follows a rate and an upgrade of Talos.
func TestAnotherSpec(t *testing.T) {
	base := load(t, head)
	s, o := tracing.TracingSpec{KubernetesVersion: "1.31"}, talos.Options{TalosVersion: "1.10", WithoutManifests: true}
	before := must(talos.Config(s, base, o))(t)
	if text := marshal(t, before); !strings.Contains(text, "experimental-enable-distributed-tracing") {
		t.Fatalf("Talos 1.10 has etcd 3.5:\n%s", text)
	}
	o.TalosVersion = "1.13"
	after := must(talos.Config(s, before, o))(t)
	if text := marshal(t, after); strings.Contains(text, "experimental") || !strings.Contains(text, "enable-distributed-tracing") {
		t.Errorf("Talos 1.13 has etcd 3.6:\n%s", text)
	}
	o.Overwrite = true
	rate := int32(5)
	s.SamplingRatePerMillion = &rate
	if text := marshal(t, must(talos.Config(s, after, o))(t)); strings.Contains(text, "10000") || strings.Count(text, "samplingRatePerMillion: 5\n") != 2 {
		t.Errorf("the rate is 5:\n%s", text)
	}
}

// TestFlagsStay leaves flags as they are written, also those that no component takes.
func TestFlagsStay(t *testing.T) {
	base := load(t, head+"cluster: {apiServer: {extraArgs: {'a=b': c, v: '2'}}, etcd: {extraArgs: {'d=e': f}}}\n")
	out := must(talos.Config(tracing.TracingSpec{KubernetesVersion: "1.34"}, base, talos.Options{TalosVersion: "1.12"}))(t)
	server, etcd := flags(t, out.Cluster().APIServer().ExtraArgs()), flags(t, out.Cluster().Etcd().ExtraArgs())
	if server["a=b"] != "c" || server["v"] != "2" || etcd["d=e"] != "f" {
		t.Errorf("got %v and %v", server, etcd)
	}
}

// document is one of Talos 1.14, which machinery does not know yet.
type document string

func (d document) Clone() documents.Document { return d }
func (d document) Kind() string              { return string(d) }
func (d document) APIVersion() string        { return "v1alpha1" }

// TestMultiDocument refuses what Talos 1.14 generates.
func TestMultiDocument(t *testing.T) {
	main := load(t, head).Documents()[0]
	base := must(container.New(main, document("KubeAPIServerConfig"), document("KubeletConfig")))(t)
	s, o := tracing.TracingSpec{KubernetesVersion: "1.34"}, talos.Options{TalosVersion: "1.14"}
	_, err := talos.Config(s, base, o)
	for _, part := range []string{"KubeAPIServerConfig: Forbidden", "KubeletConfig: Forbidden", "--talos-version v1.13"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	s.APIServer.Disabled, s.Kubelet.Disabled = true, true
	once := must(talos.Config(s, base, o))(t)
	if n := len(once.Documents()); n != 3 {
		t.Errorf("there are %d documents", n)
	}
}

// TestPure changes nothing that it is given, and shares nothing.
func TestPure(t *testing.T) {
	for name := range corpus {
		t.Run(name, func(t *testing.T) {
			text, s, o := corpusFile(t, name)
			base := load(t, text).Clone()
			before := marshal(t, base)
			for _, change := range []func() string{
				func() string {
					out := must(talos.Config(s, base, o))(t)
					text := marshal(t, out)
					raw := out.RawV1Alpha1()
					raw.MachineConfig.MachineType, raw.MachineConfig.MachineNodeLabels = "worker", nil
					if raw.MachineConfig.MachineKubelet != nil {
						clear(raw.MachineConfig.MachineKubelet.KubeletExtraConfig.Object)
					}
					clear(raw.ClusterConfig.ClusterInlineManifests)
					return text
				},
				func() string { return marshal(t, must(talos.Remove(s, base, o))(t)) },
				func() string {
					p := must(talos.ConfigPatches(s, o))(t)
					return marshal(t, p.ControlPlane) + marshal(t, p.Worker)
				},
				func() string { return string(must(talos.RunBook(s, o))(t)) },
			} {
				compare(t, "a second call", change(), change())
				compare(t, "the base", before, marshal(t, base))
			}
		})
	}
}

// FuzzConfig gives configurations of any text: nothing panics, and what is accepted changes
// no more when it is given again.
func FuzzConfig(f *testing.F) {
	for name := range corpus {
		text, err := os.ReadFile(filepath.Join("testdata", "configs", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(head + "  kubelet: {extraConfig: {featureGates: {KubeletTracing: no, A: 1}}}\ncluster: {apiServer: {extraArgs: {feature-gates: 'A', '': b, 'a=b': c}}, etcd: {extraArgs: {'-x': y}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		base := read(text)
		if base == nil {
			return
		}
		s, o := tracing.TracingSpec{KubernetesVersion: "1.31", Containerd: &tracing.ContainerdSpec{Version: "2.0"}}, talos.Options{TalosVersion: "1.12"}
		once, err := talos.Config(s, base, o)
		if err != nil {
			return
		}
		twice, err := talos.Config(s, once, o)
		if err != nil {
			t.Fatalf("the result is refused: %v", err)
		}
		compare(t, "twice", marshal(t, once), marshal(t, twice))
	})
}
