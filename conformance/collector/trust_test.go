package collector

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc/codes"

	"kubetrace/tracing"
)

// mutualSpec sends to a sink that demands a client's certificate.
func mutualSpec(t *testing.T, address string) tracing.TracingSpec {
	t.Helper()
	spec := localSpec(t, ipv4)
	spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: address, TLS: &tracing.TLSSpec{
		CA: secretKey("authority", "ca.crt"), Cert: secretKey("client", "tls.crt"), Key: secretKey("client", "tls.key"),
	}}
	return spec
}

// A client's certificate that is renewed in its Secret is used from then on,
// without a restart and without a span lost.
func TestRenewedCertificate(t *testing.T) {
	cell(t, delivers)
	authority := newAuthority(t)
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{"authority": {"ca.crt": authority.pem()}, "client": {}}}
	issue := func(host string) {
		node.Secrets["client"]["tls.crt"], node.Secrets["client"]["tls.key"] = authority.issue(t, host)
	}
	issue("first")

	config := authority.server(t, ipv4)
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, authority.pool()
	var mu sync.Mutex
	var clients []string // of the connections
	config.VerifyConnection = func(state tls.ConnectionState) error {
		mu.Lock()
		defer mu.Unlock()
		clients = append(clients, state.PeerCertificates[0].Subject.CommonName)
		return nil
	}
	sink := NewGRPCSink(t, config)
	spec := mutualSpec(t, sink.Address)
	container := node.Prepare(t, collectorYAML(t, spec))
	// The files are looked at every five minutes, which is too long for a test.
	text := strings.ReplaceAll(container.Config, "reload_interval: 5m", "reload_interval: 100ms")
	if text == container.Config {
		t.Fatal("the collector does not read a renewed certificate")
	}
	collector := Start(t, text)
	const spans = 10
	for i := range spans {
		if i == spans/2 {
			issue("second")
			folder := filepath.Dir(regexp.MustCompile(`cert_file: (\S+)`).FindStringSubmatch(text)[1])
			for _, file := range []string{"tls.crt", "tls.key"} {
				replace(t, filepath.Join(folder, file), node.Secrets["client"][file])
			}
			time.Sleep(200 * time.Millisecond)
			// A span that is on its way when the backend ends may arrive twice.
			sink.Wait(t, spans/2, delivery)
			sink.Stop() // as a backend does that is replaced
			sink.Serve(t)
		}
		Send(t, spec.Endpoint, map[string]any{"service.name": fmt.Sprint("etcd-", i)})
		time.Sleep(50 * time.Millisecond)
	}
	seen := map[any]bool{}
	for _, resource := range resources(sink.Wait(t, spans, 2*delivery)) {
		seen[resource["service.name"]] = true
	}
	if len(seen) != spans {
		t.Errorf("%d of %d spans arrived: %v", len(seen), spans, seen)
	}
	collector.Stop(t)
	mu.Lock()
	defer mu.Unlock()
	if len(clients) == 0 || clients[0] != "first" || clients[len(clients)-1] != "second" {
		t.Errorf("the backend was shown the certificates %v, want first and in the end second", clients)
	}
}

// replace puts a file in place at once, as the kubelet does.
func replace(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// Spans wait while the backend's certificate is not the right one, and the log
// says what is wrong with it.
func TestWrongCertificateLosesNothing(t *testing.T) {
	cell(t, delivers)
	authority, other := newAuthority(t), newAuthority(t)
	clientCert, clientKey := authority.issue(t, "collector")
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{
		"authority": {"ca.crt": authority.pem()},
		"client":    {"tls.crt": clientCert, "tls.key": clientKey},
	}}
	right := func() *tls.Config {
		config := authority.server(t, ipv4)
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, authority.pool()
		return config
	}
	// notWanted refuses the client's certificate.
	notWanted := func(version uint16) *tls.Config {
		config := right()
		config.ClientCAs, config.MaxVersion = other.pool(), version
		return config
	}
	for _, test := range []struct {
		name  string
		wrong *tls.Config
		log   string
	}{
		{"of another authority", other.server(t, ipv4), "x509: certificate signed by unknown authority"},
		{"for another name", authority.server(t, "otlp.example.com"), "x509: cannot validate certificate for 127.0.0.1"},
		{"and the client's is not wanted, TLS 1.2", notWanted(tls.VersionTLS12), "remote error: tls: "},
		// The client of TLS 1.3 has its handshake behind it when the server reads
		// its certificate: it sees the refusal or, where it writes before it reads,
		// a broken pipe.
		{"and the client's is not wanted, TLS 1.3", notWanted(tls.VersionTLS13), "Exporting failed. Will retry the request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sink := NewGRPCSink(t, test.wrong)
			spec := mutualSpec(t, sink.Address)
			collector := Start(t, node.Prepare(t, collectorYAML(t, spec)).Config)
			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			waitForLog(t, collector, test.log)
			if _, spans := sink.snapshot(); spans != 0 {
				t.Fatalf("%d spans reached a backend that is not trusted", spans)
			}
			sink.Stop()
			sink.tls = right()
			sink.Serve(t)
			sink.Wait(t, 1, 2*delivery)
		})
	}
}

// A token that the backend refuses is a line in the log that says so and how many
// spans it cost: OTLP calls the refusal final, so the collector drops them. The
// token itself is in no line.
func TestWrongToken(t *testing.T) {
	cell(t, delivers)
	const secret = "Bearer 8c1f9a-secret"
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{"token": {"bearer": secret}, "authority": {}}}
	authority := newAuthority(t)
	node.Secrets["authority"]["ca.crt"] = authority.pem()
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) {
			newSink, scheme := NewGRPCSink, ""
			if protocol == "http" {
				newSink, scheme = NewHTTPSink, "https://"
			}
			sink := newSink(t, authority.server(t, ipv4))
			sink.Refuse(codes.Unauthenticated)
			spec := localSpec(t, ipv4)
			spec.Collector.Exporter = tracing.ExporterSpec{
				Protocol: protocol, Endpoint: scheme + sink.Address,
				TLS:     &tracing.TLSSpec{CA: secretKey("authority", "ca.crt")},
				Headers: []tracing.HeaderSpec{{Name: "authorization", SecretKeyRef: secretKey("token", "bearer")}},
			}
			container := node.Prepare(t, collectorYAML(t, spec))
			if strings.Contains(container.Config, secret) {
				t.Error("the token stands in the configuration")
			}
			collector := Start(t, container.Config)
			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			waitForLog(t, collector, "Dropping data")
			log := strings.Join(collector.Log(zapcore.DebugLevel), "\n")
			if !strings.Contains(log, "dropped_items:1") || !strings.Contains(log, "Unauthenticated") {
				t.Errorf("the log does not say what was lost, and why:\n%s", log)
			}
			if strings.Contains(log, "8c1f9a") {
				t.Errorf("the token is in the log:\n%s", log)
			}
		})
	}
}
