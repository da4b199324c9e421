package k0s_test

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

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/apply"
	"kubetrace/etcd"
	"kubetrace/internal/puritytest"
	"kubetrace/internal/runbooktest"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/platform/k0s"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "rewrite what is wanted in testdata, and fail")

const (
	controller = kubetrace.ControlPlane
	worker     = kubetrace.Worker
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// remote is a spec whose exporter a host reaches.
func remote(version string) tracing.TracingSpec {
	s := spec(version)
	s.Collector.Exporter.Endpoint = "otlp.example.com:4317"
	return s
}

// TestNewCluster holds what is written on each side of every release at which it changes.
func TestNewCluster(t *testing.T) {
	const file = "/etc/k0s/tracing-config.yaml"
	experimental := map[string]string{"experimental-enable-distributed-tracing": "true", "experimental-distributed-tracing-address": "127.0.0.1:4317", "experimental-distributed-tracing-service-name": "etcd"}
	withRate := map[string]string{"experimental-distributed-tracing-sampling-rate": "10000"}
	plain := map[string]string{"enable-distributed-tracing": "true", "distributed-tracing-address": "127.0.0.1:4317", "distributed-tracing-service-name": "etcd", "distributed-tracing-sampling-rate": "10000"}
	for name, value := range experimental {
		withRate[name] = value
	}
	fields := map[string]any{"endpoint": "127.0.0.1:4317", "samplingRatePerMillion": int64(10000)}
	for _, test := range []struct {
		version string
		etcd    map[string]string
		gates   bool
	}{
		{"v1.26.0+k0s.0", experimental, true},
		{"1.26", experimental, true},
		{"1.27.1", experimental, false},
		{"1.28.15", experimental, false},
		{"1.29.1", withRate, false},
		{"1.33.13", withRate, false},
		{"1.34.1", plain, false},
		{"1.36", plain, false},
		{"1.37.0", plain, false},
	} {
		want := &k0s.ClusterConfig{APIVersion: "k0s.k0sproject.io/v1beta1", Kind: "ClusterConfig", Metadata: k0s.Metadata{Name: "k0s"}}
		want.Spec.API = &k0s.Component{ExtraArgs: map[string]string{"tracing-config-file": file}}
		want.Spec.Storage = &k0s.Storage{Type: "etcd", Etcd: &k0s.Component{ExtraArgs: test.etcd}}
		values := map[string]any{"tracing": fields}
		if test.gates {
			want.Spec.API.ExtraArgs["feature-gates"] = "APIServerTracing=true"
			values["featureGates"] = map[string]any{"KubeletTracing": true}
		}
		want.Spec.WorkerProfiles = []k0s.WorkerProfile{{Name: "default", Values: values}}
		got, err := k0s.NewCluster(spec(test.version), k0s.Options{})
		if err != nil {
			t.Fatalf("%s: %v", test.version, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.version, diff)
		}
		// A document of nothing but its head becomes the same.
		text, err := got.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := k0s.Cluster(spec(test.version), text, k0s.Options{})
		if err != nil || string(again.Text) != string(text) {
			t.Errorf("%s: given again: %v\n%s", test.version, err, cmp.Diff(string(text), string(again.Text)))
		}
	}
}

// TestClusterIsTheLibrarys says that flags and profile are those that the library makes
// for the etcd of the release, for every release.
func TestClusterIsTheLibrarys(t *testing.T) {
	for _, row := range tracing.Releases() {
		in := spec(row.Kubernetes + ".12")
		in.APIServer.Disabled = slices.Contains([]string{"1.22", "1.23", "1.24", "1.25"}, row.Kubernetes)
		r, err := k0s.Resolve(in, k0s.Options{})
		if err != nil {
			t.Fatalf("%s: %v", row.Kubernetes, err)
		}
		library, err := tracing.Resolve(r.Spec())
		if err != nil {
			t.Fatal(err)
		}
		got, err := k0s.NewClusterFor(r, k0s.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want k0s.ClusterSpec
		args := func(all []kubeadm.Arg) *k0s.Component {
			if len(all) == 0 {
				return nil
			}
			byName, err := kubeadm.ArgMap(all)
			if err != nil {
				t.Fatal(err)
			}
			return &k0s.Component{ExtraArgs: byName}
		}
		want.API = args(apiserver.ArgsFor(library))
		if flags := args(etcd.ArgsFor(library)); flags != nil {
			want.Storage = &k0s.Storage{Type: "etcd", Etcd: flags}
		}
		if fields := kubelet.FieldsFor(library); fields != nil {
			want.WorkerProfiles = []k0s.WorkerProfile{{Name: "default", Values: fields}}
		}
		if diff := cmp.Diff(want, got.Spec); diff != "" {
			t.Errorf("%s (-library +got):\n%s", row.Kubernetes, diff)
		}
	}
}

// TestClusters edits configurations as people write them. The release is in the name of
// each.
func TestClusters(t *testing.T) {
	files, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			base, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := spec(name[strings.LastIndex(name, "-")+1:])
			result, err := k0s.Cluster(in, base, k0s.Options{})
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
			twice, err := k0s.Cluster(in, got, k0s.Options{})
			if err != nil || string(twice.Text) != string(got) {
				t.Errorf("twice: %v\n%s", err, cmp.Diff(string(got), string(twice.Text)))
			}
			// apply knows the document by itself, without this package's Resolve.
			applied, err := apply.Documents(in, base, apply.Options{})
			if err != nil || string(applied.Text) != string(got) {
				t.Errorf("apply: %v\n%s", err, cmp.Diff(string(got), string(applied.Text)))
			}
			undone, err := apply.Undo(applied.Text, applied.Receipt)
			if err != nil || string(undone) != string(base) {
				t.Errorf("undo: %v\n%s", err, cmp.Diff(string(base), string(undone)))
			}
			if removed, err := apply.Remove(in, got, apply.Options{}); err != nil || strings.Contains(string(removed.Text), "distributed-tracing") || strings.Contains(string(removed.Text), "tracing-config-file") {
				t.Errorf("remove: %v\n%s", err, removed.Text)
			}
		})
	}
}

// TestClusterSays tells what a configuration had of tracing, and what it leaves.
func TestClusterSays(t *testing.T) {
	const head = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n"
	noEtcd := apply.Untraced{Component: tracing.ComponentEtcd, Reason: "the datastore is no etcd that k0s runs, so it gets no settings"}
	oldEtcd := apply.Untraced{Component: tracing.ComponentEtcd, Reason: "kubernetesVersion: Before 1.26 it has no way to give its etcd flags, so etcd is left alone"}
	old := spec("1.24.17")
	old.APIServer.Disabled = true
	for _, test := range []struct {
		name     string
		spec     tracing.TracingSpec
		base     string
		options  k0s.Options
		replaced []apply.Setting
		untraced []apply.Untraced
		unread   []apply.Setting
	}{
		{name: "all", spec: spec("1.36.3"), base: head},
		{name: "nothing", spec: spec("1.36.3"), base: "\n"},
		{name: "etcd's flags of another release", spec: spec("1.36.3"), base: head + "spec: {storage: {etcd: {extraArgs: {experimental-enable-distributed-tracing: 'true'}}}}\n",
			replaced: []apply.Setting{{Line: 3, Document: "ClusterConfig", Name: "etcd --experimental-enable-distributed-tracing", Old: "true", New: "--enable-distributed-tracing=true"}}},
		{name: "overwritten", spec: spec("1.36.3"), base: head + "spec:\n  api: {extraArgs: {tracing-config-file: /x}}\n", options: k0s.Options{Overwrite: true},
			replaced: []apply.Setting{{Line: 4, Document: "ClusterConfig", Name: "kube-apiserver --tracing-config-file", Old: "/x", New: "/etc/k0s/tracing-config.yaml"}}},
		{name: "kine", spec: spec("1.36.3"), base: head + "spec: {storage: {type: kine}}\n", untraced: []apply.Untraced{noEtcd}},
		{name: "kine that is told", spec: spec("1.36.3"), base: head, options: k0s.Options{ExternalDatastore: true}, untraced: []apply.Untraced{noEtcd}},
		{name: "k0sctl with kine", spec: spec("1.36.3"), base: "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec: {k0s: {config: {spec: {storage: {type: kine}}}}}\n", untraced: []apply.Untraced{noEtcd}},
		{name: "k0sctl with a configuration in the cluster", spec: spec("1.36.3"), base: "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec: {k0s: {dynamicConfig: true, config: {spec: {}}}}\n",
			unread: []apply.Setting{{Line: 3, Document: "Cluster", Name: "spec.k0s.dynamicConfig", Old: "true"}}},
		{name: "kubelets without tracing", spec: old, base: head,
			untraced: []apply.Untraced{oldEtcd, {Component: tracing.ComponentKubelet, Reason: "kubeletVersion: kubelet 1.24 has no tracing, which came with 1.25"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := k0s.Cluster(test.spec, []byte(test.base), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.replaced, got.Replaced); diff != "" {
				t.Errorf("replaced (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.untraced, got.Untraced); diff != "" {
				t.Errorf("untraced (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.unread, got.Unread); diff != "" {
				t.Errorf("unread (-want +got):\n%s", diff)
			}
			if !slices.ContainsFunc(got.Warnings, func(w tracing.Warning) bool { return w.Code == k0s.WarnControllers }) && test.spec.KubernetesVersion != old.KubernetesVersion {
				t.Errorf("got the warnings %v", got.Warnings)
			}
			if undone, err := apply.Undo(got.Text, got.Receipt); err != nil || string(undone) != test.base {
				t.Errorf("undo: %v\n%s", err, undone)
			}
			// apply says the same of the document by itself.
			if test.name == "nothing" || test.options.ExternalDatastore {
				return
			}
			applied, err := apply.Documents(test.spec, []byte(test.base), apply.Options{Overwrite: test.options.Overwrite})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got.Untraced, applied.Untraced); diff != "" {
				t.Errorf("apply, untraced (-Cluster +Documents):\n%s", diff)
			}
		})
	}
	newer, err := apply.Documents(spec("1.37.0"), []byte(head), apply.Options{})
	if err != nil || !slices.ContainsFunc(newer.Warnings, func(w tracing.Warning) bool {
		return w.Code == tracing.WarnNewerRelease && strings.HasPrefix(w.Release, "k0s")
	}) {
		t.Errorf("a release that is not known: %v, %v", newer.Warnings, err)
	}
}

func TestClusterErrors(t *testing.T) {
	const head = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n"
	for _, test := range []struct{ name, release, base, setting, message string }{
		{"another file", "1.36.3", "spec: {api: {extraArgs: {tracing-config-file: /x}}}\n", "kube-apiserver --tracing-config-file", "write apiServer.configFile: /x into the spec"},
		{"gate off", "1.32.1", "spec: {featureGates: [{name: APIServerTracing, enabled: false}]}\n", "APIServerTracing", "nothing of kube-apiserver is traced"},
		{"gate of kubelets off", "1.32.1", "spec: {featureGates: [{name: KubeletTracing, enabled: false, components: [kubelet]}]}\n", "KubeletTracing", "nothing of kubelet is traced"},
		{"etcd elsewhere", "1.36.3", "spec: {storage: {etcd: {extraArgs: {distributed-tracing-address: '10.0.0.1:4317'}}}}\n", "etcd --distributed-tracing-address", "10.0.0.1:4317"},
		{"a profile elsewhere", "1.36.3", "spec: {workerProfiles: [{name: a, values: {tracing: {endpoint: '10.0.0.1:4317'}}}]}\n", "spec.workerProfiles[0].values.tracing.endpoint", "10.0.0.1"},
		{"raw arguments", "1.36.3", "spec: {api: {rawArgs: ['--tracing-config-file=/x']}}\n", "spec.api.rawArgs[0]", "k0s appends it"},
		{"raw arguments of etcd", "1.36.3", "spec: {storage: {etcd: {rawArgs: [--enable-distributed-tracing=false]}}}\n", "spec.storage.etcd.rawArgs[0]", "k0s appends it"},
		{"k0sctl without a configuration", "1.36.3", "---\napiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec: {k0s: {version: 1.36.3+k0s.0}}\n", "spec.k0s.config", "write it here, with all that you have set in it"},
		{"another file, in k0sctl", "1.36.3", "---\napiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  k0s:\n    config:\n      spec:\n        api: {extraArgs: {tracing-config-file: /x}}\n", "line 7: ClusterConfig in Cluster: kube-apiserver --tracing-config-file", "write apiServer.configFile: /x into the spec"},
		{"k0sctl of another release", "1.36.3", "---\napiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec: {k0s: {version: v1.31.5+k0s.0, config: {spec: {}}}}\n", "spec.k0s.version v1.31.5+k0s.0", "1.36"},
		{"no profile", "1.36.3", "spec: {workerProfiles: [a]}\n", "spec.workerProfiles[0]", "write name and values"},
		{"arguments as a list", "1.36.3", "spec: {api: {extraArgs: [a]}}\n", "spec.api.extraArgs", "write name: value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := k0s.Cluster(spec(test.release), []byte(strings.TrimPrefix(head+test.base, head+"---\n")), k0s.Options{})
			var conflict *apply.ConflictError
			var document *apply.DocumentError
			if !errors.As(err, &conflict) && !errors.As(err, &document) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), test.setting) || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want %s and %q in it", err, test.setting, test.message)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	single := k0s.Options{ControllersRunKubelet: true}
	with := func(s tracing.TracingSpec, change func(*tracing.TracingSpec)) tracing.TracingSpec {
		change(&s)
		return s
	}
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		options k0s.Options
		etcd    string
		field   string // of WarnControllers, or nothing
		codes   []tracing.WarningCode
	}{
		{"controllers without a kubelet and a backend", spec("1.36.3"), k0s.Options{}, "3.6.14", "collector.exporter.endpoint", nil},
		{"controllers without a kubelet", remote("1.36.3"), k0s.Options{}, "3.6.14", "collector", nil},
		{"controllers with a kubelet", spec("1.36.3"), single, "3.6.14", "", nil},
		{"nobody sends there", with(spec("1.36.3"), func(s *tracing.TracingSpec) { s.Etcd.Disabled, s.APIServer.Disabled = true, true }), k0s.Options{}, "", "", nil},
		{"kine", spec("1.36.3"), k0s.Options{ControllersRunKubelet: true, ExternalDatastore: true}, "", "", nil},
		{"before extraArgs of etcd", with(spec("1.25.16"), func(s *tracing.TracingSpec) { s.APIServer.Disabled = true }), single, "", "", []tracing.WarningCode{tracing.WarnEtcdNotTraced}},
		{"containerd without variables", with(spec("1.28.5"), func(s *tracing.TracingSpec) { s.Containerd = &tracing.ContainerdSpec{Version: "1.7.11"} }), single, "3.5.10", "", []tracing.WarningCode{k0s.WarnContainerdTOML}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := k0s.Resolve(test.spec, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Spec().Etcd.Version; got != test.etcd {
				t.Errorf("got etcd %q, want %q", got, test.etcd)
			}
			at, codes := "", []tracing.WarningCode{}
			for _, w := range r.Warnings {
				codes = append(codes, w.Code)
				if w.Code == k0s.WarnControllers {
					at = w.Field
				}
			}
			if at != test.field {
				t.Errorf("it warns of the controllers at %q, want %q", at, test.field)
			}
			for _, code := range test.codes {
				if !slices.Contains(codes, code) {
					t.Errorf("got the warnings %v, want %s", codes, code)
				}
			}
		})
	}
	var problem *field.Error
	if _, err := k0s.Resolve(spec("1.25.16"), k0s.Options{}); !errors.As(err, &problem) || problem.Field != "apiServer.disabled" {
		t.Errorf("with an egress selector: got %v", err)
	}
}

func TestNode(t *testing.T) {
	full := remote("1.36.3")
	full.Containerd = &tracing.ContainerdSpec{Version: "2.3.1"}
	old := remote("1.28.5")
	old.Containerd = &tracing.ContainerdSpec{Version: "1.7.11"}
	const drop = "service.d/90-kubetrace.conf"
	for _, test := range []struct {
		name     string
		spec     tracing.TracingSpec
		role     kubetrace.Role
		options  k0s.Options
		want     []string
		commands []string
	}{
		{"controller", full, controller, k0s.Options{}, []string{"/etc/k0s/tracing-config.yaml", "/etc/kubetrace/collector/config.yaml", "/etc/systemd/system/kubetrace-collector.service"}, []string{"systemctl daemon-reload", "systemctl enable --now kubetrace-collector"}},
		{"controller that reaches no backend", spec("1.36.3"), controller, k0s.Options{}, []string{"/etc/k0s/tracing-config.yaml"}, nil},
		{"controller and worker", full, controller, k0s.Options{ControllersRunKubelet: true}, []string{"/etc/k0s/tracing-config.yaml", "/etc/systemd/system/k0scontroller." + drop}, []string{"systemctl daemon-reload"}},
		{"worker", full, worker, k0s.Options{}, []string{"/etc/systemd/system/k0sworker." + drop}, []string{"systemctl daemon-reload"}},
		{"worker with a file of containerd", old, worker, k0s.Options{}, []string{"/etc/k0s/containerd.d/90-kubetrace.toml"}, nil},
		{"worker of nothing", spec("1.36.3"), worker, k0s.Options{}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			node, err := k0s.Node(test.spec, test.role, test.options)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, file := range node.Files {
				paths = append(paths, file.Path)
				if strings.HasSuffix(file.Path, drop) && !strings.Contains(string(file.Content), `Environment="CONTAINERD_OTEL_EXPORTER_OTLP_ENDPOINT=`) {
					t.Errorf("%s:\n%s", file.Path, file.Content)
				}
			}
			if diff := cmp.Diff(test.want, paths); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.commands, node.Commands); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := k0s.NodeFor(tracing.Resolved{}, controller, k0s.Options{}); err == nil {
		t.Error("of no spec: no error")
	}
	if _, err := k0s.Node(full, "", k0s.Options{}); err == nil {
		t.Error("of no role: no error")
	}
}

func TestRunBook(t *testing.T) {
	secret := remote("1.36.3")
	secret.Collector.Exporter.Headers = []tracing.HeaderSpec{{Name: "authorization", SecretKeyRef: secretKey("token", "bearer")}}
	nothing := spec("1.36.3")
	nothing.Etcd.Disabled, nothing.APIServer.Disabled, nothing.Kubelet.Disabled, nothing.Collector.Disabled = true, true, true, true
	runtime := spec("1.36.3")
	runtime.Containerd = &tracing.ContainerdSpec{Version: "2.1.4"}
	for _, test := range []struct {
		name        string
		spec        tracing.TracingSpec
		options     k0s.Options
		want, never []string
	}{
		{"host", secret, k0s.Options{}, []string{"systemctl enable --now kubetrace-collector", "`KUBETRACE_HEADER_0=` and the value in a line of `/etc/kubetrace/collector/headers.env`", "k0s config validate", "## Workers", "`k0s.yaml`", "collector.HostFiles",
			"```ini\n[Unit]\n", "|| cp -a /etc/k0s/k0s.yaml /etc/k0s/k0s.yaml.before-tracing\n", "`k0s.Cluster` takes a controller's own file as its base",
			"cp -a /etc/k0s/k0s.yaml.before-tracing /etc/k0s/k0s.yaml\nk0s stop\nsystemctl disable --now kubetrace-collector\nrm -f /etc/k0s/tracing-config.yaml /etc/kubetrace/collector/config.yaml /etc/systemd/system/kubetrace-collector.service\n",
			"Delete `/usr/local/bin/otelcol`, `/etc/kubetrace/collector/headers.env` too", "does not start without its program and what the exporter needs",
			"kubectl delete --ignore-not-found -f collector.yaml", "apply the collector when they are up"}, []string{"kubeadm", "Nothing listens"}},
		{"backend", spec("1.36.3"), k0s.Options{}, []string{"Nothing listens on `127.0.0.1:4317`"}, []string{"kubetrace-collector.service", "enable --now"}},
		{"single", spec("1.36.3"), k0s.Options{ControllersRunKubelet: true}, []string{"## Controllers"}, []string{"Nothing listens", "enable --now"}},
		{"containerd", runtime, k0s.Options{ControllersRunKubelet: true}, []string{
			"rm -f /etc/k0s/tracing-config.yaml /etc/systemd/system/k0scontroller.service.d/90-kubetrace.conf\nsystemctl daemon-reload\nk0s start\n",
			"rm -f /etc/systemd/system/k0sworker.service.d/90-kubetrace.conf\nsystemctl daemon-reload\nsystemctl restart k0sworker\n",
			"kubectl delete --ignore-not-found -f collector.yaml -f backend.yaml",
		}, nil},
		{"nothing", nothing, k0s.Options{}, []string{"Nothing is traced"}, []string{"## Controllers", "## Workers", "## Undo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			book, err := k0s.RunBook(test.spec, test.options)
			if err != nil {
				t.Fatal(err)
			}
			r, err := k0s.Resolve(test.spec, test.options)
			if err != nil {
				t.Fatal(err)
			}
			runbooktest.OfPlatform(t, book, r, test.want, test.never)
		})
	}
}

// input is what the functions take together.
type input struct {
	Spec    tracing.TracingSpec
	Base    []byte
	Options k0s.Options
}

func pure[T any](t *testing.T, name string, function func(input) (T, error)) {
	in := func() input {
		s := remote("1.31.5")
		s.Containerd = &tracing.ContainerdSpec{Version: "1.7.20"}
		return input{s, []byte("apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: {workerProfiles: [{name: a}]}\n"), k0s.Options{}}
	}
	t.Run(name, func(t *testing.T) {
		puritytest.Check(t, in, func(i input) T {
			got, err := function(i)
			if err != nil {
				t.Fatal(err)
			}
			return got
		})
	})
}

func TestPurity(t *testing.T) {
	pure(t, "Resolve", func(i input) (tracing.TracingSpec, error) {
		r, err := k0s.Resolve(i.Spec, i.Options)
		return r.Spec(), err
	})
	pure(t, "NewCluster", func(i input) (*k0s.ClusterConfig, error) { return k0s.NewCluster(i.Spec, i.Options) })
	pure(t, "Cluster", func(i input) (apply.Result, error) { return k0s.Cluster(i.Spec, i.Base, i.Options) })
	pure(t, "Node", func(i input) (kubetrace.Node, error) { return k0s.Node(i.Spec, controller, i.Options) })
	pure(t, "RunBook", func(i input) ([]byte, error) { return k0s.RunBook(i.Spec, i.Options) })
}

// FuzzCluster gives configurations of any text: nothing panics, and what is accepted
// changes no more when it is given again.
func FuzzCluster(f *testing.F) {
	f.Add("api: {extraArgs: {a: b}}\n")
	f.Add("storage: {type: etcd, etcd: {extraArgs: {experimental-enable-distributed-tracing: true}}}\n")
	f.Add("featureGates: [{name: APIServerTracing, enabled: true}, {name: AllBeta, enabled: false}]\nworkerProfiles: [{name: default}, {name: a, values: {Tracing: {}}}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		inSpec := "spec:\n  " + strings.ReplaceAll(text, "\n", "\n  ")
		config := "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n" + inSpec
		k0sctl := "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  k0s:\n    config:\n      " + strings.ReplaceAll(inSpec, "\n", "\n      ")
		for release, base := range map[string]string{"1.26.7": config, "1.31.5": k0sctl, "1.36.3": config} {
			once, err := k0s.Cluster(spec(release), []byte(base), k0s.Options{})
			if err != nil {
				continue
			}
			twice, err := k0s.Cluster(spec(release), once.Text, k0s.Options{})
			if err != nil {
				t.Fatalf("the result is refused: %v\n%s", err, once.Text)
			}
			if string(twice.Text) != string(once.Text) {
				t.Errorf("the second call changed something:\n%s\n---\n%s", once.Text, twice.Text)
			}
		}
	})
}
