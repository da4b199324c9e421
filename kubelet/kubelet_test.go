package kubelet_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/readback"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

func ptr[T any](value T) *T { return &value }

const (
	fragment = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 10000
`
	gatedFragment = `apiVersion: kubelet.config.k8s.io/v1beta1
featureGates:
  KubeletTracing: true
kind: KubeletConfiguration
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 10000
`
)

// textOf returns the fragment as a file, or nothing where there is none.
func textOf(t *testing.T, spec tracing.TracingSpec) string {
	t.Helper()
	config, err := kubelet.Configuration(spec)
	var not *tracing.NotGeneratedError
	if config == nil && errors.As(err, &not) && not.Component == tracing.ComponentKubelet {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := tracing.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestByRelease checks the whole file: what is not in it leaves a node's own
// settings alone.
func TestByRelease(t *testing.T) {
	want := map[string]string{
		"1.22": "", "1.23": "", "1.24": "",
		"1.25": gatedFragment, "1.26": gatedFragment,
		"1.27": fragment, "1.28": fragment, "1.29": fragment, "1.30": fragment, "1.31": fragment, "1.32": fragment,
		"1.33": fragment, "1.34": fragment, "1.35": fragment, "1.36": fragment, "1.37": fragment, "1.38": fragment,
	}
	got := map[string]string{}
	for _, release := range tracing.Releases() {
		got[release.Kubernetes] = textOf(t, tracing.TracingSpec{KubernetesVersion: release.Kubernetes})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by release (-want +got):\n%s", diff)
	}
}

// TestOldestKubelet says that the oldest kubelet decides, not the control plane.
func TestOldestKubelet(t *testing.T) {
	for _, test := range []struct{ controlPlane, oldest, want string }{
		{"1.28", "1.25", gatedFragment},
		{"1.29", "1.26.3", gatedFragment},
		{"1.29", "1.27", fragment},
		{"1.26", "1.24", ""},
	} {
		got := textOf(t, tracing.TracingSpec{KubernetesVersion: test.controlPlane, KubeletVersion: test.oldest})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s with kubelets from %s on (-want +got):\n%s", test.controlPlane, test.oldest, diff)
		}
	}
}

func TestConfiguration(t *testing.T) {
	for _, test := range []struct {
		name     string
		spec     tracing.TracingSpec
		endpoint string
		rate     int32
	}{
		{"the spec's rate", tracing.TracingSpec{SamplingRatePerMillion: ptr(int32(5))}, "127.0.0.1:4317", 5},
		{"its own rate, which is nothing", tracing.TracingSpec{Kubelet: tracing.KubeletSpec{SamplingRatePerMillion: ptr(int32(0))}}, "127.0.0.1:4317", 0},
		{"an IPv6 endpoint", tracing.TracingSpec{Endpoint: "[::1]:4317"}, "[::1]:4317", 10_000},
		{"an abstract socket", tracing.TracingSpec{Endpoint: "unix-abstract:///a"}, "unix-abstract:///a", 10_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.spec.KubernetesVersion = "1.34"
			got, err := kubelet.Configuration(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			want := &kubeletv1beta1.KubeletConfiguration{
				TypeMeta: metav1.TypeMeta{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"},
				Tracing:  &tracingv1.TracingConfiguration{Endpoint: &test.endpoint, SamplingRatePerMillion: &test.rate},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("KubeletConfiguration (-want +got):\n%s", diff)
			}
			patch, err := kubelet.KubeadmPatch(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&kubeadm.Patch{Kubelet: want}, patch); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
			var read kubeletv1beta1.KubeletConfiguration
			if err := readback.Into([]byte(textOf(t, test.spec)), &read); err != nil {
				t.Errorf("it does not read back: %v", err)
			}
		})
	}
}

// customized is a node's configuration whose settings all differ from the
// defaults.
func customized() *kubeletv1beta1.KubeletConfiguration {
	minute := metav1.Duration{Duration: time.Minute}
	return &kubeletv1beta1.KubeletConfiguration{
		TypeMeta:                        metav1.TypeMeta{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"},
		SyncFrequency:                   minute,
		ShutdownGracePeriod:             minute,
		ShutdownGracePeriodCriticalPods: minute,
		NodeStatusUpdateFrequency:       minute,
		ClusterDNS:                      []string{"10.0.0.10"},
		FeatureGates:                    map[string]bool{"GracefulNodeShutdown": true, "KubeletTracing": true},
		EvictionHard:                    map[string]string{"memory.available": "500Mi"},
		MaxPods:                         250,
		PodPidsLimit:                    ptr(int64(4096)),
		Authentication:                  kubeletv1beta1.KubeletAuthentication{Webhook: kubeletv1beta1.KubeletWebhookAuthentication{CacheTTL: minute}},
		ContainerRuntimeEndpoint:        "unix:///run/crio/crio.sock",
		Tracing:                         &tracingv1.TracingConfiguration{Endpoint: ptr("old:1"), SamplingRatePerMillion: ptr(int32(1))},
	}
}

// TestMergePatch applies the fragment as kubelets (--config-dir) and kubeadm do.
func TestMergePatch(t *testing.T) {
	for _, version := range []string{"1.25", "1.37"} {
		spec := tracing.TracingSpec{KubernetesVersion: version}
		node, err := json.Marshal(customized())
		if err != nil {
			t.Fatal(err)
		}
		patch, err := yaml.YAMLToJSON([]byte(textOf(t, spec)))
		if err != nil {
			t.Fatal(err)
		}
		var target, change map[string]any
		if err := errors.Join(json.Unmarshal(node, &target), json.Unmarshal(patch, &change)); err != nil {
			t.Fatal(err)
		}
		merged, err := json.Marshal(mergePatch(target, change))
		if err != nil {
			t.Fatal(err)
		}
		var got kubeletv1beta1.KubeletConfiguration
		if err := json.Unmarshal(merged, &got); err != nil {
			t.Fatal(err)
		}
		want := customized()
		want.Tracing = &tracingv1.TracingConfiguration{Endpoint: ptr("127.0.0.1:4317"), SamplingRatePerMillion: ptr(int32(10_000))}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Errorf("%s: merged (-want +got):\n%s", version, diff)
		}
	}
}

// mergePatch is the algorithm of RFC 7386.
func mergePatch(target, patch map[string]any) map[string]any {
	for key, value := range patch {
		inner, isMap := value.(map[string]any)
		switch existing, _ := target[key].(map[string]any); {
		case value == nil:
			delete(target, key)
		case isMap && existing != nil:
			target[key] = mergePatch(existing, inner)
		case isMap:
			target[key] = mergePatch(map[string]any{}, inner)
		default:
			target[key] = value
		}
	}
	return target
}
