package setting_test

import (
	"testing"

	"kubetrace/internal/setting"
)

// TestJudgeEndpoint has what gRPC makes of addresses, as it was seen with
// component-base of each release.
func TestJudgeEndpoint(t *testing.T) {
	const ours, six, abstract, elsewhere = `kubernetesVersion: "1.34"`, `{kubernetesVersion: "1.34", endpoint: "[::1]:4317"}`,
		`{kubernetesVersion: "1.34", endpoint: "unix-abstract:///kubetrace"}`, `{kubernetesVersion: "1.34", endpoint: "otel.example.com:4317", collector: {disabled: true}}`
	for _, test := range []struct {
		spec, have string
		want       setting.Class
	}{
		{ours, "127.0.0.1:4317", setting.Same},
		{six, "[::1]:4317", setting.Same},
		{abstract, "unix-abstract:///kubetrace", setting.Same},
		{elsewhere, "otel.example.com:4317", setting.Same},
		{ours, "", setting.Silent},                          // localhost:4317
		{ours, "localhost:4317", setting.Silent},            // may be ::1
		{six, "localhost:4317", setting.Silent},             // may be 127.0.0.1
		{ours, "127.0.0.1:4318", setting.Silent},            // nobody listens
		{ours, "127.0.0.1", setting.Silent},                 // port 443
		{ours, "[::1]:4317", setting.Silent},                // nobody listens
		{ours, "unix:///run/otel.sock", setting.Silent},     // nobody listens
		{ours, "unix-abstract:///other", setting.Silent},    // nobody listens
		{ours, "http://127.0.0.1:4317", setting.Silent},     // no address
		{ours, "dns://127.0.0.1:4317", setting.Silent},      // the address of a DNS server
		{ours, "dns:///127.0.0.1:4317", setting.OtherValue}, // the same
		{ours, "dns:127.0.0.1:4317", setting.OtherValue},
		{ours, "dns:///localhost:4317", setting.Silent},
		{ours, "dns:///otel.example.com:4317", setting.Exposed},
		{ours, "otel.monitoring.svc:4317", setting.Silent}, // not resolved on the node
		{ours, "otel.monitoring.svc.cluster.local:4317", setting.Silent},
		{ours, "otel.monitoring:4317", setting.Silent},
		{ours, "otel:4317", setting.Silent},
		{ours, "0.0.0.0:4317", setting.OtherValue},
		{ours, "10.0.0.1:4317", setting.Exposed},
		{ours, "[2001:db8::1]:4317", setting.Exposed},
		{ours, "otel.example.com:4317", setting.Exposed},
		{elsewhere, "127.0.0.1:4317", setting.Silent},
	} {
		got, cure := setting.JudgeEndpoint(resolved(t, test.spec), test.have)
		if got != test.want || (cure == "") != (got == setting.Same) {
			t.Errorf("%q where %s: got %s (%s), want %s", test.have, test.spec, got, cure, test.want)
		}
	}
}

// TestJudgeConfiguredEndpoint has what kube-apiserver and the kubelet refuse, and etcd
// does not.
func TestJudgeConfiguredEndpoint(t *testing.T) {
	for _, test := range []struct {
		have string
		want setting.Class
	}{
		{"127.0.0.1:4317", setting.Same},
		{"", setting.Silent},
		{"dns:///127.0.0.1:4317", setting.OtherValue},
		{"unix:///run/otel.sock", setting.Silent},
		{"http://127.0.0.1:4317", setting.RefusesToStart},
		{"127.0.0.1:%zz//", setting.RefusesToStart},
	} {
		if got, cure := setting.JudgeConfiguredEndpoint(resolved(t, `kubernetesVersion: "1.34"`), test.have); got != test.want || (cure == "") != (got == setting.Same) {
			t.Errorf("%q: got %s (%s), want %s", test.have, got, cure, test.want)
		}
	}
}

func TestJudgeRate(t *testing.T) {
	for _, test := range []struct {
		have, want string
		class      setting.Class
	}{
		{"10000", "10000", setting.Same},
		{"1000000", "1000000", setting.Same},
		{"", "0", setting.Same}, // both sample nothing
		{"0", "0", setting.Same},
		{"", "10000", setting.Silent},
		{"0", "10000", setting.Silent},
		{"5", "10000", setting.OtherValue},
		{"5", "0", setting.OtherValue},
		{"010000", "10000", setting.OtherValue}, // which is 4096
		{"0x2710", "10000", setting.Same},
		{"-1", "10000", setting.RefusesToStart},
		{"1000001", "10000", setting.RefusesToStart},
		{"99999999999999999999", "10000", setting.RefusesToStart},
		{"1e4", "10000", setting.RefusesToStart},
		{"0.5", "10000", setting.RefusesToStart},
		{"all", "10000", setting.RefusesToStart},
	} {
		got, cure := setting.JudgeRate(test.have, test.want)
		if got != test.class || (cure == "") != (got == setting.Same) {
			t.Errorf("%q for %s: got %s (%s), want %s", test.have, test.want, got, cure, test.class)
		}
	}
}

// TestJudgeVariables has the variables of the exporter, as it was seen with that of
// component-base 0.37.2: what leads to TLS and what leaves no time delivers nothing.
func TestJudgeVariables(t *testing.T) {
	const certificate, client, key = "OTEL_EXPORTER_OTLP_CERTIFICATE=/ca", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/c", "OTEL_EXPORTER_OTLP_CLIENT_KEY=/k"
	for _, test := range []struct {
		name  string
		given []string
		want  []int // that are silent
	}{
		{"certificate", []string{certificate}, []int{0}},
		{"certificate for traces", []string{"A=b", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE=/ca"}, []int{1}},
		{"certificate from elsewhere", []string{"OTEL_EXPORTER_OTLP_CERTIFICATE"}, []int{0}},
		{"certificate for metrics", []string{"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE=/ca"}, nil},
		{"no certificate", []string{"OTEL_EXPORTER_OTLP_CERTIFICATE=", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE= "}, nil},
		{"client certificate", []string{client}, nil},
		{"client certificate and its key", []string{client, key}, []int{0}},
		{"client certificate for traces and its key", []string{"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE=/c", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"}, []int{0}},
		{"client certificate and another key", []string{client, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY=/k"}, nil},
		{"client certificate and no key", []string{client, "OTEL_EXPORTER_OTLP_CLIENT_KEY="}, nil},
		{"key alone", []string{key}, nil},
		{"timeout of a millisecond", []string{"OTEL_EXPORTER_OTLP_TIMEOUT=1"}, []int{0}},
		{"timeout for traces", []string{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT= 999 "}, []int{0}},
		{"timeout of a second", []string{"OTEL_EXPORTER_OTLP_TIMEOUT=1000"}, nil},
		{"no timeout", []string{"OTEL_EXPORTER_OTLP_TIMEOUT=0", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=-1"}, nil},
		{"timeout of the batch processor", []string{"OTEL_BSP_EXPORT_TIMEOUT=1"}, []int{0}},
		{"timeout that cannot be read", []string{"OTEL_EXPORTER_OTLP_TIMEOUT=1s"}, nil},
		{"what does no harm", []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_SDK_DISABLED=true", "OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_RESOURCE_ATTRIBUTES=a=b", "OTEL_EXPORTER_OTLP_HEADERS=a=b", "HTTPS_PROXY=http://p"}, nil},
		{"no variable", []string{"--OTEL_EXPORTER_OTLP_TIMEOUT=1"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			for _, v := range setting.JudgeVariables(written(test.given...)) {
				got = append(got, v.At)
				if v.Class != setting.Silent || v.Name != "" || v.Cure == "" {
					t.Errorf("%+v", v)
				}
			}
			if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
				t.Errorf("%v: got %v, want %v", test.given, got, test.want)
			}
		})
	}
}
