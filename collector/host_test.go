package collector_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/tracing"
)

func host(t *testing.T, text string) *collector.Host {
	t.Helper()
	spec, err := tracing.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	host, err := collector.HostFiles(spec)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

func TestHostFiles(t *testing.T) {
	const unit = `[Unit]
Description=OpenTelemetry Collector of kubetrace
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/bin/otelcol --config=/etc/kubetrace/collector/config.yaml
Environment="K8S_NODE_NAME=%H"
Environment="GOMEMLIMIT=76MiB"
Environment="GOGC=60"
EnvironmentFile=/etc/kubetrace/collector/headers.env
LoadCredential=ca.crt:/etc/kubetrace/collector/tls/ca.crt
StateDirectory=kubetrace/queue
MemoryMax=134217728
DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
CapabilityBoundingSet=
Restart=always
RestartSec=5
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`
	got := host(t, `
kubernetesVersion: "1.34"
collector:
  resources: {limits: {memory: 128Mi}, requests: {memory: 128Mi}}
  queue: {storage: hostPath}
  exporter:
    endpoint: otlp.example.com:4317
    tls: {ca: {name: ca, key: ca.pem}}
    headers: [{name: authorization, secretKeyRef: {name: token, key: bearer}}]
`)
	if diff := cmp.Diff(unit, string(got.Unit.Marshal())); diff != "" {
		t.Errorf("unit (-want +got):\n%s", diff)
	}
	secret := func(name, key string) corev1.SecretKeySelector {
		return corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
	}
	want := []collector.HostSecret{
		{Path: "/etc/kubetrace/collector/headers.env", Variable: "KUBETRACE_HEADER_0", Key: secret("token", "bearer")},
		{Path: "/etc/kubetrace/collector/tls/ca.crt", Key: secret("ca", "ca.pem")},
	}
	if diff := cmp.Diff(want, got.Secrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	for _, want := range []string{"endpoint: 127.0.0.1:4317", "endpoint: otlp.example.com:4317", "ca_file: ${env:CREDENTIALS_DIRECTORY}/ca.crt", "limit_mib: 102", "spike_limit_mib: 12", "/var/lib/kubetrace/queue"} {
		if !strings.Contains(string(got.Config), want) {
			t.Errorf("the configuration has no %q:\n%s", want, got.Config)
		}
	}
	if strings.Contains(string(got.Config), "limit_percentage") || strings.Contains(string(got.Config), "/etc/kubetrace/tls") {
		t.Errorf("the configuration has what is of a pod:\n%s", got.Config)
	}
}

// TestHostIsTheNodes says that a host's collector does what a node's does: but for the
// memory limiter its configuration is the same where there is neither TLS nor a gateway.
func TestHostIsTheNodes(t *testing.T) {
	const text = `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "otlp.example.com:4317"}}}`
	spec, err := tracing.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	pods, err := collector.ConfigMap(spec)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) (config map[string]any) {
		if err := yaml.Unmarshal(text, &config); err != nil {
			t.Fatal(err)
		}
		delete(config["processors"].(map[string]any), "memory_limiter")
		return config
	}
	if diff := cmp.Diff(read([]byte(pods.Data["config.yaml"])), read(host(t, text).Config)); diff != "" {
		t.Errorf("(-node +host):\n%s", diff)
	}
}

// TestHostPassesTheGateway says where it sends where there is a gateway.
func TestHostPassesTheGateway(t *testing.T) {
	got := host(t, `{kubernetesVersion: "1.34", gateway: {}, collector: {exporter: {endpoint: "otlp.example.com:4317"}}}`)
	if text := string(got.Config); !strings.Contains(text, "otlp.example.com") || strings.Contains(text, "svc") {
		t.Errorf("got\n%s", text)
	}
}
