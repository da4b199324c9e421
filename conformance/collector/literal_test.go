package collector

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/tracing"
)

// Names that a node may have and that YAML reads as something else. The
// collector reads an environment variable as YAML.
func TestNodeNamesArriveAsText(t *testing.T) {
	cell(t, delivers)
	for _, name := range []string{"node-1", "1234", "010", "0x10", "1e3", "1.20", "true", "null", "2024-01-01", "ip-10-0-0-1.ec2.internal"} {
		t.Run(name, func(t *testing.T) {
			sink := NewGRPCSink(t, nil)
			spec := localSpec(t, ipv4)
			spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: sink.Address, Insecure: true}
			collector := Start(t, Node{Name: name}.Prepare(t, collectorYAML(t, spec)).Config)
			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			collector.Stop(t)
			want := map[string]any{"service.name": "etcd", "service.instance.id": name, "k8s.node.name": name}
			if diff := cmp.Diff(want, resource(sink.Wait(t, 1, delivery)[0])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// odd are texts that the collector expands or reads as something else where
// nobody keeps it from that.
var odd = []string{
	"$", "$$", "$$$", "a$b$", "$CANARY", "${CANARY}", "${env:CANARY}", "$${env:CANARY}", "$$${env:CANARY}",
	"${env:K8S_NODE_NAME}", "${file:/etc/hostname}", "${yaml:1}", "${env:${env:CANARY}}", "${", "}", "${env:CANARY",
	"1234", "1e3", "true", "null", "2024-01-01", `"quoted"`, "a: b", "[a]", "# no comment", "*alias", "%tag",
}

func TestTextOfTheSpecArrivesAsItIs(t *testing.T) {
	cell(t, delivers)
	t.Setenv("CANARY", "expanded")
	for _, text := range odd {
		t.Run(text, func(t *testing.T) {
			for _, protocol := range []string{"grpc", "http"} {
				sink, endpoint := plainGRPC(t)
				if protocol == "http" {
					sink, endpoint = plainHTTP(t)
					endpoint += "/a$b/$$/$%7Benv:CANARY%7D"
				}
				spec := localSpec(t, ipv4)
				spec.ClusterName = text
				spec.Collector.Exporter = tracing.ExporterSpec{
					Protocol: protocol, Endpoint: endpoint, Insecure: true,
					Headers: []tracing.HeaderSpec{{Name: "x-odd", Value: text}},
				}
				collector := Start(t, Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec)).Config)
				Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
				collector.Stop(t)
				export := sink.Wait(t, 1, delivery)[0]
				if got := resource(export)["k8s.cluster.name"]; got != any(text) {
					t.Errorf("%s: the cluster's name arrived as %#v", protocol, got)
				}
				if diff := cmp.Diff([]string{text}, export.Header["x-odd"]); diff != "" {
					t.Errorf("%s: the header (-want +got):\n%s", protocol, diff)
				}
				if want := "/a$b/$$/${env:CANARY}/v1/traces"; protocol == "http" && export.Path != want {
					t.Errorf("the path arrived as %s; want %s", export.Path, want)
				}
			}
		})
	}
}

// What the documentation of HeaderSpec says of Secrets: a value arrives as it
// is unless it holds a dollar sign, which is doubled there.
func TestSecretsInHeaders(t *testing.T) {
	cell(t, delivers)
	secrets := map[string]string{
		"Bearer abc.def-ghi": "Bearer abc.def-ghi",
		"1234":               "1234",
		"1e3":                "1e3",
		"null":               "null",
		"2024-01-01":         "2024-01-01",
		"a: b # c":           "a: b # c",
		`"quoted"`:           `"quoted"`,
		"pa$$word":           "pa$word",
	}
	// Collectors 0.139 to 0.144 read a header that is one variable as YAML, and
	// what keeps them from it is not expanded behind an escaped expansion.
	if runs(t, "0.145.0") || !runs(t, "0.139.0") {
		secrets["$${env:HOME}"] = "${env:HOME}"
	}
	for secret, want := range secrets {
		for _, protocol := range []string{"grpc", "http"} {
			t.Run(secret+" "+protocol, func(t *testing.T) {
				authority := newAuthority(t)
				newSink, scheme := NewGRPCSink, ""
				if protocol == "http" {
					newSink, scheme = NewHTTPSink, "https://"
				}
				sink := newSink(t, authority.server(t, ipv4))
				spec := localSpec(t, ipv4)
				spec.Collector.Exporter = tracing.ExporterSpec{
					Protocol: protocol, Endpoint: scheme + sink.Address,
					TLS:     &tracing.TLSSpec{CA: secretKey("tls", "ca.crt")},
					Headers: []tracing.HeaderSpec{{Name: "authorization", SecretKeyRef: secretKey("token", "value")}},
				}
				node := Node{Name: "node-1", Secrets: map[string]map[string]string{
					"tls":   {"ca.crt": authority.pem()},
					"token": {"value": secret},
				}}
				collector := Start(t, node.Prepare(t, collectorYAML(t, spec)).Config)
				Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
				collector.Stop(t)
				if diff := cmp.Diff([]string{want}, sink.Wait(t, 1, delivery)[0].Header["authorization"]); diff != "" {
					t.Errorf("the header (-want +got):\n%s", diff)
				}
			})
		}
	}
}
