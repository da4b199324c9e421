package kubetrace_test

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace"
	"kubetrace/internal/memfs"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func envVar(name, value string) corev1.EnvVar { return corev1.EnvVar{Name: name, Value: value} }

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }

// removeFile takes a file out of a bundle's files, which are a map.
func removeFile(t testing.TB, files fs.FS, name string) {
	t.Helper()
	all, ok := files.(memfs.FS)
	if !ok || all[name] == nil {
		t.Fatalf("%T has no file %s to remove", files, name)
	}
	delete(all, name)
}

func TestFSFiles(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{
			name: "everything", spec: `kubernetesVersion: "1.34"`,
			want: []string{"README.md", "apiserver/tracing-config.yaml", "backend.yaml", "collector.yaml", "kubeadm/config.yaml", "kubelet/90-tracing.conf"},
		},
		{
			name: "kubelet too old", spec: `kubernetesVersion: "1.24"`,
			want: []string{"README.md", "apiserver/tracing-config.yaml", "backend.yaml", "collector.yaml", "kubeadm/config.yaml"},
		},
		{
			name: "exporter", spec: `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "otlp.example.com:4317"}}}`,
			want: []string{"README.md", "apiserver/tracing-config.yaml", "collector.yaml", "kubeadm/config.yaml", "kubelet/90-tracing.conf"},
		},
		{name: "external etcd alone", spec: runBookSpecs["own etcd alone"], want: []string{"README.md", "backend.yaml", "collector.yaml"}},
		{name: "nothing", spec: runBookSpecs["nothing"], want: []string{"README.md"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := bundleOf(t, test.spec)
			if diff := cmp.Diff(test.want, slices.Sorted(maps.Keys(contents(t, files)))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if err := fstest.TestFS(files, test.want...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFSCopy(t *testing.T) {
	files, folder := bundleOf(t, `kubernetesVersion: "1.34"`), t.TempDir()
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contents(t, files), contents(t, os.DirFS(folder))); diff != "" {
		t.Errorf("the copy differs (-want +got):\n%s", diff)
	}
}

// TestFSSnapshot says that files do not follow a bundle that is changed later,
// and that a change before is in them.
func TestFSSnapshot(t *testing.T) {
	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		t.Fatal(err)
	}
	before, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	untouched := contents(t, before)
	limit := int64(7)
	bundle.Kubelet.PodPidsLimit = &limit
	after, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(untouched, contents(t, before)); diff != "" {
		t.Errorf("the files followed the bundle (-before +after):\n%s", diff)
	}
	if got := contents(t, after)[kubetrace.FileKubelet]; !strings.Contains(got, "podPidsLimit: 7\n") {
		t.Errorf("the change is not in the file: %s", got)
	}
}

// TestBundleWarnings says that changing a bundle's warnings changes its run-book
// and not what it was resolved to.
func TestBundleWarnings(t *testing.T) {
	bundle := generate(t, tracing.TracingSpec{KubernetesVersion: "1.34"})
	want := bundle.Resolved().Warnings
	bundle.Warnings[0].Message = "Mine"
	bundle.Resolved().Warnings[0].Message = "Theirs"
	if diff := cmp.Diff(want, bundle.Resolved().Warnings); diff != "" {
		t.Errorf("the warnings of Resolved changed (-want +got):\n%s", diff)
	}
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	if text := runBookOf(t, files); !strings.Contains(text, ": Mine. ") {
		t.Errorf("the run-book does not have the bundle's warning:\n%s", text)
	}
}

func TestFSErrors(t *testing.T) {
	of := func(change func(*kubetrace.Bundle)) *kubetrace.Bundle {
		bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.30"})
		if err != nil {
			t.Fatal(err)
		}
		change(bundle)
		return bundle
	}
	unresolved, err := kubetrace.GenerateFor(tracing.Resolved{})
	if err != nil {
		t.Fatal(err)
	}
	for name, bundle := range map[string]*kubetrace.Bundle{
		"nil":              nil,
		"zero":             {},
		"made by hand":     {Kubeadm: &kubeadm.Patch{}},
		"never resolved":   unresolved,
		"no kubeadm patch": of(func(b *kubetrace.Bundle) { b.Kubeadm = nil }),
		"a flag twice": of(func(b *kubetrace.Bundle) {
			b.Kubeadm.Etcd.Args = append(b.Kubeadm.Etcd.Args, b.Kubeadm.Etcd.Args...)
		}),
		"a patch that kubeadm passes over": of(func(b *kubetrace.Bundle) {
			b.Kubeadm.StaticPods = append(b.Kubeadm.StaticPods, kubeadm.StaticPodPatch{Target: "coredns"})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if files, err := bundle.FS(); err == nil || files != nil {
				t.Errorf("got %v and %v, want no files and an error", files, err)
			}
		})
	}
}

// TestFSGates adds gates of a program's own to a bundle.
func TestFSGates(t *testing.T) {
	for _, test := range []struct {
		release, flag string
		kubelet       map[string]bool
		says          string // empty: the files are written
		oldest        string // kubelet
	}{
		{"1.33", "AllBeta=false,APIServerTracing=true", map[string]bool{"AllBeta": false, "KubeletTracing": true}, "", ""},
		{"1.33", "APIServerTracing=true,AllBeta=false", map[string]bool{"AllBeta": false}, "write KubeletTracing=true beside it", ""},
		{"1.34", "AllBeta=false", map[string]bool{"AllBeta": false}, "", ""},
		{"1.26", "", map[string]bool{"KubeletTracing": true}, "the gate KubeletTracing is not known to Kubernetes 1.24", "1.24"},
		{"1.37", "APIServerTracing=true", nil, "is not known to Kubernetes 1.37", ""},
		{"1.30", "A=true,APIServerTracing=false", nil, "nothing of kube-apiserver is traced", ""},
		{"1.30", "AllBeta=false", nil, "AllBeta=false switches off", ""},
		{"1.30", "APIServerTracing=false", map[string]bool{"APIServerTracing": true}, "nothing of kube-apiserver is traced", ""},
		{"1.30", "A", nil, "is no feature gate", ""},
		{"1.30", "", map[string]bool{"KubeletTracing": false}, "nothing of kubelet is traced", ""},
		{"1.30", "A=true", map[string]bool{"B": false}, "", ""},
	} {
		bundle := generate(t, tracing.TracingSpec{KubernetesVersion: test.release, KubeletVersion: test.oldest})
		own := &kubeadm.Patch{Kubelet: &kubeletv1beta1.KubeletConfiguration{FeatureGates: test.kubelet}}
		if test.flag != "" {
			own.APIServer.Args = []kubeadm.Arg{{Name: "feature-gates", Value: test.flag}}
		}
		if merged, err := kubeadm.Merge(own, bundle.Kubeadm); err == nil {
			bundle.Kubeadm = merged
		} else {
			bundle.Kubeadm.APIServer.Args = append(bundle.Kubeadm.APIServer.Args, own.APIServer.Args...)
		}
		_, err := bundle.FS()
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
}

// TestFSSettings adds flags and variables of a program's own to a bundle.
func TestFSSettings(t *testing.T) {
	arg := func(name, value string) kubeadm.Arg { return kubeadm.Arg{Name: name, Value: value} }
	for _, test := range []struct {
		release      string
		etcd, server []kubeadm.Arg
		variable     string // of both
		says         string // empty: the files are written
	}{
		{"1.34", []kubeadm.Arg{arg("quota-backend-bytes", "1")}, []kubeadm.Arg{arg("v", "4")}, "A", ""},
		{"1.34", []kubeadm.Arg{arg("experimental-enable-distributed-tracing", "true")}, nil, "", "etcd --experimental-enable-distributed-tracing is true: take it out"},
		{"1.37", []kubeadm.Arg{arg("experimental-enable-distributed-tracing", "true")}, nil, "", "etcd --experimental-enable-distributed-tracing is true: take it out"},
		{"1.29", []kubeadm.Arg{arg("enable-distributed-tracing", "false")}, nil, "", "etcd --enable-distributed-tracing is false: take it out"},
		{"1.30", []kubeadm.Arg{arg("config-file", "/x")}, nil, "", "etcd --config-file is /x: write what etcd.ConfigFile returns"},
		{"1.34", nil, []kubeadm.Arg{arg("feature_gates", "APIServerTracing=false")}, "", "the feature gate APIServerTracing"},
		{"1.34", nil, []kubeadm.Arg{arg("tracing_config_file", "/x")}, "", "kube-apiserver --tracing_config_file is /x: write /etc/kubernetes/tracing-config.yaml"},
		{"1.30", nil, nil, "OTEL_EXPORTER_OTLP_CERTIFICATE", "etcd OTEL_EXPORTER_OTLP_CERTIFICATE is /x: take it out"},
		{"1.34", nil, nil, "OTEL_EXPORTER_OTLP_CERTIFICATE", "kube-apiserver OTEL_EXPORTER_OTLP_CERTIFICATE is /x: take it out"},
	} {
		bundle := generate(t, tracing.TracingSpec{KubernetesVersion: test.release})
		etcd, server := &bundle.Kubeadm.Etcd, &bundle.Kubeadm.APIServer
		etcd.Args, server.Args = append(etcd.Args, test.etcd...), append(server.Args, test.server...)
		if test.variable != "" {
			variable := corev1.EnvVar{Name: test.variable, Value: "/x"}
			etcd.Env, server.Env = append(etcd.Env, variable), append(server.Env, variable)
		}
		_, err := bundle.FS()
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
}
