package kubetrace

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/tracing"
)

// TestWanted spells out what the judge looks for, on both sides of what changed.
func TestWanted(t *testing.T) {
	cell(t, "create cluster")
	volume := func(s settings) settings {
		const at = "ClusterConfiguration.apiServer.extraVolumes.tracing-config."
		s["ClusterConfiguration.apiServer.extraArgs.tracing-config-file"] = "/etc/kubernetes/tracing-config.yaml"
		s[at+"name"], s[at+"readOnly"], s[at+"pathType"] = "tracing-config", "true", "File"
		s[at+"hostPath"], s[at+"mountPath"] = "/etc/kubernetes/tracing-config.yaml", "/etc/kubernetes/tracing-config.yaml"
		return s
	}
	tests := map[string]settings{
		"1.22": volume(settings{
			"ClusterConfiguration.apiServer.extraArgs.feature-gates":                  "gates",
			"ClusterConfiguration.apiServer.extraArgs.feature-gates.APIServerTracing": "true",
		}),
		"1.26": volume(settings{
			"ClusterConfiguration.apiServer.extraArgs.feature-gates":                                  "gates",
			"ClusterConfiguration.apiServer.extraArgs.feature-gates.APIServerTracing":                 "true",
			"ClusterConfiguration.etcd.local.extraArgs.experimental-enable-distributed-tracing":       "true",
			"ClusterConfiguration.etcd.local.extraArgs.experimental-distributed-tracing-address":      "127.0.0.1:4317",
			"ClusterConfiguration.etcd.local.extraArgs.experimental-distributed-tracing-service-name": "etcd",
			"KubeletConfiguration.featureGates.KubeletTracing":                                        "true",
			"KubeletConfiguration.tracing.endpoint":                                                   "127.0.0.1:4317",
			"KubeletConfiguration.tracing.samplingRatePerMillion":                                     "10000",
		}),
		"1.37": volume(settings{
			"ClusterConfiguration.etcd.local.extraArgs.enable-distributed-tracing":        "true",
			"ClusterConfiguration.etcd.local.extraArgs.distributed-tracing-address":       "127.0.0.1:4317",
			"ClusterConfiguration.etcd.local.extraArgs.distributed-tracing-service-name":  "etcd",
			"ClusterConfiguration.etcd.local.extraArgs.distributed-tracing-sampling-rate": "10000",
			"KubeletConfiguration.tracing.endpoint":                                       "127.0.0.1:4317",
			"KubeletConfiguration.tracing.samplingRatePerMillion":                         "10000",
		}),
	}
	for release, want := range tests {
		resolved, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: release})
		if err != nil {
			t.Fatal(err)
		}
		got, err := wanted(resolved)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", release, diff)
		}
	}
}

// TestReadSettings shows what kubeadm would not read, or read otherwise than
// people think.
func TestReadSettings(t *testing.T) {
	cell(t, "create cluster")
	const v1beta3, v1beta4 = "{apiVersion: kubeadm.k8s.io/v1beta3, kind: A, ", "{apiVersion: kubeadm.k8s.io/v1beta4, kind: A, "
	tests := []struct{ name, text, want string }{
		{"a list before v1beta4", v1beta3 + "extraArgs: [{name: a, value: b}]}", "A.extraArgs is a list"},
		{"a map in v1beta4", v1beta4 + "a: {kubeletExtraArgs: {a: b}}}", "A.a.kubeletExtraArgs is a list in kubeadm.k8s.io/v1beta4: false"},
		{"a number as a flag", v1beta3 + "extraArgs: {v: 4}}", "A.extraArgs.v is no text"},
		{"a number as a flag of a list", v1beta4 + "extraArgs: [{name: v, value: 4}]}", "A.extraArgs.v is no text"},
		{"a flag twice", v1beta4 + "extraArgs: [{name: a, value: b}, {name: a, value: b}]}", "or twice"},
		{"a volume twice", v1beta3 + "extraVolumes: [{name: a}, {name: a}]}", "or twice"},
		{"a volume without a name", v1beta3 + "extraVolumes: [{hostPath: a}]}", "without a name"},
		{"a document twice", "{kind: A}\n---\n{kind: A}", `of kind "A" that is there twice`},
		{"a document without a kind", "{a: b}", `of kind ""`},
		{"a key twice", "{kind: A, a: b, a: b}", "no YAML"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if s, err := readSettings(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v and %v, want %q", s, err, test.want)
			}
		})
	}
	s, err := readSettings(v1beta4 + "extraArgs: [{name: feature-gates, value: 'A=true,B=false,A=false'}], a: [{b: 1}, c], d: null}")
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		"A.apiVersion": "kubeadm.k8s.io/v1beta4", "A.kind": "A",
		"A.extraArgs.feature-gates": "gates", "A.extraArgs.feature-gates.A": "false", "A.extraArgs.feature-gates.B": "false",
		"A.a[0].b": "1", "A.a[1]": "c", "A.d": "null",
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
