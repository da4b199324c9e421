package reader_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/internal/reader"
)

func pointer[T any](value T) *T { return &value }

const kubeletHead = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

var kubeletMeta = reader.KubeletSettings{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"}

func kubelet(tracing *tracingv1.TracingConfiguration, gates map[string]bool) reader.KubeletSettings {
	s := kubeletMeta
	s.Tracing, s.FeatureGates = tracing, gates
	return s
}

func TestKubelet(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       reader.KubeletSettings
		err        string
	}{
		{"all", kubeletHead + "tracing: {endpoint: a, samplingRatePerMillion: 0}\nfeatureGates: {A: true, B: off}\n",
			kubelet(&tracingv1.TracingConfiguration{Endpoint: pointer("a"), SamplingRatePerMillion: pointer(int32(0))}, map[string]bool{"A": true, "B": false}), ""},
		{"empty tracing", kubeletHead + "tracing: {}\n", kubelet(&tracingv1.TracingConfiguration{}, nil), ""},
		{"no tracing", kubeletHead + "tracing:\nfeatureGates: {}\n", kubelet(nil, nil), ""},
		{"another case", kubeletHead + "Tracing: {endpoint: a}\ntracing: {Endpoint: a}\n", kubelet(&tracingv1.TracingConfiguration{}, nil), ""},
		{"what we do not know", kubeletHead + "logging: {flushFrequency: 5s}\nport: a\nnew: [1]\n", kubelet(nil, nil), ""},
		{"nothing", "", reader.KubeletSettings{}, ""},
		{"a number for an endpoint", kubeletHead + "tracing:\n  endpoint: 5\n", reader.KubeletSettings{}, "line 4: tracing.endpoint: it is the number 5: write a text"},
		{"a text for tracing", kubeletHead + "tracing: a\n", reader.KubeletSettings{}, `line 3: tracing: it is the text "a": write fields`},
		{"a text for a gate", kubeletHead + "featureGates:\n  A: \"true\"\n", reader.KubeletSettings{}, `line 4: featureGates.A: it is the text "true": write true or false`},
		{"no YAML", kubeletHead + "a: b: c\n", reader.KubeletSettings{}, "line 3: mapping values are not allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reader.Kubelet([]byte(test.text))
			checkKubelet(t, got, err, test.want, test.err)
		})
	}
}

func TestConfigz(t *testing.T) {
	newer, err := os.ReadFile("testdata/configz-1.37.json")
	if err != nil {
		t.Fatal(err)
	}
	traced := &tracingv1.TracingConfiguration{Endpoint: pointer("127.0.0.1:4317"), SamplingRatePerMillion: pointer(int32(1000000))}
	for _, test := range []struct {
		name, text string
		want       reader.KubeletSettings
		err        string
	}{
		{"a newer release", string(newer), kubelet(traced, nil), ""},
		{"an older release", `{"kubeletconfig":{"featureGates":{"KubeletTracing":true},"tracing":{}}}`,
			reader.KubeletSettings{Tracing: &tracingv1.TracingConfiguration{}, FeatureGates: map[string]bool{"KubeletTracing": true}}, ""},
		{"a byte order mark", "\ufeff{\"kubeletconfig\":{}}", reader.KubeletSettings{}, ""},
		{"nothing", " \n", reader.KubeletSettings{}, "it is empty, as where the kubelet did not answer: ask again when the node is ready, with kubectl get --raw /api/v1/nodes/NODE/proxy/configz"},
		{"no JSON", "Error from server (ServiceUnavailable): the server is currently unable to handle the request\n", reader.KubeletSettings{},
			`line 1: it is no JSON but "Error from server (ServiceUnavailable): the server is curren…": give what kubectl get --raw`},
		{"refused", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"nodes \"a\" is forbidden","code":403}`, reader.KubeletSettings{},
			`line 1: the API server did not ask the kubelet: nodes "a" is forbidden: ask again with kubectl get --raw`},
		{"something else", `{"kind":"Node","apiVersion":"v1"}`, reader.KubeletSettings{}, "line 1: kubeletconfig: it is missing, there is apiVersion, kind: give what kubectl get --raw"},
		{"null", "null", reader.KubeletSettings{}, "line 1: kubeletconfig: it is missing, there is null: give"},
		{"a wrong rate", "{\"kubeletconfig\":\n{\"tracing\":{\"samplingRatePerMillion\":1.5}}}", reader.KubeletSettings{},
			"line 2: kubeletconfig.tracing.samplingRatePerMillion: it is the number 1.5: write a whole number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reader.Configz([]byte(test.text))
			checkKubelet(t, got, err, test.want, test.err)
		})
	}
}

func checkKubelet(t *testing.T, got reader.KubeletSettings, err error, want reader.KubeletSettings, message string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if (err == nil) != (message == "") || err != nil && !strings.HasPrefix(err.Error(), message) {
		t.Errorf("got %v, want %s", err, message)
	}
}
