package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kubetrace"
	"kubetrace/conformance"
	"kubetrace/tracing"
)

// specs differ in everything that changes an object of the collector or of the
// backend.
var specs = []struct {
	name string
	spec tracing.TracingSpec
}{
	{"nothing but a release", tracing.TracingSpec{}},
	{"abstract socket", tracing.TracingSpec{Endpoint: "unix-abstract:///kubetrace"}},
	{"IPv6 loopback", tracing.TracingSpec{Endpoint: "[::1]:4317"}},
	{"no kubelet", tracing.TracingSpec{ // only on control-plane nodes
		ClusterName: "prod-eu-1",
		Kubelet:     tracing.KubeletSpec{Disabled: true},
	}},
	{"certificates and headers from Secrets", tracing.TracingSpec{
		ClusterName: `$prod ${env:HOME} "1"`,
		Collector: tracing.CollectorSpec{Exporter: tracing.ExporterSpec{
			Endpoint:    "otlp.example.com:4317",
			Compression: "zstd",
			TLS: &tracing.TLSSpec{
				CA:         secretKey("otlp-ca", "ca.pem"),
				Cert:       secretKey("otlp-client", "tls.crt"),
				Key:        secretKey("otlp-client", "tls.key"),
				ServerName: "traces.example.com",
			},
			Headers: []tracing.HeaderSpec{
				{Name: "x-tenant", Value: "$team"},
				{Name: "authorization", SecretKeyRef: secretKey("otlp-token", "token")},
			},
		}},
	}},
	{"pods of one's own", tracing.TracingSpec{Collector: tracing.CollectorSpec{
		ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}},
		Tolerations: []corev1.Toleration{
			{Key: "node-role.kubernetes.io/control-plane", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
			{Key: "dedicated", Operator: corev1.TolerationOpEqual, Value: "traced", Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr(int64(60))},
		},
		NodeSelector:      map[string]string{"traced": "true"},
		PriorityClassName: "system-cluster-critical",
		Labels:            map[string]string{"team": "observability"},
		Annotations:       map[string]string{"example.com/owner": "observability"},
		// The server writes quantities in its own way.
		Resources: corev1.ResourceRequirements{
			Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1000m"), corev1.ResourceMemory: resource.MustParse("1.5Gi")},
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("0.1"), corev1.ResourceEphemeralStorage: resource.MustParse("1024Mi")},
		},
		HealthPort:  13133,
		MetricsPort: 8888,
	}}},
	{"namespaces of others", tracing.TracingSpec{
		Collector: tracing.CollectorSpec{Namespace: "observability", Name: "node-traces"},
		Backend:   tracing.BackendSpec{Namespace: "jaeger", Image: "jaegertracing/all-in-one:1.76.0"},
	}},
	{"a managed namespace of another name", tracing.TracingSpec{
		Collector: tracing.CollectorSpec{
			Namespace: "tracing", ManageNamespace: ptr(true), Version: "0.123.0",
			Exporter: tracing.ExporterSpec{Endpoint: "http://otlp.tracing.svc:4318", Protocol: "http", Insecure: true, Compression: "none"},
		},
	}},
	{"a queue in an emptyDir", tracing.TracingSpec{Collector: tracing.CollectorSpec{
		Load:  tracing.LoadSpec{SpansPerSecond: 500, Outage: &metav1.Duration{Duration: 10 * time.Minute}},
		Queue: tracing.QueueSpec{Storage: tracing.StorageEmptyDir},
	}}},
	{"a queue in a folder of the node", tracing.TracingSpec{Collector: tracing.CollectorSpec{
		Queue: tracing.QueueSpec{Storage: tracing.StorageHostPath, Disk: ptr(resource.MustParse("0.5Gi"))},
	}}},
	{"a gateway", tracing.TracingSpec{Gateway: &tracing.GatewaySpec{}}},
	{"a gateway of one's own", tracing.TracingSpec{
		Gateway: &tracing.GatewaySpec{
			Replicas: 5, Namespace: "mesh", PriorityClassName: "system-cluster-critical",
			Tolerations:  []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}},
			NodeSelector: map[string]string{"pool": "gateways"},
			Resources:    corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2000m"), corev1.ResourceMemory: resource.MustParse("1024Mi")}},
			TLS:          &tracing.GatewayTLSSpec{CA: secretKey("gateway-ca", "ca.crt"), Cert: secretKey("gateway", "tls.crt"), Key: secretKey("gateway", "tls.key")},
		},
		Collector: tracing.CollectorSpec{Exporter: tracing.ExporterSpec{
			Endpoint: "otlp.example.com:4317",
			Headers:  []tracing.HeaderSpec{{Name: "authorization", SecretKeyRef: secretKey("otlp-token", "token")}},
		}},
	}},
	{"the backend alone in another namespace", tracing.TracingSpec{Backend: tracing.BackendSpec{Namespace: "jaeger"}}},
}

func ptr[T any](value T) *T { return &value }

func secretKey(name, key string) *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
}

// generated is what comes of a spec.
type generated struct {
	name    string
	bundle  *kubetrace.Bundle
	objects []*unstructured.Unstructured // of its files
}

// generateAll returns what comes of every spec for a release.
func generateAll(t *testing.T, minor string) []generated {
	t.Helper()
	all := make([]generated, len(specs))
	for i, of := range specs {
		bundle := generate(t, of.spec, minor)
		objects, err := Objects(bundle)
		if err != nil {
			t.Fatalf("%s: %v", of.name, err)
		}
		if want := len(bundle.Collector) + len(bundle.Gateway) + len(bundle.Backend); len(objects) != want {
			t.Fatalf("%s: %d objects in the files, want %d", of.name, len(objects), want)
		}
		all[i] = generated{of.name, bundle, objects}
	}
	return all
}

// generate makes the bundle of a spec for a release.
func generate(t *testing.T, spec tracing.TracingSpec, minor string) *kubetrace.Bundle {
	t.Helper()
	spec.KubernetesVersion = minor
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// labelsOf returns the labels of a namespace that the pods are in: those of the
// Namespace among the objects, or those that a warning tells a person to set, or
// none.
func (g generated) labelsOf(namespace string) (map[string]string, error) {
	for _, object := range g.objects {
		if isNamespace(object) && object.GetName() == namespace {
			return object.GetLabels(), nil
		}
	}
	for _, warning := range g.bundle.Warnings {
		if warning.Code != tracing.WarnNamespaceNotManaged {
			continue
		}
		labels, err := labelled(warning.Cure, namespace)
		if labels != nil || err != nil {
			return labels, err
		}
	}
	return nil, nil
}

// labelled reads the labels out of "Run: kubectl label namespace NAME a=b
// --overwrite", or returns nil where that is about another namespace.
func labelled(cure, namespace string) (map[string]string, error) {
	_, command, found := strings.Cut(cure, "kubectl label namespace ")
	words := strings.Fields(command)
	if !found || len(words) == 0 {
		return nil, fmt.Errorf("no command that labels a namespace in %q", cure)
	}
	if words[0] != namespace {
		return nil, nil
	}
	labels := map[string]string{}
	for _, word := range words[1:] {
		if key, value, ok := strings.Cut(word, "="); ok && !strings.HasPrefix(word, "-") {
			labels[key] = value
		}
	}
	return labels, nil
}

func isNamespace(object *unstructured.Unstructured) bool { return object.GetKind() == "Namespace" }

// minors returns the minors that this run is about.
func minors(t *testing.T) []string {
	t.Helper()
	minors, err := conformance.Minors()
	if err != nil {
		t.Fatal(err)
	}
	return minors
}
