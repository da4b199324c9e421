package minikube_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/internal/puritytest"
	"kubetrace/internal/runbooktest"
	"kubetrace/platform/minikube"
	"kubetrace/tracing"
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// TestCluster holds what is written on each side of every release at which it changes.
func TestCluster(t *testing.T) {
	const (
		file    = "--extra-config=apiserver.tracing-config-file=/var/lib/minikube/certs/tracing-config.yaml"
		folder  = "--extra-config=kubelet.config-dir=/etc/kubernetes/kubelet.conf.d"
		tracing = "/var/lib/minikube/certs/tracing-config.yaml"
		kubelet = "/etc/kubernetes/kubelet.conf.d/90-kubetrace.conf"
	)
	of := func(prefix string, rate bool) []string {
		flags := []string{"--extra-config=etcd." + prefix + "enable-distributed-tracing=true", "--extra-config=etcd." + prefix + "distributed-tracing-address=127.0.0.1:4317", "--extra-config=etcd." + prefix + "distributed-tracing-service-name=etcd"}
		if rate {
			flags = append(flags, "--extra-config=etcd."+prefix+"distributed-tracing-sampling-rate=10000")
		}
		return flags
	}
	for _, test := range []struct {
		version string
		flags   []string
		files   []string
	}{
		{"1.28", slices.Concat([]string{"--kubernetes-version=v1.28", file}, of("experimental-", false)), []string{tracing}},
		{"v1.29.4", slices.Concat([]string{"--kubernetes-version=v1.29.4", file}, of("experimental-", false)), []string{tracing}},
		{"1.30", slices.Concat([]string{"--kubernetes-version=v1.30", file}, of("experimental-", true), []string{folder}), []string{kubelet, tracing}},
		{"1.33", slices.Concat([]string{"--kubernetes-version=v1.33", file}, of("experimental-", true), []string{folder}), []string{kubelet, tracing}},
		{"1.34", slices.Concat([]string{"--kubernetes-version=v1.34", file}, of("", true), []string{folder}), []string{kubelet, tracing}},
		{"1.36.2", slices.Concat([]string{"--kubernetes-version=v1.36.2", file}, of("", true), []string{folder}), []string{kubelet, tracing}},
	} {
		got, err := minikube.Cluster(spec(test.version))
		if err != nil {
			t.Fatalf("%s: %v", test.version, err)
		}
		if diff := cmp.Diff(test.flags, got.Flags); diff != "" {
			t.Errorf("%s: flags (-want +got):\n%s", test.version, diff)
		}
		var files []string
		for _, file := range got.Files {
			files = append(files, file.Path)
			content, err := fs.ReadFile(got.FS(), "files"+file.Path)
			if err != nil || string(content) != string(file.Content) || len(content) == 0 {
				t.Errorf("%s: %s: %v\n%s", test.version, file.Path, err, content)
			}
		}
		if diff := cmp.Diff(test.files, files); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", test.version, diff)
		}
	}
}

// TestFlagsAreTheLibrarys says that the flags are those that the library makes for
// kubeadm of the release, for every release.
func TestFlagsAreTheLibrarys(t *testing.T) {
	for _, row := range tracing.Releases() {
		in := spec(row.Kubernetes)
		got, err := minikube.Cluster(in)
		if slices.Contains([]string{"1.22", "1.23", "1.24", "1.25", "1.26", "1.27"}, row.Kubernetes) {
			if err == nil {
				t.Errorf("%s: no error", row.Kubernetes)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		in.APIServer.ConfigFile = minikube.DefaultConfigFile
		r, err := tracing.Resolve(in)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"--kubernetes-version=v" + row.Kubernetes}
		for _, arg := range apiserver.ArgsFor(r) {
			want = append(want, fmt.Sprintf("--extra-config=apiserver.%s=%s", arg.Name, arg.Value))
		}
		for _, arg := range etcd.ArgsFor(r) {
			want = append(want, fmt.Sprintf("--extra-config=etcd.%s=%s", arg.Name, arg.Value))
		}
		flags := slices.DeleteFunc(slices.Clone(got.Flags), func(flag string) bool { return strings.Contains(flag, "=kubelet.") })
		if diff := cmp.Diff(want, flags); diff != "" {
			t.Errorf("%s (-library +got):\n%s", row.Kubernetes, diff)
		}
	}
}

// TestContainerRuntime says that minikube starts the runtime that the spec has, and which
// one is a person's choice where it has none or both.
func TestContainerRuntime(t *testing.T) {
	containerd, crio := &tracing.ContainerdSpec{Version: "2.1.4"}, &tracing.CRIOSpec{Version: "1.33"}
	for _, test := range []struct {
		name       string
		containerd *tracing.ContainerdSpec
		crio       *tracing.CRIOSpec
		want       []string
	}{
		{"none", nil, nil, nil},
		{"containerd", containerd, nil, []string{"--container-runtime=containerd"}},
		{"CRI-O", nil, crio, []string{"--container-runtime=cri-o"}},
		{"both", containerd, crio, nil},
	} {
		in := spec("1.34")
		in.Containerd, in.CRIO = test.containerd, test.crio
		start, err := minikube.Cluster(in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var got []string
		for _, flag := range start.Flags {
			if strings.HasPrefix(flag, "--container-runtime") {
				got = append(got, flag)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	of := func(change func(*tracing.TracingSpec)) tracing.TracingSpec {
		s := spec("1.34")
		change(&s)
		return s
	}
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		field   string
		message string
	}{
		{"too old", spec("1.27.3"), "kubernetesVersion", "minikube starts Kubernetes 1.28 and later"},
		{"the file elsewhere", of(func(s *tracing.TracingSpec) { s.APIServer.ConfigFile = "/etc/tracing.yaml" }), "apiServer.configFile", "sees /var/lib/minikube/certs alone"},
		{"the file below", of(func(s *tracing.TracingSpec) { s.APIServer.ConfigFile = "/var/lib/minikube/certs/a/b.yaml" }), "apiServer.configFile", "a file in it"},
		{"another etcd", of(func(s *tracing.TracingSpec) { s.Etcd.ImageTag = "3.6.5-0" }), "etcd.imageTag", "no way to name another"},
		{"a repository", of(func(s *tracing.TracingSpec) { s.Etcd.ImageRepository = "quay.io/coreos" }), "etcd.imageRepository", "no way to name another"},
		{"an external etcd", of(func(s *tracing.TracingSpec) { s.Etcd.External, s.Etcd.Version = true, "3.6.5" }), "etcd.external", "no way to name another"},
		{"quotes", of(func(s *tracing.TracingSpec) { s.Etcd.ServiceName = `a"b` }), "etcd.serviceName", "between double quotes"},
		{"a backslash", of(func(s *tracing.TracingSpec) { s.Etcd.InstanceID = `a\b` }), "etcd.instanceID", "between double quotes"},
		{"the library's own", of(func(s *tracing.TracingSpec) { s.Endpoint = "localhost:4317" }), "endpoint", "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := minikube.Resolve(test.spec)
			var invalid *tracing.InvalidSpecError
			var problem *field.Error
			if !errors.As(err, &invalid) || !errors.As(err, &problem) || problem.Field != test.field || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want an error of %s with %q", err, test.field, test.message)
			}
		})
	}
	if _, err := minikube.ClusterFor(tracing.Resolved{}); err == nil {
		t.Error("of no spec: no error")
	}
}

// TestResolve says what a person should know.
func TestResolve(t *testing.T) {
	containerd := func(version string) tracing.TracingSpec {
		s := spec("1.34")
		s.Containerd = &tracing.ContainerdSpec{Version: version}
		return s
	}
	for _, test := range []struct {
		name  string
		spec  tracing.TracingSpec
		codes []tracing.WarningCode
	}{
		{"kubelets without a folder", spec("1.29"), []tracing.WarningCode{minikube.WarnKubelet}},
		{"kubelets with one", spec("1.30"), nil},
		{"containerd without variables", containerd("1.7.11"), []tracing.WarningCode{minikube.WarnContainerd}},
		{"containerd with variables", containerd("2.1.4"), nil},
	} {
		r, err := minikube.Resolve(test.spec)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var codes []tracing.WarningCode
		for _, w := range r.Warnings {
			if strings.HasPrefix(string(w.Code), "Minikube") || w.Code == tracing.WarnKubeletDropIn {
				codes = append(codes, w.Code)
			}
		}
		if diff := cmp.Diff(test.codes, codes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	start, err := minikube.Cluster(containerd("2.1.4"))
	if err != nil || start.Files[0].Path != "/etc/systemd/system/containerd.service.d/90-kubetrace.conf" {
		t.Errorf("got %v, %v", start.Files, err)
	}
}

func TestRunBook(t *testing.T) {
	nothing := spec("1.36")
	nothing.Etcd.Disabled, nothing.APIServer.Disabled, nothing.Kubelet.Disabled, nothing.Collector.Disabled = true, true, true, true
	runtime, crio := spec("1.36.2"), spec("1.36.2")
	runtime.Containerd, crio.CRIO = &tracing.ContainerdSpec{Version: "2.1.4"}, &tracing.CRIOSpec{Version: "1.33"}
	odd := spec("1.36.2")
	odd.Etcd.ServiceName = "store, prod's"
	for _, test := range []struct {
		name        string
		spec        tracing.TracingSpec
		want, never []string
	}{
		{"all", odd, []string{"minikube start \\\n  --kubernetes-version=v1.36.2 \\\n", `'--extra-config=etcd.distributed-tracing-service-name=store, prod'\''s'`, "`files/var/lib/minikube/certs/tracing-config.yaml`:", `rm -f "${MINIKUBE_HOME:-$HOME/.minikube}/files/etc/kubernetes/kubelet.conf.d/90-kubetrace.conf"`, "minikube ssh -- sudo curl", "kubectl delete --ignore-not-found -f collector.yaml -f backend.yaml"}, []string{"kubeadm"}},
		{"containerd", runtime, []string{"--container-runtime=containerd \\\n", "```ini\n[Service]\n"}, nil},
		{"CRI-O", crio, []string{"--container-runtime=cri-o \\\n", "```toml\n[crio.tracing]\n"}, nil},
		{"without kubelets", spec("1.29"), []string{"**kubeletVersion**", "minikube start"}, []string{"kubelet.conf.d"}},
		{"nothing", nothing, []string{"Nothing is traced"}, []string{"minikube start", "## Undo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			book, err := minikube.RunBook(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			r, err := minikube.Resolve(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			runbooktest.OfPlatform(t, book, r, test.want, test.never)
		})
	}
}

func pure[T any](t *testing.T, name string, function func(tracing.TracingSpec) (T, error)) {
	in := func() tracing.TracingSpec {
		s := spec("1.36.2")
		s.Containerd, s.Collector.Labels = &tracing.ContainerdSpec{Version: "2.1.4"}, map[string]string{"a": "b"}
		return s
	}
	t.Run(name, func(t *testing.T) {
		puritytest.Check(t, in, func(s tracing.TracingSpec) T {
			got, err := function(s)
			if err != nil {
				t.Fatal(err)
			}
			return got
		})
	})
}

func TestPurity(t *testing.T) {
	pure(t, "Resolve", func(s tracing.TracingSpec) (tracing.TracingSpec, error) {
		r, err := minikube.Resolve(s)
		return r.Spec(), err
	})
	pure(t, "Cluster", minikube.Cluster)
	pure(t, "RunBook", minikube.RunBook)
}
