package k3s_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/platform/k3s"
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
			got, err := k3s.Config(in, server, base, o)
			if err != nil {
				t.Fatal(err)
			}
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
			if err != nil || string(twice) != string(got) {
				t.Errorf("twice: %v\n%s", err, cmp.Diff(string(got), string(twice)))
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
	if err != nil || strings.ReplaceAll(string(got), `"`, "") != strings.ReplaceAll(want, `"`, "") {
		t.Errorf("got %v\n%s", err, got)
	}
}

// TestConfigJoins keeps the sign with which a flag is joined with those of k3s itself.
func TestConfigJoins(t *testing.T) {
	got, err := k3s.Config(spec("1.26.9"), server, []byte("kube-apiserver-arg: [\"feature-gates+=A=true\"]\n"), k3s.Options{ExternalDatastore: true})
	if err != nil || !strings.Contains(string(got), "feature-gates+=A=true,APIServerTracing=true") {
		t.Errorf("got %v\n%s", err, got)
	}
}

// TestConfigLeavesOthers says what an agent and a server without etcd do not get.
func TestConfigLeavesOthers(t *testing.T) {
	const agents = "server: https://a:6443\nkubelet-arg: [max-pods=200]\n"
	if got, err := k3s.Config(spec("1.34.1"), agent, []byte(agents), k3s.Options{}); err != nil || string(got) != agents {
		t.Errorf("an agent: %v\n%s", err, got)
	}
	for _, base := range []string{"disable-etcd: true\n", "datastore-endpoint: postgres://a\n"} {
		got, err := k3s.Config(spec("1.34.1"), server, []byte(base), k3s.Options{})
		if err != nil || strings.Contains(string(got), "etcd-arg") || !strings.HasPrefix(string(got), base) {
			t.Errorf("%s: %v\n%s", base, err, got)
		}
	}
}
