package collector

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kubetrace/collector"
	"kubetrace/tracing"
)

// TestHost runs the configuration of a collector on a host, with what systemd hands to its
// unit: the variables, the host's name and the credentials.
func TestHost(t *testing.T) {
	cell(t, delivers)
	authority := newAuthority(t)
	sink := NewGRPCSink(t, authority.server(t, ipv4))
	spec := localSpec(t, ipv4)
	spec.ClusterName = "east"
	spec.Collector.Exporter = tracing.ExporterSpec{
		Endpoint: sink.Address,
		TLS:      &tracing.TLSSpec{CA: secretKey("authority", "ca.crt")},
		Headers:  []tracing.HeaderSpec{{Name: "authorization", SecretKeyRef: secretKey("token", "bearer")}},
	}
	host, err := collector.HostFiles(spec)
	if err != nil {
		t.Fatal(err)
	}
	credentials := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	t.Setenv("K8S_NODE_NAME", "node-1")
	for _, v := range host.Unit.Environment {
		t.Setenv(v.Name, v.Value)
	}
	for _, secret := range host.Secrets {
		if secret.Variable != "" {
			t.Setenv(secret.Variable, "Bearer $ecret")
		}
	}
	for _, credential := range host.Unit.Credentials {
		if err := os.WriteFile(filepath.Join(credentials, credential.Name), []byte(authority.pem()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	container := Container{Config: string(host.Config), Probes: []string{fmt.Sprintf("http://%s:%d/", ipv4, spec.Collector.HealthPort)}}
	judge := judgeOf(t, spec, sink)
	judge.early = true
	for _, fault := range judge.faults(t, container) {
		t.Error(fault)
	}
}
