package tracing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exporter is a spec whose exporter holds fields.
func exporter(fields string) string { return "collector: {exporter: {" + fields + "}}" }

// grpc and http are specs whose exporter has a good endpoint and more fields.
func grpc(more string) string { return exporter(`endpoint: "otlp.example.com:4317", ` + more) }
func http(more string) string {
	return exporter(`endpoint: "https://otlp.example.com", protocol: http, ` + more)
}

var validExporters = map[string]string{
	"gRPC":                         grpc(``),
	"gRPC to a Service":            exporter(`endpoint: "otel-gateway.monitoring.svc:4317", insecure: true`),
	"gRPC by DNS":                  exporter(`endpoint: "dns:///otlp.example.com:4317"`),
	"gRPC to IPv6":                 exporter(`endpoint: "[2001:db8::1]:4317"`),
	"gRPC to a name like a scheme": exporter(`endpoint: "unix-gateway.example.com:443"`),
	"gRPC to another port here":    exporter(`endpoint: "127.0.0.1:14317"`),
	"HTTP":                         http(``),
	"HTTP with port and path":      exporter(`endpoint: "https://otlp.example.com:4318/otlp/", protocol: http`),
	"HTTP in plain text":           exporter(`endpoint: "http://10.0.0.5:4318", protocol: http, insecure: true`),
	"HTTP with a dollar sign":      exporter(`endpoint: "https://otlp.example.com/a${env:HOME}", protocol: http`),
	"compression":                  grpc(`compression: zstd`),
	"TLS without settings":         grpc(`tls: {}`),
	"TLS":                          grpc(`tls: {ca: {name: a, key: ca.crt}, cert: {name: b, key: tls.crt, optional: false}, key: {name: b, key: tls.key}, serverName: otlp.example.com}`),
	"TLS to an address":            grpc(`tls: {serverName: "10.0.0.5"}`),
	"headers of gRPC":              grpc(`headers: [{name: x-tenant, value: "a ${b}"}, {name: authorization, secretKeyRef: {name: otlp, key: token}}]`),
	"headers of HTTP":              http(`headers: [{name: X-Tenant, value: a}, {name: Authorization, secretKeyRef: {name: otlp, key: token}}]`),
	"header in plain text": exporter(
		`endpoint: "10.0.0.5:4317", insecure: true, headers: [{name: x-tenant, value: a}]`),
}

func TestValidateExporterGRPC(t *testing.T) {
	const at = "collector.exporter.endpoint"
	checkInvalid(t, []invalidCase{
		{"URL", exporter(`endpoint: "https://otlp.example.com:4317"`), []problem{{invalid, at, "without a scheme, such as otlp.example.com:4317"}}},
		{"URL behind DNS", exporter(`endpoint: "dns:///https://otlp.example.com"`), []problem{{invalid, at, "without a scheme"}}},
		{"authority", exporter(`endpoint: "dns://otlp.example.com:4317"`), []problem{{invalid, at, "write host:port or dns:///host:port"}}},
		{"scheme without slashes", exporter(`endpoint: "dns:otlp.example.com:4317"`), []problem{{invalid, at, "write host:port or dns:///host:port"}}},
		{"socket", exporter(`endpoint: "unix:/run/otlp.sock"`), []problem{{invalid, at, "write host:port or dns:///host:port"}}},
		{"no port", exporter(`endpoint: otlp.example.com`), []problem{{invalid, at, "write otlp.example.com:4317"}}},
		{"path", exporter(`endpoint: "otlp.example.com:4317/v1/traces"`), []problem{{invalid, at, "alone, such as otlp.example.com:4317"}}},
		{"port", exporter(`endpoint: "otlp.example.com:70000"`), []problem{{invalid, at, "from 1 to 65535"}}},
		{"every address", exporter(`endpoint: "0.0.0.0:4317"`), []problem{{invalid, at, "is no address to send to"}}},
		{"zone", exporter(`endpoint: "[fe80::1%eth0]:4317"`), []problem{{invalid, at, "is no address to send to"}}},
		{"no DNS name", exporter(`endpoint: "otlp_gateway:4317"`), []problem{{invalid, at, "write one of them, such as otlp.example.com:4317"}}},
		{"three numbers", exporter(`endpoint: "10.0.5:4317"`), []problem{{invalid, at, "write all four numbers"}}},
		{"itself", exporter(`endpoint: "127.0.0.1:4317"`), []problem{{invalid, at, "the collector's own: write the backend's address"}}},
		{"itself by name", exporter(`endpoint: "LOCALHOST:4317"`), []problem{{invalid, at, "the collector's own"}}},
		{"itself over IPv6", exporter(`endpoint: "dns:///[::1]:4317"`), []problem{{invalid, at, "the collector's own"}}},
		{"its health check", exporter(`endpoint: "127.0.0.1:18133"`), []problem{{invalid, at, "the collector's own"}}},
		{"its metrics", exporter(`endpoint: "127.0.0.9:18889"`), []problem{{invalid, at, "the collector's own"}}},
		{"protocol", exporter(`endpoint: "a:1", protocol: otlp`), []problem{{invalid, "collector.exporter.protocol", "write grpc or http"}}},
		{"compression", grpc(`compression: deflate`), []problem{{invalid, "collector.exporter.compression", "write gzip, zstd, snappy or none"}}},
	})
}

func TestValidateExporterHTTP(t *testing.T) {
	const at = "collector.exporter.endpoint"
	url := func(endpoint, more string) string {
		return exporter(`protocol: http, endpoint: "` + endpoint + `"` + more)
	}
	checkInvalid(t, []invalidCase{
		{"no URL", url("otlp.example.com:4318", ""), []problem{{invalid, at, "write a URL, such as https://otlp.example.com:4318"}}},
		{"no host", url("https://", ""), []problem{{invalid, at, "write a URL"}}},
		{"scheme", url("grpc://otlp.example.com", ""), []problem{{invalid, at, "write a URL"}}},
		{"control character", url(`https://otlp.example.com/\u0085`, ""), []problem{{invalid, at, "write a URL"}}},
		{"query", url("https://otlp.example.com?a=b", ""), []problem{{invalid, at, "without query and fragment"}}},
		{"fragment", url("https://otlp.example.com/#", ""), []problem{{invalid, at, "without query and fragment"}}},
		{"signal's path", url("https://otlp.example.com/v1/traces/", ""), []problem{{invalid, at, "write the URL without it"}}},
		{"plain text", url("http://otlp.example.com", ""), []problem{{invalid, at, "write https://, or set exporter.insecure too"}}},
		{"insecure beside TLS", url("https://otlp.example.com", ", insecure: true"), []problem{{invalid, "collector.exporter.insecure", "leave insecure out, or write http://"}}},
		{"empty port", url("https://otlp.example.com:", ""), []problem{{invalid, at, "from 1 to 65535"}}},
		{"no DNS name", url("https://a_b", ""), []problem{{invalid, at, "write one of them, such as otlp.example.com"}}},
		{"itself", url("http://127.0.0.1:4317", ", insecure: true"), []problem{{invalid, at, "the collector's own"}}},
		{"password", url("https://me:hunter2@otlp.example.com", ""), []problem{{invalid, at, "write a header with secretKeyRef"}}},
	})
	checkInvalid(t, []invalidCase{
		{"itself on the port of http", `{endpoint: "127.0.0.1:8080", collector: {exporter: {protocol: http, insecure: true, endpoint: "http://localhost:8080"}}}`, []problem{{invalid, at, "the collector's own"}}},
	})
}

func TestValidateTLS(t *testing.T) {
	const at = "collector.exporter.tls"
	checkInvalid(t, []invalidCase{
		{"insecure", grpc(`insecure: true, tls: {}`), []problem{{forbidden, at, "leave one of them out"}}},
		{"certificate without a key", grpc(`tls: {cert: {name: a, key: tls.crt}}`), []problem{{required, at + ".key", "write the Secret's name and key"}}},
		{"key without a certificate", grpc(`tls: {key: {name: a, key: tls.key}}`), []problem{{required, at + ".cert", "write the Secret's name and key"}}},
		{"empty reference", grpc(`tls: {ca: {}}`), []problem{
			{invalid, at + ".ca.name", `such as "otlp-credentials"`}, {invalid, at + ".ca.key", "write a key of the Secret"},
		}},
		{"key of the Secret", grpc(`tls: {ca: {name: a, key: "../ca.crt"}}`), []problem{{invalid, at + ".ca.key", "write a key of the Secret"}}},
		{"optional", grpc(`tls: {ca: {name: a, key: ca.crt, optional: true}}`), []problem{{forbidden, at + ".ca.optional", "leave optional out"}}},
		{"server name", grpc(`tls: {serverName: "https://otlp.example.com"}`), []problem{{invalid, at + ".serverName", "such as otlp.example.com"}}},
	})
}

func TestValidateHeaders(t *testing.T) {
	const at = "collector.exporter.headers[0]."
	grpc := func(headers string) string { return grpc("headers: [" + headers + "]") }
	http := func(headers string) string { return http("headers: [" + headers + "]") }
	checkInvalid(t, []invalidCase{
		{"gRPC in upper case", grpc(`{name: X-Tenant, value: a}`), []problem{{invalid, at + "name", "write lower-case letters"}}},
		{"gRPC reserved", grpc(`{name: grpc-timeout, value: a}`), []problem{{invalid, at + "name", "not beginning with grpc-"}}},
		{"gRPC binary", grpc(`{name: trace-bin, value: a}`), []problem{{invalid, at + "name", "not ending in -bin"}}},
		{"gRPC with a dollar sign", grpc(`{name: "${env:HOME}", value: a}`), []problem{{invalid, at + "name", "such as x-tenant"}}},
		{"gRPC pseudo header", grpc(`{name: ":authority", value: a}`), []problem{{invalid, at + "name", "such as x-tenant"}}},
		{"gRPC drops it", grpc(`{name: user-agent, value: a}`), []problem{{invalid, at + "name", "leave it out"}}},
		{"HTTP with a dollar sign", http(`{name: "a$b", value: a}`), []problem{{invalid, at + "name", "such as X-Tenant"}}},
		{"HTTP with a space", http(`{name: "a b", value: a}`), []problem{{invalid, at + "name", "such as X-Tenant"}}},
		{"no name", http(`{name: "", value: a}`), []problem{{invalid, at + "name", "such as X-Tenant"}}},
		{"HTTP sets it", http(`{name: Content-Type, value: a}`), []problem{{invalid, at + "name", "leave it out"}}},
		{"twice", http(`{name: X-Tenant, value: a}, {name: x-tenant, value: b}`), []problem{{duplicate, "collector.exporter.headers[1].name", "write each header once"}}},
		{"no value", grpc(`{name: a}`), []problem{{required, at + "value", "write value, or secretKeyRef"}}},
		{"two values", grpc(`{name: a, value: b, secretKeyRef: {name: c, key: d}}`), []problem{{forbidden, at + "value", "either value or secretKeyRef"}}},
		{"line break", grpc(`{name: a, value: "b\n"}`), []problem{{invalid, at + "value", "write printable ASCII"}}},
		{"no ASCII", http(`{name: a, value: "ä"}`), []problem{{invalid, at + "value", "write printable ASCII"}}},
		{"reference", grpc(`{name: a, secretKeyRef: {name: "", key: d, optional: true}}`), []problem{
			{invalid, at + "secretKeyRef.name", "write the name of an object"}, {forbidden, at + "secretKeyRef.optional", "leave optional out"},
		}},
		{"secret in plain text", exporter(`endpoint: "a:4317", insecure: true, headers: [{name: authorization, secretKeyRef: {name: c, key: d}}]`),
			[]problem{{forbidden, at + "secretKeyRef", "leave one of them out"}}},
	})
	for _, header := range []string{
		"authorization", "proxy-authorization", "cookie", "x-api-key", "api_key", "x-access-token", "x-sf-token",
		"client-secret", "password", "x-credentials", "x-honeycomb-team", "license-key", "uptrace-dsn",
	} {
		checkInvalid(t, []invalidCase{{header, grpc(`{name: ` + header + `, value: a}`), []problem{{forbidden, at + "value", "put it into a Secret and write secretKeyRef"}}}})
	}
	for _, value := range []string{"Bearer abc", "basic YTpi", "Digest x=y"} {
		checkInvalid(t, []invalidCase{{value, grpc(`{name: x-auth, value: ` + value + `}`), []problem{{forbidden, at + "value", "write secretKeyRef"}}}})
	}
}

// No message holds what may be a secret, whichever rule the spec breaks.
func TestSecretsStayOutOfMessages(t *testing.T) {
	for _, text := range []string{
		exporter(`endpoint: "https://me:hunter2@otlp.example.com", protocol: http`),
		exporter(`endpoint: "https://hunter2@otlp.example.com", protocol: http`),
		exporter(`endpoint: "https://me:hunter2@otlp.example.com:4317"`),
		exporter(`endpoint: "https://me:%zzhunter2@otlp.example.com", protocol: http`),
		exporter(`endpoint: "https://me:hunter2?#@otlp.example.com", protocol: http`),
		exporter(`endpoint: "ftp://me:hunter2@otlp.example.com", protocol: http`),
		exporter(`endpoint: "me:hunter2@otlp.example.com:4317"`),
		exporter(`endpoint: "hunter2@otlp.example.com:4317"`),
		exporter(`endpoint: "hunter2@otlp.example.com"`),
		exporter(`endpoint: "https://otlp.example.com/?key=hunter2", protocol: http`),
		exporter(`endpoint: "https://otlp.example.com/#hunter2", protocol: http`),
		exporter(`endpoint: "https://otlp.example.com:4317?key=hunter2"`),
		exporter(`endpoint: "otlp.example.com:4317?key=hunter2"`),
		exporter(`endpoint: "otlp.example.com?key=hunter2"`),
		`endpoint: "http://me:hunter2@127.0.0.1:4317"`,
		`endpoint: "hunter2@127.0.0.1:4317"`,
		`{endpoint: "hunter2@10.0.0.5", collector: {disabled: true}}`,
		grpc(`headers: [{name: authorization, value: hunter2}]`),
		grpc(`headers: [{name: x-tenant, value: Bearer hunter2}]`),
		grpc(`headers: [{name: x-tenant, value: "hunter2\n"}]`),
		grpc(`headers: [{name: X-Tenant, value: hunter2}]`),
		grpc(`headers: [{name: a, value: hunter2, secretKeyRef: {name: b, key: c}}]`),
		grpc(`headers: {x-token: hunter2}`),
		grpc(`headers: [hunter2]`),
		grpc(`headers: [{name: "authorization: Bearer hunter2", value: a}]`),
		`collector: {image: "me:hunter2@registry.example.com/x:1.2.3"}`,
		`backend: {image: "me:hunter2@registry.example.com/x:1.2.3"}`,
		grpc(`headers: hunter2`),
		grpc(`headers: [{name: a, value: [hunter2]}]`),
		grpc(`tls: {key: hunter2}`),
	} {
		spec, err := Load([]byte("kubernetesVersion: \"1.34\"\n" + text))
		if err == nil {
			_, err = Resolve(spec)
		}
		if err == nil {
			t.Errorf("%s is accepted", text)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the secret of %s is in the message: %v", text, err)
		}
	}
}

func TestResolvedExporter(t *testing.T) {
	for _, c := range []struct {
		name, spec string
		want       ExporterSpec
	}{
		{"backend", `backend: {namespace: jaeger}`, ExporterSpec{Endpoint: "dns:///kubetrace-jaeger.jaeger.svc:4317", Protocol: "grpc", Insecure: true, Compression: "gzip"}},
		{"backend with another compression", exporter(`compression: none`), ExporterSpec{Endpoint: "dns:///kubetrace-jaeger.kubetrace-backend.svc:4317", Protocol: "grpc", Insecure: true, Compression: "none"}},
		{"own endpoint", http(`headers: [{name: A, value: b}]`), ExporterSpec{Endpoint: "https://otlp.example.com", Protocol: "http", Compression: "gzip", Headers: []HeaderSpec{{Name: "A", Value: "b"}}}},
	} {
		if diff := cmp.Diff(c.want, resolved(t, c.spec).Exporter()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
