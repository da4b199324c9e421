package collector_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/tracing"
)

func ptr[T any](value T) *T { return &value }

// specOf returns a spec of a release with a collector and, where it is not
// empty, an exporter's endpoint.
func specOf(change func(*tracing.TracingSpec)) tracing.TracingSpec {
	spec := tracing.TracingSpec{KubernetesVersion: "1.34"}
	if change != nil {
		change(&spec)
	}
	return spec
}

// collectorOf returns a spec with a changed collector.
func collectorOf(change func(*tracing.CollectorSpec)) tracing.TracingSpec {
	return specOf(func(s *tracing.TracingSpec) { change(&s.Collector) })
}

func secretKey(name, key string) *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
}

// mtlsSpec has certificates and headers from Secrets.
func mtlsSpec() tracing.TracingSpec {
	return collectorOf(func(c *tracing.CollectorSpec) {
		c.Exporter = tracing.ExporterSpec{
			Endpoint: "otlp.example.com:4317",
			TLS:      &tracing.TLSSpec{CA: secretKey("ca", "ca.pem"), Cert: secretKey("client", "crt"), Key: secretKey("client", "key"), ServerName: "traces.example.com"},
			Headers: []tracing.HeaderSpec{
				{Name: "x-tenant", Value: "a"},
				{Name: "authorization", SecretKeyRef: secretKey("token", "bearer")},
			},
		}
	})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func daemonSet(t *testing.T, spec tracing.TracingSpec) *appsv1.DaemonSet {
	t.Helper()
	return must[*appsv1.DaemonSet](t)(collector.DaemonSet(spec))
}

func podOf(t *testing.T, spec tracing.TracingSpec) corev1.PodSpec {
	t.Helper()
	return daemonSet(t, spec).Spec.Template.Spec
}

func configMap(t *testing.T, spec tracing.TracingSpec) *corev1.ConfigMap {
	t.Helper()
	return must[*corev1.ConfigMap](t)(collector.ConfigMap(spec))
}

// config returns the part of the collector's configuration at a path of keys,
// or nil.
func config(t *testing.T, spec tracing.TracingSpec, path ...string) any {
	t.Helper()
	var tree any
	if err := yaml.UnmarshalStrict([]byte(configMap(t, spec).Data["config.yaml"]), &tree); err != nil {
		t.Fatal(err)
	}
	for _, key := range path {
		section, ok := tree.(map[string]any)
		if !ok {
			t.Fatalf("there is no section before %q of %s", key, strings.Join(path, "."))
		}
		tree = section[key]
	}
	return tree
}
