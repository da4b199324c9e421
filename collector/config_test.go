package collector_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

type tree = map[string]any

// nodeName is a node's name as text, whatever it looks like.
const nodeName = "${env:K8S_NODE_NAME}${env:KUBETRACE_NOTHING:-}"

// TestConfig checks a whole configuration, that of the defaults.
func TestConfig(t *testing.T) {
	want := tree{
		"receivers": tree{"otlp": tree{"protocols": tree{"grpc": tree{"endpoint": "127.0.0.1:4317", "read_buffer_size": 65536.0}}}},
		"processors": tree{
			"memory_limiter": tree{"check_interval": "1s", "limit_percentage": 80.0, "spike_limit_percentage": 10.0},
			"resource/node": tree{"attributes": []any{
				tree{"key": "k8s.node.name", "value": nodeName, "action": "upsert"},
				tree{"key": "service.instance.id", "value": nodeName, "action": "insert"},
			}},
		},
		"exporters": tree{"otlp_grpc": tree{
			"endpoint":          "dns:///kubetrace-jaeger.kubetrace-backend.svc:4317",
			"compression":       "gzip",
			"write_buffer_size": 65536.0,
			"keepalive":         tree{"time": "6m", "timeout": "20s"},
			"timeout":           "30s",
			"tls":               tree{"insecure": true},
			"retry_on_failure":  tree{"enabled": true, "initial_interval": "5s", "max_interval": "30s", "max_elapsed_time": "0s"},
			"sending_queue": tree{
				"enabled": true, "sizer": "items", "queue_size": 20000.0, "num_consumers": 10.0,
			},
		}},
		"extensions": tree{"health_check": tree{"endpoint": "127.0.0.1:18133"}},
		"service": tree{
			"extensions": []any{"health_check"},
			"telemetry": tree{
				"logs":    tree{"level": "info", "encoding": "json"},
				"metrics": tree{"readers": []any{tree{"pull": tree{"exporter": tree{"prometheus": tree{"host": "127.0.0.1", "port": 18889.0}}}}}},
			},
			"pipelines": tree{"traces": tree{
				"receivers":  []any{"otlp"},
				"processors": []any{"memory_limiter", "resource/node"},
				"exporters":  []any{"otlp_grpc"},
			}},
		},
	}
	if diff := cmp.Diff(want, config(t, specOf(nil))); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestConfigReceiver(t *testing.T) {
	for endpoint, want := range map[string]tree{
		"":                           {"endpoint": "127.0.0.1:4317"},
		"127.0.0.2:5317":             {"endpoint": "127.0.0.2:5317"},
		"[::1]:4317":                 {"endpoint": "[::1]:4317"},
		"unix-abstract:///kubetrace": {"endpoint": "@/kubetrace", "transport": "unix"},
	} {
		want["read_buffer_size"] = 65536.0
		spec := specOf(func(s *tracing.TracingSpec) { s.Endpoint = endpoint })
		if diff := cmp.Diff(any(want), config(t, spec, "receivers", "otlp", "protocols", "grpc")); diff != "" {
			t.Errorf("receiver of %q (-want +got):\n%s", endpoint, diff)
		}
	}
}

// TestConfigPorts says that nothing listens beyond the loopback address.
func TestConfigPorts(t *testing.T) {
	for _, test := range []struct{ endpoint, health, host string }{
		{"127.0.0.1:4317", "127.0.0.1:13133", "127.0.0.1"},
		{"[::1]:4317", "[::1]:13133", "::1"},
		{"unix-abstract:///a", "127.0.0.1:13133", "127.0.0.1"},
	} {
		spec := specOf(func(s *tracing.TracingSpec) {
			s.Endpoint, s.Collector.HealthPort, s.Collector.MetricsPort = test.endpoint, 13133, 8888
		})
		if diff := cmp.Diff(any(test.health), config(t, spec, "extensions", "health_check", "endpoint")); diff != "" {
			t.Errorf("%s: health check (-want +got):\n%s", test.endpoint, diff)
		}
		want := tree{"readers": []any{tree{"pull": tree{"exporter": tree{"prometheus": tree{"host": test.host, "port": 8888.0}}}}}}
		if diff := cmp.Diff(any(want), config(t, spec, "service", "telemetry", "metrics")); diff != "" {
			t.Errorf("%s: metrics (-want +got):\n%s", test.endpoint, diff)
		}
	}
}

// TestConfigExporterName covers both sides of the renaming in 0.144.
func TestConfigExporterName(t *testing.T) {
	for _, test := range []struct{ image, version, protocol, want string }{
		{"", "", "grpc", "otlp_grpc"},
		{"", "", "http", "otlp_http"},
		{"", "0.123.0", "grpc", "otlp"},
		{"", "0.143.1", "http", "otlphttp"},
		{"", "0.144.0", "grpc", "otlp_grpc"},
		{"", "0.144", "http", "otlp_http"},
		{"otel/opentelemetry-collector-contrib:0.143.0", "", "grpc", "otlp"},
		{"otel/opentelemetry-collector-contrib:0.150.1-arm64", "", "http", "otlp_http"},
	} {
		spec := collectorOf(func(c *tracing.CollectorSpec) {
			c.Image, c.Version = test.image, test.version
			c.Exporter = tracing.ExporterSpec{Protocol: test.protocol, Endpoint: map[string]string{"grpc": "a.example.com:4317", "http": "https://a.example.com"}[test.protocol]}
		})
		exporters := config(t, spec, "exporters").(tree)
		if len(exporters) != 1 || exporters[test.want] == nil {
			t.Errorf("%+v: got %v, want %s", test, exporters, test.want)
		}
		if diff := cmp.Diff(any([]any{test.want}), config(t, spec, "service", "pipelines", "traces", "exporters")); diff != "" {
			t.Errorf("%+v: pipeline (-want +got):\n%s", test, diff)
		}
	}
}

// TestConfigSecretHeader covers the releases that read such a header as YAML.
func TestConfigSecretHeader(t *testing.T) {
	for version, want := range map[string]string{
		"0.138.0": "${env:KUBETRACE_HEADER_0}",
		"0.139.0": "${env:KUBETRACE_HEADER_0}${env:KUBETRACE_NOTHING:-}",
		"0.144.0": "${env:KUBETRACE_HEADER_0}${env:KUBETRACE_NOTHING:-}",
		"0.145.0": "${env:KUBETRACE_HEADER_0}",
	} {
		spec := collectorOf(func(c *tracing.CollectorSpec) {
			c.Version = version
			c.Exporter = tracing.ExporterSpec{Endpoint: "a.example.com:4317", Headers: []tracing.HeaderSpec{{
				Name:         "authorization",
				SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "a"}, Key: "b"},
			}}}
		})
		for _, exporter := range config(t, spec, "exporters").(tree) {
			if got := exporter.(tree)["headers"].(tree)["authorization"]; got != want {
				t.Errorf("%s: got %v, want %s", version, got, want)
			}
		}
	}
}

func TestConfigExporter(t *testing.T) {
	for _, test := range []struct {
		name             string
		exporter         tracing.ExporterSpec
		endpoint         string
		compression      string
		wantTLS, headers any
	}{
		{
			name:     "gRPC with the image's roots",
			exporter: tracing.ExporterSpec{Endpoint: "a.example.com:4317"},
			endpoint: "a.example.com:4317", compression: "gzip",
		},
		{
			name:     "gRPC in plain text",
			exporter: tracing.ExporterSpec{Endpoint: "dns:///a.b.svc:4317", Insecure: true, Compression: "none"},
			endpoint: "dns:///a.b.svc:4317", compression: "none",
			wantTLS: tree{"insecure": true},
		},
		{
			name:     "gRPC with mutual TLS and headers",
			exporter: mtlsSpec().Collector.Exporter,
			endpoint: "otlp.example.com:4317", compression: "gzip",
			wantTLS: tree{"ca_file": "/etc/kubetrace/tls/ca.crt", "cert_file": "/etc/kubetrace/tls/tls.crt", "key_file": "/etc/kubetrace/tls/tls.key", "reload_interval": "5m", "server_name_override": "traces.example.com"},
			headers: tree{"x-tenant": "a", "authorization": "${env:KUBETRACE_HEADER_1}"},
		},
		{
			name:     "gRPC with a certificate authority only",
			exporter: tracing.ExporterSpec{Endpoint: "a.example.com:4317", TLS: &tracing.TLSSpec{CA: secretKey("a", "b")}},
			endpoint: "a.example.com:4317", compression: "gzip",
			wantTLS: tree{"ca_file": "/etc/kubetrace/tls/ca.crt"},
		},
		{
			name:     "HTTP in plain text",
			exporter: tracing.ExporterSpec{Protocol: "http", Endpoint: "http://a.b.svc:4318", Insecure: true, Compression: "zstd"},
			endpoint: "http://a.b.svc:4318", compression: "zstd",
		},
		{
			name: "HTTP with TLS",
			exporter: tracing.ExporterSpec{
				Protocol: "http", Endpoint: "https://a.example.com/otlp", TLS: &tracing.TLSSpec{CA: secretKey("a", "b")},
				Headers: []tracing.HeaderSpec{{Name: "X-Tenant", Value: "b"}},
			},
			endpoint: "https://a.example.com/otlp", compression: "gzip",
			wantTLS: tree{"ca_file": "/etc/kubetrace/tls/ca.crt"},
			headers: tree{"X-Tenant": "b"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			exporters := config(t, collectorOf(func(c *tracing.CollectorSpec) { c.Exporter = test.exporter }), "exporters").(tree)
			for _, exporter := range exporters {
				settings := exporter.(tree)
				got := []any{settings["endpoint"], settings["compression"], settings["tls"], settings["headers"]}
				if diff := cmp.Diff([]any{test.endpoint, test.compression, test.wantTLS, test.headers}, got); diff != "" {
					t.Errorf("endpoint, compression, tls and headers (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestConfigExpandsNothing says that the collector expands nothing of the spec.
func TestConfigExpandsNothing(t *testing.T) {
	spec := collectorOf(func(c *tracing.CollectorSpec) {
		c.Exporter = tracing.ExporterSpec{
			Protocol: "http",
			Endpoint: "https://a.example.com/$x/${env:HOME}",
			Headers:  []tracing.HeaderSpec{{Name: "x-a", Value: "$$ ${file:/etc/passwd} $1"}},
		}
	})
	spec.ClusterName = "${env:K8S_NODE_NAME}"
	exporter := config(t, spec, "exporters", "otlp_http").(tree)
	attributes := config(t, spec, "processors", "resource/node", "attributes").([]any)
	got := []any{exporter["endpoint"], exporter["headers"], attributes[1]}
	want := []any{
		"https://a.example.com/$$x/$${env:HOME}",
		tree{"x-a": "$$$$ $${file:/etc/passwd} $$1"},
		tree{"key": "k8s.cluster.name", "value": "$${env:K8S_NODE_NAME}", "action": "upsert"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts of the spec (-want +got):\n%s", diff)
	}
}

// TestConfigSecrets says that the headers of Secrets come from the variables
// that the container has.
func TestConfigSecrets(t *testing.T) {
	spec := mtlsSpec()
	want := []corev1.EnvVar{
		{Name: "K8S_NODE_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "spec.nodeName"}}},
		{Name: "GOMEMLIMIT", Value: "153MiB"},
		{Name: "GOGC", Value: "60"},
		{Name: "KUBETRACE_HEADER_1", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: secretKey("token", "bearer")}},
	}
	if diff := cmp.Diff(want, podOf(t, spec).Containers[0].Env); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

// TestConfigMapName says that the name changes with the content and with
// nothing else.
func TestConfigMapName(t *testing.T) {
	base := configMap(t, specOf(nil))
	if base.Immutable == nil || !*base.Immutable {
		t.Error("the ConfigMap is not immutable")
	}
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		differ bool
	}{
		{"another release", specOf(func(s *tracing.TracingSpec) { s.KubernetesVersion = "1.30" }), false},
		{"a label", collectorOf(func(c *tracing.CollectorSpec) { c.Labels = map[string]string{"a": "b"} }), false},
		{"memory", collectorOf(func(c *tracing.CollectorSpec) { c.Resources.Limits = memory("1Gi") }), false},
		{"a later image with the same keys", collectorOf(func(c *tracing.CollectorSpec) { c.Version = "0.150.0" }), false},
		{"a port", collectorOf(func(c *tracing.CollectorSpec) { c.HealthPort = 20000 }), true},
		{"a cluster's name", specOf(func(s *tracing.TracingSpec) { s.ClusterName = "a" }), true},
		{"an endpoint", specOf(func(s *tracing.TracingSpec) { s.Endpoint = "127.0.0.1:5317" }), true},
		{"an exporter", mtlsSpec(), true},
		{"an earlier image with other keys", collectorOf(func(c *tracing.CollectorSpec) { c.Version = "0.123.0" }), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := configMap(t, test.spec)
			if (got.Name != base.Name) != test.differ || (got.Data["config.yaml"] != base.Data["config.yaml"]) != test.differ {
				t.Errorf("the name is %s, that of the defaults %s; another name and content is wanted: %t", got.Name, base.Name, test.differ)
			}
			if mounted := podOf(t, test.spec).Volumes[0].ConfigMap.Name; mounted != got.Name {
				t.Errorf("the pods mount %s, not %s", mounted, got.Name)
			}
		})
	}
}
