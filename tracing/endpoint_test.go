package tracing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var validEndpoints = map[string]string{
	"IPv4 loopback":         `endpoint: 127.0.0.1:4317`,
	"other IPv4 loopback":   `endpoint: 127.0.0.2:5000`,
	"IPv6 loopback":         `endpoint: "[::1]:4317"`,
	"abstract socket":       `endpoint: unix-abstract:///kubetrace`,
	"longest abstract name": `endpoint: unix-abstract:///` + strings.Repeat("a", 100),
	"remote address":        `{endpoint: "10.0.0.5:4317", collector: {disabled: true}}`,
	"remote port below 1024": `
endpoint: "[2001:db8::5]:443"
collector: {disabled: true}`,
	"remote name":                         `{endpoint: "otlp.example.com.:4317", collector: {disabled: true}}`,
	"localhost, without our collector":    `{endpoint: "localhost:4317", collector: {disabled: true}}`,
	"a name that only looks like svc":     `{endpoint: "svc.example.com:4317", collector: {disabled: true}}`,
	"abstract socket of another listener": `{endpoint: "unix-abstract:///a.b-c_d", collector: {disabled: true}}`,
}

// The endpoints are those of k8s.io/component-base/tracing/api/v1, which accepts
// many that never export, and what a person may write instead of ours.
func TestEndpoint(t *testing.T) {
	const ours, others = true, false
	for _, c := range []struct {
		endpoint      string
		withCollector bool
		want          target
		says          string // a part of the error
	}{
		{"127.0.0.1:4317", ours, target{host: "127.0.0.1", port: 4317}, ""},
		{"[::1]:4317", ours, target{host: "::1", port: 4317}, ""},
		{"unix-abstract:///kubetrace", ours, target{abstract: "kubetrace"}, ""},
		{"unix-abstract:///kubetrace", others, target{abstract: "kubetrace"}, ""},
		{"localhost:4317", others, target{host: "localhost", port: 4317}, ""},
		{"10.0.0.5:443", others, target{host: "10.0.0.5", port: 443}, ""},
		{"OTLP.example.com:4317", others, target{host: "OTLP.example.com", port: 4317}, ""},

		{"localhost:4317", ours, target{}, "write 127.0.0.1:4317 or [::1]:4317"},
		{"LOCALHOST:4317", ours, target{}, "write 127.0.0.1:4317 or [::1]:4317"},
		{"0.0.0.0:4317", ours, target{}, "or set collector.disabled"},
		{"[::]:4317", ours, target{}, "or set collector.disabled"},
		{"10.0.0.5:4317", ours, target{}, "write 127.0.0.1:4317 or [::1]:4317, or set collector.disabled"},
		{"otlp.example.com:4317", ours, target{}, "or unix-abstract:///kubetrace, or set collector.disabled"},
		{"127.1:4317", ours, target{}, "write 127.0.0.1:4317"},
		{"[::ffff:127.0.0.1]:4317", ours, target{}, "write the address in its plain form: 127.0.0.1:4317"},
		{"[::1%lo]:4317", ours, target{}, "write the address in its plain form"},
		{"a,b:4317", ours, target{}, "write 127.0.0.1:4317"},

		{"0.0.0.0:4317", others, target{}, "such as 127.0.0.1:4317"},
		{"[::]:4317", others, target{}, "such as 127.0.0.1:4317"},
		{"[fe80::1%eth0]:4317", others, target{}, "without a zone"},
		{"[::ffff:10.0.0.5]:4317", others, target{}, "plain form"},
		{"otel.observability.svc:4317", others, target{}, "do not resolve Service names: write an address"},
		{"otel.observability.SVC:4317", others, target{}, "do not resolve Service names"},
		{"otel.observability.svc.:4317", others, target{}, "do not resolve Service names"},
		{"otel.observability.svc.cluster.local:4317", others, target{}, "do not resolve Service names"},
		{"a,b:4317", others, target{}, "neither an IP address nor a DNS name: write one of them"},
		{"host name:4317", others, target{}, "neither an IP address nor a DNS name"},
		{"under_score:4317", others, target{}, "neither an IP address nor a DNS name"},
		{"10.0.5:4317", others, target{}, "write all four numbers"},

		{"", ours, target{}, "write the host and port, such as 127.0.0.1:4317"},
		{":4317", ours, target{}, "write the host and port, such as 127.0.0.1:4317"},
		{"127.0.0.1", ours, target{}, "write 127.0.0.1:4317"},
		{"::1", ours, target{}, "brackets: write it as [::1]:4317"},
		{"::1:4317", ours, target{}, "brackets: write it as [::1]:4317"},
		{"[127.0.0.1]:4317", ours, target{}, "write 127.0.0.1:4317"},
		{"127.0.0.1]:4317", ours, target{}, "write the host and port, such as"},
		{"127.0.0.1:", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:0", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:65536", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:99999", ours, target{}, "such as 127.0.0.1:4317"},
		{"127.0.0.1:04317", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:+4317", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:otlp", ours, target{}, "from 1 to 65535"},
		{"127.0.0.1:4317/v1/traces", ours, target{}, "write the host and port alone"},
		{"127.0.0.1:4317?a=b", others, target{}, "write the host and port alone"},
		{"me@otlp.example.com:4317", others, target{}, "write the host and port alone"},

		{"http://127.0.0.1:4317", ours, target{}, "without a scheme, such as 127.0.0.1:4317"},
		{"https://127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"passthrough:///127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"passthrough:127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"dns://127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"dns:///127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"dns:127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"ipv4:127.0.0.1:4317", ours, target{}, "without a scheme"},
		{"unix:///run/otlp.sock", ours, target{}, "write unix-abstract:///kubetrace or 127.0.0.1:4317"},
		{"unix:/run/otlp.sock", others, target{}, "write unix-abstract:///kubetrace"},
		{"unix-abstract:kubetrace", ours, target{}, "three slashes: write unix-abstract:///kubetrace"},
		{"unix-abstract://kubetrace", ours, target{}, "three slashes"},
		{"unix-abstract:////kubetrace", ours, target{}, "write unix-abstract:///kubetrace"},
		{"unix-abstract:///", ours, target{}, "write unix-abstract:///kubetrace"},
		{"unix-abstract:///-a", ours, target{}, "with a letter or digit at both ends"},
		{"unix-abstract:///$HOME", ours, target{}, "letters, digits"},
		{"unix-abstract:///" + strings.Repeat("a", 101), ours, target{}, "1 to 100"},
	} {
		got, err := parseEndpoint(c.endpoint, c.withCollector)
		if c.says == "" && err != nil {
			t.Errorf("%s (with collector %t): %v", c.endpoint, c.withCollector, err)
		}
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s (with collector %t) gives %v, want one that says %q", c.endpoint, c.withCollector, err, c.says)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.endpoint, diff)
		}
	}
}

func TestValidateEndpoint(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"never exports", `endpoint: dns://127.0.0.1:4317`, []problem{{invalid, "endpoint", "without a scheme"}}},
		{"privileged port", `endpoint: 127.0.0.1:1023`, []problem{{invalid, "endpoint", "from 1024 to 65535"}}},
		{"port of the kubelet", `endpoint: 127.0.0.1:10250`, []problem{{invalid, "endpoint", "that of the kubelet"}}},
		{"port of etcd", `endpoint: 127.0.0.2:2379`, []problem{{invalid, "endpoint", "that of etcd"}}},
		{"Service without our collector", `{endpoint: "otel.monitoring.svc:4317", collector: {disabled: true}}`, []problem{{invalid, "endpoint", "Service names"}}},
		{"Service with our collector", `endpoint: otel.monitoring.svc:4317`, []problem{{invalid, "endpoint", "set collector.disabled"}}},
	})
}

// FuzzParseEndpoint: what is accepted is exactly what the components dial and
// the collector listens on, with nothing that one of them reads differently.
func FuzzParseEndpoint(f *testing.F) {
	for _, text := range []string{"127.0.0.1:4317", "[::1]:4317", "unix-abstract:///a", "localhost:4317", "a.svc:1", "::1:4317", "dns:///a:1", "[::1%1]:1"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, withCollector bool) {
		got, err := parseEndpoint(text, withCollector)
		if err != nil {
			return
		}
		written := []string{"unix-abstract:///" + got.abstract}
		if got.abstract == "" {
			port := ":" + strings.TrimLeft(text[strings.LastIndex(text, ":"):], ":")
			written = []string{got.host + port, "[" + got.host + "]" + port}
		}
		if text != written[0] && text != written[len(written)-1] {
			t.Errorf("%q was read as %+v", text, got)
		}
		if strings.ContainsAny(text, " \t\n/?#@$,%") && got.abstract == "" {
			t.Errorf("%q was accepted", text)
		}
	})
}
