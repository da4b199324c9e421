package k3s_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "rewrite what is wanted in testdata, and fail")

// TestConfigs edits configurations as people write them. The release is in the name of
// each.
func TestConfigs(t *testing.T) {
	files, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			base, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := k3s.Options{}
			if strings.HasPrefix(name, "rke2") {
				o.Distribution = k3s.RKE2
			}
			in := spec(name[strings.LastIndex(name, "-")+1:])
			result, err := k3s.Config(in, server, base, o)
			if err != nil {
				t.Fatal(err)
			}
			got := result.Text
			golden := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
				t.Error("it was rewritten: read the difference")
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantSettings(t, base, got, in.KubernetesVersion, o)
			twice, err := k3s.Config(in, server, got, o)
			if err != nil || string(twice.Text) != string(got) || len(twice.Receipt.Edits)+len(twice.Replaced) > 0 {
				t.Errorf("twice: %v, %+v\n%s", err, twice, cmp.Diff(string(got), string(twice.Text)))
			}
			undone, err := apply.Undo(got, result.Receipt)
			if err != nil || string(undone) != string(base) {
				t.Errorf("undo: %v\n%s", err, cmp.Diff(string(base), string(undone)))
			}
		})
	}
}

// wantSettings says that everything that was there is there, and every flag of Settings.
func wantSettings(t *testing.T, base, got []byte, version string, o k3s.Options) {
	t.Helper()
	var before, after map[string]any
	if err := errors.Join(yaml.Unmarshal(base, &before), yaml.Unmarshal(got, &after)); err != nil {
		t.Fatal(err)
	}
	for key, value := range before {
		if _, there := after[key]; !there {
			t.Errorf("%s: %v is gone", key, value)
		}
	}
	settings, err := k3s.Settings(spec(version), server, o)
	if err != nil {
		t.Fatal(err)
	}
	if before["datastore-endpoint"] != nil {
		settings.EtcdArg = nil
	}
	for key, flags := range map[string][]string{"kube-apiserver-arg": settings.KubeAPIServerArg, "etcd-arg": settings.EtcdArg, "kubelet-arg": settings.KubeletArg} {
		text := ""
		for _, key := range []string{key, key + "+"} {
			list, _ := after[key].([]any)
			for _, element := range list {
				text += element.(string) + "\n"
			}
		}
		for _, flag := range flags {
			_, value, _ := strings.Cut(flag, "=")
			if !strings.Contains(text, value) {
				t.Errorf("%s has no %s:\n%s", key, flag, text)
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, test := range []struct {
		name, release string
		role          kubetrace.Role
		base          string
		field         string
		message       string
	}{
		{"no YAML", "1.34.1", server, "a: [", "config.yaml", "line 1"},
		{"a list", "1.34.1", server, "- a\n", "config.yaml", "write key: value"},
		{"two documents", "1.34.1", server, "a: 1\n---\nb: 1\n", "config.yaml", "write one"},
		{"another tracing file", "1.34.1", server, "kube-apiserver-arg: [tracing-config-file=/x]\n", "kube-apiserver-arg[0]", "is /x and the spec says /etc/rancher/k3s/tracing-config.yaml: take it out, or write apiServer.configFile: /x into the spec"},
		{"another tracing file, added", "1.34.1", server, "kube-apiserver-arg+: [v=2, --tracing-config-file=/x]\n", "kube-apiserver-arg+[1]", "is /x"},
		{"gate off", "1.32.1", server, "kube-apiserver-arg: feature-gates=APIServerTracing=false\n", "kube-apiserver-arg[0]", "APIServerTracing"},
		{"etcd off", "1.34.1", server, "etcd-arg: [enable-distributed-tracing=false]\n", "etcd-arg[0]", "etcd is not traced"},
		{"etcd elsewhere", "1.32.1", server, "etcd-arg: [experimental-distributed-tracing-address=10.0.0.1:4317]\n", "etcd-arg[0]", "10.0.0.1"},
		{"a map", "1.34.1", server, "etcd-arg: {a: b}\n", "etcd-arg", "write a list of name=value"},
		{"both keys", "1.34.1", server, "etcd-arg: [a=b]\netcd-arg+: [c=d]\n", "etcd-arg+", "write one of them"},
		{"the kubelet's own file", "1.31.1", agent, "kubelet-arg: [config=/etc/kubelet.yaml]\n", "kubelet-arg[0]", "put tracing into that one with apply.Documents"},
		{"the kubelet's gate off", "1.31.1", agent, "kubelet-arg: [feature-gates=KubeletTracing=false]\n", "kubelet-arg[0]", "KubeletTracing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := k3s.Config(spec(test.release), test.role, []byte(test.base), k3s.Options{})
			var invalid *k3s.InvalidConfigError
			var problem *field.Error
			if !errors.As(err, &invalid) || !errors.As(err, &problem) || problem.Field != test.field || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want an error of %s with %q", err, test.field, test.message)
			}
		})
	}
}

func TestConfigOverwrites(t *testing.T) {
	got, err := k3s.Config(spec("1.34.1"), server, []byte("kube-apiserver-arg: [v=2, tracing-config-file=/x] # mine\n"), k3s.Options{Overwrite: true, ExternalDatastore: true})
	const want = "kube-apiserver-arg: [v=2, \"tracing-config-file=/etc/rancher/k3s/tracing-config.yaml\"] # mine\n"
	if err != nil || strings.ReplaceAll(string(got.Text), `"`, "") != strings.ReplaceAll(want, `"`, "") {
		t.Errorf("got %v\n%s", err, got.Text)
	}
}

// TestConfigJoins keeps the sign with which a flag is joined with those of k3s itself.
func TestConfigJoins(t *testing.T) {
	got, err := k3s.Config(spec("1.26.9"), server, []byte("kube-apiserver-arg: [\"feature-gates+=A=true\"]\n"), k3s.Options{ExternalDatastore: true})
	if err != nil || !strings.Contains(string(got.Text), "feature-gates+=A=true,APIServerTracing=true") {
		t.Errorf("got %v\n%s", err, got.Text)
	}
}

// TestConfigLeavesOthers says what an agent and a server without etcd do not get.
func TestConfigLeavesOthers(t *testing.T) {
	const agents = "server: https://a:6443\nkubelet-arg: [max-pods=200]\n"
	if got, err := k3s.Config(spec("1.34.1"), agent, []byte(agents), k3s.Options{}); err != nil || string(got.Text) != agents {
		t.Errorf("an agent: %v\n%s", err, got.Text)
	}
	for _, base := range []string{"disable-etcd: true\n", "datastore-endpoint: postgres://a\n"} {
		got, err := k3s.Config(spec("1.34.1"), server, []byte(base), k3s.Options{})
		if err != nil || strings.Contains(string(got.Text), "etcd-arg") || !strings.HasPrefix(string(got.Text), base) {
			t.Errorf("%s: %v\n%s", base, err, got.Text)
		}
	}
}

// TestConfigSays tells what a configuration had of tracing, and what it leaves.
func TestConfigSays(t *testing.T) {
	const dropIn = "config.yaml has no place for its settings: put the file of Node onto the node, /var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-kubetrace.conf"
	fromKubelet := apply.Untraced{Component: tracing.ComponentKubelet, Reason: dropIn}
	noEtcd := apply.Untraced{Component: tracing.ComponentEtcd, Reason: "the datastore is no etcd that k3s runs, so it gets no settings"}
	leaks := tracing.TracingSpec{KubernetesVersion: "1.25.16", APIServer: tracing.APIServerSpec{Disabled: true}}
	for _, test := range []struct {
		name     string
		spec     tracing.TracingSpec
		role     kubetrace.Role
		base     string
		options  k3s.Options
		replaced []apply.Setting
		untraced []apply.Untraced
		unread   int
		warns    bool // of the datastore
	}{
		{name: "etcd's flags of another release", spec: spec("1.34.1"), role: server, base: "cluster-init: true\netcd-arg:\n- experimental-enable-distributed-tracing=true\n",
			replaced: []apply.Setting{{Line: 3, Document: "config.yaml", Name: "etcd --experimental-enable-distributed-tracing", Old: "true", New: "--enable-distributed-tracing=true"}}, untraced: []apply.Untraced{fromKubelet}},
		{name: "overwritten", spec: spec("1.34.1"), role: server, base: "server: https://a:9345\nkube-apiserver-arg: tracing-config-file=/x\n", options: k3s.Options{Overwrite: true},
			replaced: []apply.Setting{{Line: 2, Document: "config.yaml", Name: "kube-apiserver --tracing-config-file", Old: "/x", New: "/etc/rancher/k3s/tracing-config.yaml"}}, untraced: []apply.Untraced{fromKubelet}},
		{name: "SQLite, perhaps", spec: spec("1.34.1"), role: server, base: "cluster-init: false\n", untraced: []apply.Untraced{fromKubelet}, warns: true},
		{name: "nothing but comments", spec: spec("1.34.1"), role: server, base: "# ours", untraced: []apply.Untraced{fromKubelet}, warns: true},
		{name: "RKE2", spec: spec("1.31.5"), role: server, base: "token: a\n", options: k3s.Options{Distribution: k3s.RKE2}},
		{name: "another datastore", spec: spec("1.31.5"), role: server, base: "datastore-endpoint: mysql://a\n", untraced: []apply.Untraced{noEtcd}, warns: true},
		{name: "another datastore, told", spec: spec("1.31.5"), role: server, base: "token: a\n", options: k3s.Options{ExternalDatastore: true}, untraced: []apply.Untraced{noEtcd}, warns: true},
		{name: "an agent", spec: spec("1.34.1"), role: agent, base: "server: https://a:6443\n", untraced: []apply.Untraced{fromKubelet}},
		{name: "an agent before drop-ins", spec: spec("1.31.5"), role: agent, base: "server: https://a:6443\n"},
		{name: "kubelets that are off", spec: tracing.TracingSpec{KubernetesVersion: "1.34.1", Kubelet: tracing.KubeletSpec{Disabled: true}}, role: agent, base: "server: https://a:6443\n"},
		{name: "an etcd that leaks", spec: leaks, role: server, base: "cluster-init: true\n",
			untraced: []apply.Untraced{{Component: tracing.ComponentEtcd, Reason: "kubernetesVersion: Before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990), so etcd is left alone"}}},
		{name: "kubelets without tracing", spec: tracing.TracingSpec{KubernetesVersion: "1.24.17", APIServer: tracing.APIServerSpec{Disabled: true}, Etcd: tracing.EtcdSpec{Disabled: true}}, role: agent, base: "token: a\n",
			untraced: []apply.Untraced{{Component: tracing.ComponentKubelet, Reason: "kubeletVersion: kubelet 1.24 has no tracing, which came with 1.25"}}},
		{name: "a flag that etcd refuses", spec: tracing.TracingSpec{KubernetesVersion: "1.36.3", Etcd: tracing.EtcdSpec{Version: "3.7.1"}, Kubelet: tracing.KubeletSpec{Disabled: true}}, role: server, base: "etcd-arg: [experimental-nothing=1]\n", options: k3s.Options{Distribution: k3s.RKE2}, unread: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := k3s.Config(test.spec, test.role, []byte(test.base), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.replaced, got.Replaced); diff != "" {
				t.Errorf("replaced (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.untraced, got.Untraced); diff != "" {
				t.Errorf("untraced (-want +got):\n%s", diff)
			}
			if len(got.Unread) != test.unread {
				t.Errorf("unread: got %+v, want %d", got.Unread, test.unread)
			}
			if warns := slices.ContainsFunc(got.Warnings, func(w tracing.Warning) bool { return w.Code == k3s.WarnDatastore }); warns != test.warns {
				t.Errorf("got the warnings %v", got.Warnings)
			}
			undone, err := apply.Undo(got.Text, got.Receipt)
			if err != nil || string(undone) != test.base {
				t.Errorf("undo: %v\n%s", err, undone)
			}
		})
	}
}
