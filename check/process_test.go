package check_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/apiserver"
	"kubetrace/check"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/platform/k0s"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

// generated are a component's flags as a program is given them.
func generated(t *testing.T, spec tracing.TracingSpec, component tracing.Component) []string {
	t.Helper()
	patch, err := etcd.KubeadmPatch(spec)
	if component == tracing.ComponentAPIServer {
		patch, err = apiserver.KubeadmPatch(spec)
	}
	var not *tracing.NotGeneratedError
	if errors.As(err, &not) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"/usr/bin/" + string(component), "--v=2"}
	for _, arg := range slices.Concat(patch.Etcd.Args, patch.APIServer.Args) {
		flags = append(flags, arg.String())
	}
	return flags
}

// TestFlags judges flags that are on no node.
func TestFlags(t *testing.T) {
	const file = "--tracing-config-file=/etc/kubernetes/tracing-config.yaml"
	for _, test := range []struct {
		name, release string
		process       check.Process
		want          []string
	}{
		{"no gate", "1.25", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}},
			[]string{"kube-apiserver: --feature-gates is nothing, wanted is APIServerTracing=true (silently no traces)"}},
		{"the gate is off, in the second of two flags", "1.29", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file, "--feature-gates=A=true", "--feature-gates", "APIServerTracing=false"}},
			[]string{"kube-apiserver: --feature-gates is APIServerTracing=false"}},
		{"a gate that is gone", "1.37", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file, "--feature-gates=APIServerTracing=true"}},
			[]string{"kube-apiserver: --feature-gates is APIServerTracing=true, wanted is no APIServerTracing=true (refuses to start)"}},
		{"another release", "1.37", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}, Version: "1.36.1"},
			[]string{"kube-apiserver: version is 1.36.1, wanted is Kubernetes 1.37 (stale)"}},
		{"another release, which refuses the gate", "1.36", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file, "--feature-gates=APIServerTracing=true"}, Version: "v1.37.2"},
			[]string{"kube-apiserver: --feature-gates is APIServerTracing=true, wanted is no APIServerTracing=true (refuses to start)", "kube-apiserver: version is v1.37.2, wanted is Kubernetes 1.36 (stale)"}},
		{"another release, which needs the gate", "1.27", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}, Version: "1.26.1"},
			[]string{"kube-apiserver: --feature-gates is nothing, wanted is APIServerTracing=true (silently no traces)", "kube-apiserver: version is 1.26.1, wanted is Kubernetes 1.27 (stale)"}},
		{"a release that is none", "1.36", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}, Version: "foo"},
			[]string{"kube-apiserver: version is foo, wanted is Kubernetes 1.36 (not seen): Write its whole version into Process.Version, such as 1.36.1"}},
		{"a release that reads as an image", "1.36", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}, Version: "a/b"},
			[]string{"kube-apiserver: version is a/b, wanted is Kubernetes 1.36 (not seen)"}},
		{"an etcd of no version", "1.36", check.Process{Component: tracing.ComponentEtcd, Version: "main", Args: []string{"--enable-distributed-tracing", "--distributed-tracing-address=127.0.0.1:4317", "--distributed-tracing-sampling-rate=10000"}},
			[]string{"etcd: version is main, wanted is the version of an etcd (not seen): It is judged as etcd "}},
		{"no flag", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: []string{"kube-apiserver"}},
			[]string{"kube-apiserver: --tracing-config-file is nothing"}},
		{"the flags of an older etcd", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.7.1", Args: []string{"--experimental-enable-distributed-tracing"}},
			[]string{"etcd: --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing (refuses to start)",
				"etcd: --distributed-tracing-address is nothing", "etcd: --distributed-tracing-sampling-rate is nothing"}},
		{"an etcd that is too old", "1.29", check.Process{Component: tracing.ComponentEtcd, Version: "3.5.4", Args: []string{"--v=2"}},
			[]string{"etcd: version is 3.5.4, wanted is etcd 3.5.5 or later (silently no traces)"}},
		{"a variable", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file}, Env: []corev1.EnvVar{{Name: "OTEL_EXPORTER_OTLP_CERTIFICATE", Value: "/ca.crt"}}},
			[]string{"kube-apiserver: OTEL_EXPORTER_OTLP_CERTIFICATE is /ca.crt"}},
		{"a shell", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: []string{"sh", "-c", "kube-apiserver " + file}},
			[]string{"kube-apiserver: command is a shell, or another program, wanted is the program kube-apiserver with its flags (not seen): Look into it for the flags, or write the program and each of its flags as an element of Process.Args"}},
		{"no arguments", "1.34", check.Process{Component: tracing.ComponentAPIServer},
			[]string{"kube-apiserver: --tracing-config-file is nothing"}},
		{"no arguments of etcd", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4"},
			[]string{"etcd: --enable-distributed-tracing is nothing"}},
		{"variables alone", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4", Env: []corev1.EnvVar{
			{Name: "ETCD_ENABLE_DISTRIBUTED_TRACING", Value: "true"}, {Name: "ETCD_DISTRIBUTED_TRACING_ADDRESS", Value: "127.0.0.1:4317"}, {Name: "ETCD_DISTRIBUTED_TRACING_SAMPLING_RATE", Value: "10000"}}}, nil},
		{"no dashes", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: kubeadm.ArgList([]kubeadm.Arg{{Name: "tracing-config-file", Value: "/x"}})},
			[]string{"kube-apiserver: arguments is tracing-config-file=/x, wanted is --tracing-config-file=/x (not seen): Write the dashes of each flag: kubeadm.Arg.String"}},
		{"no dashes of another flag", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: []string{"v=2", file}},
			[]string{"kube-apiserver: arguments is v=2, wanted is --v=2 (not seen)"}},
		{"no dashes behind the program", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4", Args: []string{"/usr/bin/etcd", "name=a", "enable-distributed-tracing=true"}},
			[]string{"etcd: arguments is enable-distributed-tracing=true, wanted is --enable-distributed-tracing=true (not seen)"}},
		{"a file that was not given", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4", Args: []string{"--config-file=/etcd/config"}},
			[]string{"etcd: /etcd/config is not given, wanted is the fields of etcd.ConfigFile (not seen): Give the file's content as Process.ConfigFile, or"}},
		{"an egress selector", "1.34", check.Process{Component: tracing.ComponentAPIServer, Args: []string{file, "--egress-selector-config-file=/egress"}},
			[]string{"kube-apiserver: --egress-selector-config-file is /egress, wanted is no entry controlplane (not seen): Look whether the file on the node has a selection with the name controlplane, which kube-apiserver's spans would go through, or give its content as State.EgressSelectors, to Cluster"}},
		{"a file without the fields", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4", Args: []string{"--config-file=/etcd/config"}, ConfigFile: []byte("name: a\n")},
			[]string{"etcd: /etcd/config enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
		{"a file", "1.34", check.Process{Component: tracing.ComponentEtcd, Version: "3.6.4", Args: []string{"--config-file=/etcd/config"},
			ConfigFile: []byte("enable-distributed-tracing: true\ndistributed-tracing-address: 127.0.0.1:4317\ndistributed-tracing-sampling-rate: 10000\n")}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			findings, err := check.Flags(spec(test.release), test.process)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for n, finding := range findings {
				text := finding.String()
				if n < len(test.want) && strings.HasPrefix(text, test.want[n]) {
					text = test.want[n]
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFlagsGenerated finds nothing in what is generated, for every release, and
// something in what is missing a flag of it.
func TestFlagsGenerated(t *testing.T) {
	for _, release := range tracing.Releases() {
		spec := spec(release.Kubernetes)
		for _, component := range []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer} {
			flags := generated(t, spec, component)
			findings, err := check.Flags(spec, check.Process{Component: component, Args: flags})
			if err != nil || len(findings) > 0 {
				t.Errorf("%s %s: %v, error %v", release.Kubernetes, component, findings, err)
			}
			if flags == nil {
				continue // the release's etcd is not traced
			}
			if findings, _ = check.Flags(spec, check.Process{Component: component, Args: flags[:2]}); len(findings) == 0 {
				t.Errorf("%s %s: nothing is found without its flags", release.Kubernetes, component)
			}
		}
	}
}

// TestFlagsOf has errors.
func TestFlagsOf(t *testing.T) {
	if _, err := check.Flags(spec("1.34"), check.Process{Component: tracing.ComponentKubelet}); err == nil || !strings.Contains(err.Error(), "State.Configz") {
		t.Errorf("of the kubelet: %v", err)
	}
	if _, err := check.Flags(spec("1.7"), check.Process{Component: tracing.ComponentEtcd}); err == nil {
		t.Error("a release that is none is no error")
	}
}

// TestDistributionEtcd judges the etcd of a spec that a distribution resolves, which is
// an external one.
func TestDistributionEtcd(t *testing.T) {
	distributions := map[string]func(tracing.TracingSpec) (tracing.Resolved, error){
		"k0s": func(s tracing.TracingSpec) (tracing.Resolved, error) { return k0s.Resolve(s, k0s.Options{}) },
		"k3s": func(s tracing.TracingSpec) (tracing.Resolved, error) { return k3s.Resolve(s, k3s.Options{}) },
		"RKE2": func(s tracing.TracingSpec) (tracing.Resolved, error) {
			return k3s.Resolve(s, k3s.Options{Distribution: k3s.RKE2})
		},
	}
	const missing = "etcd on %s: --enable-distributed-tracing is nothing, wanted is true (silently no traces)"
	process := func(node string, flags ...string) func(*check.State) {
		return func(s *check.State) {
			s.Pods = slices.DeleteFunc(s.Pods, func(p corev1.Pod) bool { return p.Name == "etcd-a" })
			s.Processes = map[string][]check.Process{node: {{Component: tracing.ComponentEtcd, Args: append([]string{"/usr/bin/etcd"}, flags...)}}}
		}
	}
	for name, resolve := range distributions {
		r := must(resolve(spec("1.36.3")))(t)
		spec := r.Spec()
		var flags []string
		for _, arg := range etcd.ArgsFor(r) {
			flags = append(flags, arg.String())
		}
		for _, test := range []scenario{
			{"a process as generated", "", process("a", flags...), nil},
			{"a process that is not traced", "", process("a"), []string{fmt.Sprintf(missing, "a")}},
			{"a process on a node of etcd alone", "", process("b"), []string{fmt.Sprintf(missing, "b")}},
			{"neither a process nor a pod", "", func(s *check.State) { process("a")(s); s.Processes = nil }, nil},
			{"a pod as generated", "", func(*check.State) {}, nil},
			{"a pod that is not traced", "", func(s *check.State) { flag(s, "etcd", "enable-distributed-tracing") }, []string{fmt.Sprintf(missing, "a")}},
			{"a static pod of another name", "", func(s *check.State) {
				flag(s, "etcd", "enable-distributed-tracing")
				pod := pod(s, "etcd-a")
				pod.Name, pod.Annotations = "etcd-main", map[string]string{corev1.MirrorPodAnnotationKey: "x"}
			}, []string{fmt.Sprintf(missing, "a")}},
			{"an etcd of the network plugin", "", func(s *check.State) {
				flag(s, "etcd", "enable-distributed-tracing")
				pod(s, "etcd-a").Name = "calico-etcd-x7k2p"
			}, nil},
		} {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				state := healthy(t, spec)
				test.change(&state)
				compare(t, must(check.ClusterWith(spec, state, check.Options{WithoutKubeadm: true}))(t), test.want)
			})
		}
	}
}

// TestProcesses are judged in place of pods.
func TestProcesses(t *testing.T) {
	hidden := check.Options{WithoutKubeadm: true, HiddenControlPlane: true}
	processes := func(flags ...string) func(*check.State) {
		return func(s *check.State) {
			s.Pods, s.ConfigMaps = s.Pods[2:], s.ConfigMaps[1:]
			s.Processes = map[string][]check.Process{"a": {
				{Component: tracing.ComponentEtcd, Args: generated(t, spec("1.37"), tracing.ComponentEtcd)},
				{Component: tracing.ComponentAPIServer, Args: flags},
			}}
		}
	}
	for _, test := range []scenario{
		{"as generated", "1.37", processes(generated(t, spec("1.37"), tracing.ComponentAPIServer)...), nil},
		{"without the flag", "1.37", processes("kube-apiserver"), []string{"kube-apiserver on a: --tracing-config-file is nothing"}},
		{"a pod beside a hidden etcd", "1.37", func(s *check.State) {
			s.ConfigMaps = s.ConfigMaps[1:]
			flag(s, "kube-apiserver", "tracing-config-file")
		}, []string{"kube-apiserver on a: --tracing-config-file is nothing"}},
		{"the file of etcd's process was not given", "1.37", func(s *check.State) {
			processes(generated(t, spec("1.37"), tracing.ComponentAPIServer)...)(s)
			s.Processes["a"][0].Args = []string{"--config-file=/etcd/config"}
		}, []string{"etcd on a: /etcd/config is not given, wanted is the fields of etcd.ConfigFile (not seen): Give the file's content with the node's name"}},
		{"of a node that is not given", "1.37", func(s *check.State) {
			s.ConfigMaps = s.ConfigMaps[1:]
			s.Processes = map[string][]check.Process{"z": nil}
		}, []string{"kube-apiserver on z: node is only in a process"}},
	} {
		test.run(t, hidden)
	}
}
