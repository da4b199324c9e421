package collector

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc/codes"

	"kubetrace/tracing"
)

// gatewayHost is what the nodes look up.
const gatewayHost = "kubetrace-gateway.kubetrace-gateway.svc"

// hop is a gateway and a node's collector that sends to it.
type hop struct {
	spec           tracing.TracingSpec
	agent, gateway string // configurations
	address        string // of the gateway, for what is no node
}

// newHop prepares both for this machine: the gateway's ports are free ones, as
// tests share the machine's addresses, and what DNS says of its Service is
// written into the node's configuration.
func newHop(t *testing.T, spec tracing.TracingSpec, node Node) hop {
	t.Helper()
	agent := node.Prepare(t, collectorYAML(t, spec))
	for _, fault := range lint(t, agent) {
		t.Error(fault)
	}
	gateway := node.Prepare(t, file(t, spec, "gateway.yaml"))
	for _, fault := range lint(t, gateway) {
		t.Error(fault)
	}
	ports := freePorts(t, ipv4, 3)
	return hop{
		spec:    spec,
		address: fmt.Sprintf("127.0.0.1:%d", ports[0]),
		agent: edit(t, agent.Config, func(t *testing.T, config section) {
			exporter := exporterOf(t, config)
			want := "dns:///" + gatewayHost + ":4317"
			if exporter["endpoint"] != any(want) || exporter["balancer_name"] != any("round_robin") {
				t.Errorf("the nodes send to %v by %v, want %s by round_robin", exporter["endpoint"], exporter["balancer_name"], want)
			}
			exporter["endpoint"] = fmt.Sprintf("dns:///127.0.0.1:%d", ports[0])
			if tls := at(t, exporter, "tls"); tls["insecure"] == nil {
				tls["server_name_override"] = gatewayHost
			}
		}),
		gateway: edit(t, gateway.Config, func(t *testing.T, config section) {
			at(t, config, "receivers", "otlp", "protocols", "grpc")["endpoint"] = fmt.Sprintf(":%d", ports[0])
			at(t, config, "extensions", "health_check")["endpoint"] = fmt.Sprintf(":%d", ports[1])
			prometheus(t, config)["port"] = ports[2]
		}),
	}
}

// gatewaySpec sends to a sink's address by way of a gateway.
func gatewaySpec(t *testing.T, address string) tracing.TracingSpec {
	t.Helper()
	spec := localSpec(t, ipv4)
	spec.ClusterName = "east"
	spec.Gateway = &tracing.GatewaySpec{}
	spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: address, Insecure: true}
	return spec
}

// complainOf fails the test for what a collector warns of.
func complainOf(t *testing.T, collectors ...*Collector) {
	t.Helper()
	for _, collector := range collectors {
		for _, line := range complaints(collector) {
			t.Error(line)
		}
	}
}

// A span goes from a component over the node's collector and the gateway to the
// backend, and says which node it comes from.
func TestGateway(t *testing.T) {
	cell(t, delivers)
	authority, other := newAuthority(t), newAuthority(t)
	server, key := authority.issue(t, gatewayHost)
	client, clientKey := authority.issue(t, "collector")
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{
		"gateway":    {"tls.crt": server, "tls.key": key},
		"gateway-ca": {"ca.crt": authority.pem()},
		"client":     {"tls.crt": client, "tls.key": clientKey},
	}}
	certificates := tracing.GatewayTLSSpec{
		CA: secretKey("gateway-ca", "ca.crt"), Cert: secretKey("gateway", "tls.crt"), Key: secretKey("gateway", "tls.key"),
	}
	mutual := certificates
	mutual.ClientCA, mutual.ClientCert, mutual.ClientKey = secretKey("gateway-ca", "ca.crt"), secretKey("client", "tls.crt"), secretKey("client", "tls.key")
	for _, test := range []struct {
		name     string
		tls      *tracing.GatewayTLSSpec
		protocol string
	}{
		{"in plain text", nil, "grpc"},
		{"in plain text, on by HTTP", nil, "http"},
		{"with certificates", &certificates, "grpc"},
		{"for its clients alone", &mutual, "grpc"},
	} {
		for _, image := range images(t) {
			t.Run(test.name+", "+image.of, func(t *testing.T) {
				sink, endpoint := plainGRPC(t)
				if test.protocol == "http" {
					sink, endpoint = plainHTTP(t)
				}
				spec := gatewaySpec(t, endpoint)
				spec.Collector.Image = image.name
				spec.Collector.Exporter.Protocol = test.protocol
				spec.Gateway.TLS = test.tls
				hop := newHop(t, spec, node)
				for name, config := range map[string]string{"node": hop.agent, "gateway": hop.gateway} {
					if err := DryRun(t.Context(), config); err != nil {
						t.Errorf("validate the %s's configuration: %v", name, err)
					}
				}
				gateway, agent := Start(t, hop.gateway), Start(t, hop.agent)
				Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
				got := resource(sink.Wait(t, 1, delivery)[0])
				for key, want := range map[string]string{"service.name": "etcd", "service.instance.id": "node-1", "k8s.node.name": "node-1", "k8s.cluster.name": "east"} {
					if got[key] != any(want) {
						t.Errorf("%s is %v, want %s", key, got[key], want)
					}
				}
				complainOf(t, gateway, agent)
				// Whoever has no certificate gets through where none is asked for.
				for name, stranger := range map[string][]tls.Certificate{"without a certificate": nil, "of another authority": other.server(t, "collector").Certificates} {
					config := &tls.Config{RootCAs: authority.pool(), ServerName: gatewayHost, Certificates: stranger}
					err := sendTLS(t, hop.address, map[string]any{"service.name": "stranger"}, config)
					if open := test.tls == &certificates; (err == nil) != open {
						t.Errorf("the span of a stranger %s: %v", name, err)
					}
				}
			})
		}
	}
}

// A gateway keeps nothing: while the backend is away the node keeps the span, and
// a gateway that is put in place of the first delivers it.
func TestGatewayKeepsNothing(t *testing.T) {
	cell(t, delivers)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()

	hop := newHop(t, gatewaySpec(t, address), Node{Name: "node-1"})
	gateway, agent := Start(t, hop.gateway), Start(t, hop.agent)
	Send(t, hop.spec.Endpoint, map[string]any{"service.name": "etcd"})
	// The node hears that it failed.
	waitForLog(t, agent, "Exporting failed")
	waitForLog(t, gateway, "Exporting failed")
	gateway.Stop(t)

	sink := newGRPCSinkAt(t, address, nil)
	time.Sleep(100 * time.Millisecond)
	if _, spans := sink.snapshot(); spans != 0 {
		t.Fatalf("%d spans arrived from a gateway that has ended", spans)
	}
	Start(t, hop.gateway)
	exports := sink.Wait(t, 1, 2*delivery) // the node tries again after 5 seconds or so
	if got := resource(exports[0])["k8s.node.name"]; got != any("node-1") {
		t.Errorf("the span comes from %v", got)
	}
	for _, line := range agent.Log(zapcore.ErrorLevel) {
		if strings.Contains(line, "Dropping") {
			t.Errorf("the node dropped spans: %s", line)
		}
	}
}

// What a backend answers by HTTP when it has too much to do is tried again behind
// a gateway too, and nothing is lost.
func TestGatewayThrottled(t *testing.T) {
	cell(t, delivers)
	for _, code := range []codes.Code{codes.ResourceExhausted, codes.Unavailable} {
		t.Run(code.String(), func(t *testing.T) {
			sink, endpoint := plainHTTP(t)
			sink.Refuse(code)
			spec := gatewaySpec(t, endpoint)
			spec.Collector.Exporter.Protocol = "http"
			hop := newHop(t, spec, Node{Name: "node-1"})
			gateway, agent := Start(t, hop.gateway), Start(t, hop.agent)
			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			waitForLog(t, gateway, "Will retry the request after interval")
			sink.Refuse(codes.OK)
			sink.Wait(t, 1, delivery)
			for _, line := range agent.Log(zapcore.WarnLevel) {
				t.Errorf("the node noticed: %s", line)
			}
		})
	}
}
