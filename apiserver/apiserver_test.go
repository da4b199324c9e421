package apiserver_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiserverv1beta1 "k8s.io/apiserver/pkg/apis/apiserver/v1beta1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/apiserver"
	"kubetrace/internal/readback"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func ptr[T any](value T) *T { return &value }

// configuration returns what the file holds.
func configuration(version, endpoint string, rate int32) *apiserverv1beta1.TracingConfiguration {
	return &apiserverv1beta1.TracingConfiguration{
		TypeMeta:             metav1.TypeMeta{APIVersion: "apiserver.config.k8s.io/" + version, Kind: "TracingConfiguration"},
		TracingConfiguration: tracingv1.TracingConfiguration{Endpoint: &endpoint, SamplingRatePerMillion: &rate},
	}
}

// TestByRelease covers what differs between releases.
func TestByRelease(t *testing.T) {
	type output struct {
		APIVersion string
		Args       []string
	}
	file := "--tracing-config-file=/etc/kubernetes/tracing-config.yaml"
	alpha := output{"apiserver.config.k8s.io/v1alpha1", []string{file, "--feature-gates=APIServerTracing=true"}}
	beta := output{"apiserver.config.k8s.io/v1beta1", []string{file}}
	want := map[string]output{
		"1.22": alpha, "1.23": alpha, "1.24": alpha, "1.25": alpha, "1.26": alpha,
		"1.27": beta, "1.28": beta, "1.29": beta, "1.30": beta, "1.31": beta, "1.32": beta,
		"1.33": beta, "1.34": beta, "1.35": beta, "1.36": beta, "1.37": beta, "1.38": beta,
	}
	got := map[string]output{}
	for _, release := range tracing.Releases() {
		spec := tracing.TracingSpec{KubernetesVersion: release.Kubernetes}
		config, err := apiserver.TracingConfiguration(spec)
		if err != nil {
			t.Fatal(err)
		}
		args, err := apiserver.Args(spec)
		if err != nil {
			t.Fatal(err)
		}
		o := output{APIVersion: config.APIVersion}
		for _, arg := range args {
			o.Args = append(o.Args, arg.String())
		}
		got[release.Kubernetes] = o
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by release (-want +got):\n%s", diff)
	}
}

// TestGateUnknown says that nothing for 1.37 names the gate: its API server
// would not start.
func TestGateUnknown(t *testing.T) {
	for _, version := range []string{"1.37", "v1.37.1", "1.38.0", "1.40.2"} {
		patch, err := apiserver.KubeadmPatch(tracing.TracingSpec{KubernetesVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		for _, apiVersion := range []string{kubeadm.V1Beta3, kubeadm.V1Beta4, ""} {
			text, err := kubeadm.Marshal(patch, apiVersion)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "tracing-config-file") || strings.Contains(string(text), "APIServerTracing") {
				t.Errorf("%s: there is no flag, or the gate is named:\n%s", version, text)
			}
		}
	}
}

func TestTracingConfiguration(t *testing.T) {
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want *apiserverv1beta1.TracingConfiguration
	}{
		{
			name: "defaults",
			spec: tracing.TracingSpec{KubernetesVersion: "1.34"},
			want: configuration("v1beta1", "127.0.0.1:4317", 10_000),
		},
		{
			name: "the spec's rate",
			spec: tracing.TracingSpec{KubernetesVersion: "1.26", SamplingRatePerMillion: ptr(int32(5))},
			want: configuration("v1alpha1", "127.0.0.1:4317", 5),
		},
		{
			name: "its own rate, which is nothing",
			spec: tracing.TracingSpec{KubernetesVersion: "1.34", SamplingRatePerMillion: ptr(int32(5)), APIServer: tracing.APIServerSpec{SamplingRatePerMillion: ptr(int32(0))}},
			want: configuration("v1beta1", "127.0.0.1:4317", 0),
		},
		{
			name: "an abstract socket",
			spec: tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: "unix-abstract:///a"},
			want: configuration("v1beta1", "unix-abstract:///a", 10_000),
		},
		{
			name: "an old kubelet changes nothing",
			spec: tracing.TracingSpec{KubernetesVersion: "1.27", KubeletVersion: "1.26"},
			want: configuration("v1beta1", "127.0.0.1:4317", 10_000),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := apiserver.TracingConfiguration(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("TracingConfiguration (-want +got):\n%s", diff)
			}
			text, err := tracing.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var read apiserverv1beta1.TracingConfiguration
			if err := readback.Into(text, &read); err != nil {
				t.Errorf("it does not read back: %v", err)
			}
			if diff := cmp.Diff(got, &read); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKubeadmPatch(t *testing.T) {
	got, err := apiserver.KubeadmPatch(tracing.TracingSpec{
		KubernetesVersion: "1.26.1",
		APIServer:         tracing.APIServerSpec{ConfigFile: "/etc/kubernetes/tracing/config.yaml"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &kubeadm.Patch{
		APIServer: kubeadm.APIServerPatch{
			Args: []kubeadm.Arg{
				{Name: "tracing-config-file", Value: "/etc/kubernetes/tracing/config.yaml"},
				{Name: "feature-gates", Value: "APIServerTracing=true"},
			},
			Volumes: []kubeadm.HostPathMount{{
				Name:      "tracing-config",
				HostPath:  "/etc/kubernetes/tracing/config.yaml",
				MountPath: "/etc/kubernetes/tracing/config.yaml",
				ReadOnly:  true,
				PathType:  corev1.HostPathFile,
			}},
		},
		Files: []kubeadm.NodeFile{{Path: "/etc/kubernetes/tracing/config.yaml", Object: configuration("v1alpha1", "127.0.0.1:4317", 10_000)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("patch (-want +got):\n%s", diff)
	}
}
