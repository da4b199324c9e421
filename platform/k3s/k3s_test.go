package k3s_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

const (
	server = kubetrace.ControlPlane
	agent  = kubetrace.Worker
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// TestSettings holds what is written on each side of every release at which it changes.
func TestSettings(t *testing.T) {
	const (
		tracingFile = "tracing-config-file=/etc/rancher/k3s/tracing-config.yaml"
		kubeletFile = "config=/etc/rancher/k3s/kubetrace-kubelet.yaml"
	)
	experimental := []string{"experimental-enable-distributed-tracing=true", "experimental-distributed-tracing-address=127.0.0.1:4317", "experimental-distributed-tracing-service-name=etcd"}
	withRate := append(slices.Clone(experimental), "experimental-distributed-tracing-sampling-rate=10000")
	plain := []string{"enable-distributed-tracing=true", "distributed-tracing-address=127.0.0.1:4317", "distributed-tracing-service-name=etcd", "distributed-tracing-sampling-rate=10000"}
	gate := []string{tracingFile, "feature-gates=APIServerTracing=true"}
	for _, test := range []struct {
		version string
		want    k3s.DropIn
	}{
		{"v1.26.0+k3s1", k3s.DropIn{gate, experimental, []string{kubeletFile}}},
		{"1.27.14", k3s.DropIn{[]string{tracingFile}, experimental, []string{kubeletFile}}},
		{"1.27.15", k3s.DropIn{[]string{tracingFile}, withRate, []string{kubeletFile}}},
		{"1.30.1", k3s.DropIn{[]string{tracingFile}, experimental, []string{kubeletFile}}},
		{"1.30", k3s.DropIn{[]string{tracingFile}, experimental, []string{kubeletFile}}},
		{"1.30.2", k3s.DropIn{[]string{tracingFile}, withRate, []string{kubeletFile}}},
		{"1.31.14", k3s.DropIn{[]string{tracingFile}, withRate, []string{kubeletFile}}},
		{"1.32.0", k3s.DropIn{[]string{tracingFile}, withRate, nil}},
		{"1.33.10", k3s.DropIn{[]string{tracingFile}, withRate, nil}},
		{"1.33.11", k3s.DropIn{[]string{tracingFile}, plain, nil}},
		{"1.34", k3s.DropIn{[]string{tracingFile}, plain, nil}},
		{"1.36.3", k3s.DropIn{[]string{tracingFile}, plain, nil}},
		{"1.37.0", k3s.DropIn{[]string{tracingFile}, plain, nil}},
	} {
		got, err := k3s.Settings(spec(test.version), server, k3s.Options{})
		if err != nil {
			t.Fatalf("%s: %v", test.version, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.version, diff)
		}
		onAgent, err := k3s.Settings(spec(test.version), agent, k3s.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(k3s.DropIn{KubeletArg: test.want.KubeletArg}, onAgent); diff != "" {
			t.Errorf("%s, agent (-want +got):\n%s", test.version, diff)
		}
	}
}

// TestSettingsAreTheLibrarys says that the flags are those that the library makes for the
// etcd of the release, for every release.
func TestSettingsAreTheLibrarys(t *testing.T) {
	for _, row := range tracing.Releases() {
		for _, distribution := range []k3s.Distribution{k3s.K3s, k3s.RKE2} {
			in := spec(row.Kubernetes + ".12")
			in.APIServer.Disabled = row.APIServerTracing == tracing.GateRequired && row.KubeletTraced == false || slices.Contains([]string{"1.22", "1.23", "1.24", "1.25"}, row.Kubernetes)
			o := k3s.Options{Distribution: distribution}
			r, err := k3s.Resolve(in, o)
			if err != nil {
				t.Fatalf("%s: %v", row.Kubernetes, err)
			}
			got, err := k3s.Settings(in, server, o)
			if err != nil {
				t.Fatal(err)
			}
			library, err := tracing.Resolve(r.Spec())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(kubeadm.ArgList(etcd.ArgsFor(library)), got.EtcdArg); diff != "" && len(got.EtcdArg)+len(etcd.ArgsFor(library)) > 0 {
				t.Errorf("%s %s: etcd (-library +got):\n%s", distribution, row.Kubernetes, diff)
			}
			if diff := cmp.Diff(kubeadm.ArgList(apiserver.ArgsFor(library)), got.KubeAPIServerArg); diff != "" && len(got.KubeAPIServerArg)+len(apiserver.ArgsFor(library)) > 0 {
				t.Errorf("%s %s: kube-apiserver (-library +got):\n%s", distribution, row.Kubernetes, diff)
			}
			again, err := k3s.SettingsFor(r, server, o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("%s %s: of the resolved spec (-before +after):\n%s", distribution, row.Kubernetes, diff)
			}
		}
	}
}

func TestResolveErrors(t *testing.T) {
	of := func(change func(*tracing.TracingSpec)) tracing.TracingSpec {
		s := spec("1.34.1")
		change(&s)
		return s
	}
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		options k3s.Options
		field   string
		message string
	}{
		{"flags change between patches", spec("1.33"), k3s.Options{}, "kubernetesVersion", "write the patch too"},
		{"of the other distribution", spec("v1.34.1+rke2r1"), k3s.Options{}, "kubernetesVersion", "a release of rke2"},
		{"egress selector", spec("1.25.16"), k3s.Options{}, "apiServer.disabled", "write true, or go to 1.26"},
		{"an image of etcd", of(func(s *tracing.TracingSpec) { s.Etcd.ImageTag = "3.6.5-0" }), k3s.Options{}, "etcd.imageTag", "k3s brings its etcd"},
		{"a repository of etcd", of(func(s *tracing.TracingSpec) { s.Etcd.ImageRepository = "quay.io/coreos" }), k3s.Options{}, "etcd.imageRepository", "k3s brings its etcd"},
		{"another etcd", of(func(s *tracing.TracingSpec) { s.Etcd.Version = "3.5.21" }), k3s.Options{}, "etcd.version", "k3s for Kubernetes 1.34.1 has etcd 3.6.4: leave it out"},
		{"a number", of(func(s *tracing.TracingSpec) { s.Etcd.InstanceID = "12" }), k3s.Options{}, "etcd.instanceID", "as a number"},
		{"a number with a sign", of(func(s *tracing.TracingSpec) { s.Etcd.ServiceName = "+7" }), k3s.Options{}, "etcd.serviceName", "as a number"},
		{"a truth value", of(func(s *tracing.TracingSpec) { s.Etcd.ServiceName = "True" }), k3s.Options{Distribution: k3s.RKE2}, "etcd.serviceName", "as a truth value"},
		{"a list", of(func(s *tracing.TracingSpec) { s.Etcd.ServiceName = "[a]" }), k3s.Options{}, "etcd.serviceName", "as a list"},
		{"nothing", of(func(s *tracing.TracingSpec) { s.Etcd.InstanceID = "null" }), k3s.Options{}, "etcd.instanceID", "as a list"},
		{"the library's own", of(func(s *tracing.TracingSpec) { s.Endpoint = "localhost:4317" }), k3s.Options{}, "endpoint", "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := k3s.Resolve(test.spec, test.options)
			var invalid *tracing.InvalidSpecError
			var problem *field.Error
			if !errors.As(err, &invalid) || !errors.As(err, &problem) || problem.Field != test.field || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want an error of %s with %q", err, test.field, test.message)
			}
		})
	}
	for _, o := range []k3s.Options{{Distribution: "k0s"}, {DataDir: "data"}, {DataDir: "/data/"}} {
		if _, err := k3s.Resolve(spec("1.34.1"), o); err == nil || !strings.Contains(err.Error(), "Options.") {
			t.Errorf("%+v: got %v", o, err)
		}
	}
	if _, err := k3s.Node(spec("1.34.1"), "master", k3s.Options{}); err == nil || !strings.Contains(err.Error(), "write control-plane for a server") {
		t.Errorf("of no role: got %v", err)
	}
	if _, err := k3s.NodeFor(tracing.Resolved{}, server, k3s.Options{}); err == nil {
		t.Error("of no spec: no error")
	}
}

// TestResolve accepts what is close to what TestResolveErrors refuses, and says what a
// person should know.
func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		options k3s.Options
		etcd    string
		codes   []tracing.WarningCode
	}{
		{"the patch's etcd", spec("v1.33.11+k3s1"), k3s.Options{}, "3.6.7", nil},
		{"the etcd of the patch's second build", tracing.TracingSpec{KubernetesVersion: "v1.33.13+k3s2", Etcd: tracing.EtcdSpec{Version: "3.6.14"}}, k3s.Options{}, "3.6.14", nil},
		{"RKE2 with another etcd", tracing.TracingSpec{KubernetesVersion: "v1.34.1+rke2r1", Etcd: tracing.EtcdSpec{Version: "3.5.21"}}, k3s.Options{Distribution: k3s.RKE2}, "3.5.21", nil},
		{"a newer release", spec("1.37.1"), k3s.Options{}, "3.6.14", []tracing.WarningCode{tracing.WarnNewerRelease}},
		{"no rate", spec("1.29.5"), k3s.Options{}, "3.5.9", []tracing.WarningCode{tracing.WarnEtcdNoRootSampling}},
		{"an etcd that leaks", tracing.TracingSpec{KubernetesVersion: "1.25.16", APIServer: tracing.APIServerSpec{Disabled: true}}, k3s.Options{}, "", []tracing.WarningCode{tracing.WarnEtcdNotTraced}},
		{"kubelets with one file", spec("1.31.5"), k3s.Options{}, "3.5.16", []tracing.WarningCode{k3s.WarnKubeletConfig}},
		{"kubelets with one file, RKE2", spec("1.31.5"), k3s.Options{Distribution: k3s.RKE2}, "3.5.16", []tracing.WarningCode{k3s.WarnKubeletConfig}},
		{"kubelets with a folder", spec("1.32.1"), k3s.Options{}, "3.5.16", nil},
		{"kubelets of nobody", tracing.TracingSpec{KubernetesVersion: "1.31.5", Kubelet: tracing.KubeletSpec{Disabled: true}}, k3s.Options{}, "3.5.16", nil},
		{"SQLite", spec("1.33"), k3s.Options{ExternalDatastore: true}, "", []tracing.WarningCode{k3s.WarnDatastore}},
		{"a name with letters", tracing.TracingSpec{KubernetesVersion: "1.34.1", Etcd: tracing.EtcdSpec{InstanceID: "12a", ServiceName: "truethat"}}, k3s.Options{}, "3.6.4", []tracing.WarningCode{tracing.WarnInstanceIDShared}},
		{"containerd without variables", tracing.TracingSpec{KubernetesVersion: "1.28.5", Containerd: &tracing.ContainerdSpec{Version: "1.7.11"}}, k3s.Options{}, "3.5.9", []tracing.WarningCode{k3s.WarnContainerdTemplate}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := k3s.Resolve(test.spec, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Spec().Etcd.Version; got != test.etcd {
				t.Errorf("got etcd %q, want %q", got, test.etcd)
			}
			var codes []tracing.WarningCode
			for _, w := range r.Warnings {
				codes = append(codes, w.Code)
				if strings.Contains(w.Message+w.Cure, "kubeadm") || strings.Contains(w.Message+w.Cure, "imageTag") {
					t.Errorf("it speaks of kubeadm: %s", w)
				}
			}
			for _, code := range test.codes {
				if !slices.Contains(codes, code) {
					t.Errorf("got the warnings %v, want %s", codes, code)
				}
			}
			// An older kubelet alone is given a file.
			if slices.Contains(codes, k3s.WarnKubeletConfig) != (strings.HasPrefix(test.name, "kubelets with one file") || slices.Contains([]string{"no rate", "an etcd that leaks", "containerd without variables"}, test.name)) {
				t.Errorf("got the warnings %v, of release %s", codes, test.spec.KubernetesVersion)
			}
			if slices.Contains(codes, tracing.WarnEtcdExternal) || slices.Contains(codes, tracing.WarnKubeletDropIn) {
				t.Errorf("got the warnings %v, which are about others", codes)
			}
		})
	}
}

func TestNode(t *testing.T) {
	full := spec("1.34.1")
	full.Containerd = &tracing.ContainerdSpec{Version: "2.1.4"}
	old := spec("1.31.5")
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		role    kubetrace.Role
		options k3s.Options
		want    []string
	}{
		{"server", full, server, k3s.Options{}, []string{
			"/etc/rancher/k3s/config.yaml.d/90-kubetrace.yaml", "/etc/rancher/k3s/tracing-config.yaml",
			"/etc/systemd/system/k3s.service.d/90-kubetrace.conf", "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-kubetrace.conf"}},
		{"agent", full, agent, k3s.Options{DataDir: "/data"}, []string{
			"/data/agent/etc/kubelet.conf.d/90-kubetrace.conf", "/etc/systemd/system/k3s-agent.service.d/90-kubetrace.conf"}},
		{"RKE2 server", full, server, k3s.Options{Distribution: k3s.RKE2}, []string{
			"/etc/rancher/rke2/config.yaml.d/90-kubetrace.yaml", "/etc/rancher/rke2/tracing-config.yaml",
			"/etc/systemd/system/rke2-server.service.d/90-kubetrace.conf", "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/90-kubetrace.conf"}},
		{"RKE2 agent", full, agent, k3s.Options{Distribution: k3s.RKE2}, []string{
			"/etc/systemd/system/rke2-agent.service.d/90-kubetrace.conf", "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/90-kubetrace.conf"}},
		{"kubelets without drop-ins", old, agent, k3s.Options{}, []string{
			"/etc/rancher/k3s/config.yaml.d/90-kubetrace.yaml", "/etc/rancher/k3s/kubetrace-kubelet.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			node, err := k3s.Node(test.spec, test.role, test.options)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, file := range node.Files {
				paths = append(paths, file.Path)
				if file.Mode != 0o644 || file.Owner != "root:root" || len(file.Content) == 0 {
					t.Errorf("%s: %v %s, %d bytes", file.Path, file.Mode, file.Owner, len(file.Content))
				}
			}
			if diff := cmp.Diff(test.want, paths); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if node.PatchesDirectory != "" || node.Commands != nil {
				t.Errorf("it has patches or commands: %+v", node)
			}
		})
	}
}
