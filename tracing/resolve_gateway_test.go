package tracing

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

// validGateways are specs with a gateway.
var validGateways = map[string]string{
	"a gateway":             `gateway: {}`,
	"many replicas":         `gateway: {replicas: 1000}`,
	"a namespace of others": `gateway: {namespace: mesh, priorityClassName: system-cluster-critical}`,
	"pods of a gateway":     `gateway: {tolerations: [{key: a, operator: Exists}], nodeSelector: {a: b}, resources: {limits: {memory: 128Mi, cpu: 50m}}}`,
	"of many nodes":         `gateway: {nodes: 15000}`,
	"encrypted":             `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}}}`,
	"for its clients":       `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}, clientCA: {name: d, key: a}, clientCert: {name: d, key: b}, clientKey: {name: d, key: c}}}`,
	"to an exporter":        `{gateway: {}, collector: {exporter: {endpoint: "otlp.example.com:4317", compression: zstd, headers: [{name: a, value: b}]}}}`,
	"the oldest collector":  `{gateway: {}, collector: {version: 0.128.0}}`,
	"of no collector":       `{gateway: {replicas: -1}, collector: {disabled: true}}`,
}

func TestGatewayExporters(t *testing.T) {
	const gateway = "dns:///kubetrace-gateway.kubetrace-gateway.svc:4317"
	plain := ExporterSpec{Endpoint: gateway, Protocol: "grpc", Insecure: true, Compression: "gzip"}
	for _, test := range []struct {
		spec           string
		nodes, gateway ExporterSpec
	}{
		{`collector: {exporter: {endpoint: "a:4317"}}`, ExporterSpec{Endpoint: "a:4317", Protocol: "grpc", Compression: "gzip"}, ExporterSpec{}},
		{`{gateway: {}, collector: {exporter: {endpoint: "a:4317"}}}`, plain, ExporterSpec{Endpoint: "a:4317", Protocol: "grpc", Compression: "gzip"}},
		{`gateway: {}`, plain, ExporterSpec{Endpoint: "dns:///kubetrace-jaeger.kubetrace-backend.svc:4317", Protocol: "grpc", Insecure: true, Compression: "gzip"}},
		{`{gateway: {namespace: mesh, tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}}}, collector: {exporter: {endpoint: "https://a:4318", protocol: http, compression: zstd}}}`,
			ExporterSpec{Endpoint: "dns:///kubetrace-gateway.mesh.svc:4317", Protocol: "grpc", Compression: "zstd", TLS: &TLSSpec{CA: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "a"}, Key: "a"}}},
			ExporterSpec{Endpoint: "https://a:4318", Protocol: "http", Compression: "zstd"}},
	} {
		r := resolved(t, test.spec)
		if diff := cmp.Diff(test.nodes, r.Exporter()); diff != "" {
			t.Errorf("%s: the nodes send to (-want +got):\n%s", test.spec, diff)
		}
		if diff := cmp.Diff(test.gateway, r.GatewayExporter()); diff != "" {
			t.Errorf("%s: the gateway sends to (-want +got):\n%s", test.spec, diff)
		}
	}
}

func TestGatewayNotGenerated(t *testing.T) {
	for spec, field := range map[string]string{
		`{}`: "gateway",
		`{gateway: {}, collector: {disabled: true}}`: "collector.disabled",
	} {
		why := resolved(t, spec).NotGenerated(ComponentGateway)
		var err *NotGeneratedError
		if why == nil || !errors.As(error(why), &err) || err.Field != field {
			t.Errorf("%s: not generated because of %v, want %s", spec, why, field)
		}
	}
}

func TestGatewaySizing(t *testing.T) {
	for _, none := range []string{`{}`, `{gateway: {}, collector: {disabled: true}}`} {
		if got := resolved(t, none).GatewaySizing(); got != (Sizing{}) {
			t.Errorf("%s: there is %+v", none, got)
		}
	}
	for spec, want := range map[string]Sizing{
		`gateway: {}`: {QueueSize: 20480, MemoryLimit: 512 * mebibyte, Nodes: 767},
		`gateway: {resources: {limits: {memory: 128Mi}}}`: {QueueSize: 20480, MemoryLimit: 128 * mebibyte},
		`gateway: {nodes: 100}`:                           {QueueSize: 20480, MemoryLimit: 512 * mebibyte, Nodes: 767},
		`gateway: {nodes: 15000}`:                         {QueueSize: 20480, MemoryLimit: 7648 * mebibyte, Nodes: 15039},
	} {
		want.GoMemoryLimit = want.MemoryLimit / 100 * 60
		want.RefusePercent, want.CollectPercent = 70, 80
		want.BatchMin, want.BatchMax, want.Consumers = 512, 2048, 40
		if diff := cmp.Diff(want, resolved(t, spec).GatewaySizing()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
	}
}

func TestValidateGateway(t *testing.T) {
	const limits = "gateway.resources.limits"
	checkInvalid(t, []invalidCase{
		{"replicas", `gateway: {replicas: -1}`, []problem{{invalid, "gateway.replicas", "from 1 to 1000"}}},
		{"too many replicas", `gateway: {replicas: 1001}`, []problem{{invalid, "gateway.replicas", "from 1 to 1000"}}},
		{"namespace", `gateway: {namespace: A}`, []problem{{invalid, "gateway.namespace", `such as "kubetrace-gateway"`}}},
		{"collector's namespace", `gateway: {namespace: kubetrace-system}`, []problem{{invalid, "gateway.namespace", "write two namespaces"}}},
		{"backend's namespace", `gateway: {namespace: kubetrace-backend}`, []problem{{invalid, "backend.namespace", "write two namespaces"}}},
		{"old collector", `{gateway: {}, collector: {version: 0.127.0}}`, []problem{{invalid, "gateway", `write collector.version, such as "0.165.0"`}}},
		{"little memory", `gateway: {resources: {limits: {memory: 127Mi}}}`, []problem{{invalid, limits + "[memory]", "write a limit such as 512Mi"}}},
		{"nodes", `gateway: {nodes: -1}`, []problem{{invalid, "gateway.nodes", "from 1 to 100000"}}},
		{"little memory for many nodes", `gateway: {nodes: 1000, resources: {limits: {memory: 512Mi}}}`, []problem{{invalid, limits + "[memory]", "the connections of 1000 nodes need more: write 628Mi"}}},
		{"request above the limit", `gateway: {resources: {requests: {memory: 1Gi}}}`, []problem{{invalid, "gateway.resources.requests[memory]", "write resources.limits.memory too"}}},
		{"toleration", `gateway: {tolerations: [{operator: In}]}`, []problem{{invalid, "gateway.tolerations[0].operator", "write Exists or Equal"}}},
		{"other system", `gateway: {nodeSelector: {kubernetes.io/os: windows}}`, []problem{{invalid, "gateway.nodeSelector[kubernetes.io/os]", "leave the key out, or write linux"}}},
		{"priority class", `gateway: {priorityClassName: High Priority}`, []problem{{invalid, "gateway.priorityClassName", "write the name of an object"}}},
		{"no certificates", `gateway: {tls: {}}`, []problem{
			{required, "gateway.tls.cert", "the gateway's certificate"}, {required, "gateway.tls.key", "the private key"}, {required, "gateway.tls.ca", "the authority"},
		}},
		{"half a client certificate", `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}, clientCert: {name: d, key: d}}}`, []problem{
			{required, "gateway.tls.clientCA", "the authority that signed the client certificate"}, {required, "gateway.tls.clientKey", "the private key of the client certificate"},
		}},
		{"a Secret without a name", `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {key: c}}}`, []problem{{invalid, "gateway.tls.key.name", "write the name of an object"}}},
	})
}
