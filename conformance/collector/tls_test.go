package collector

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"kubetrace/tracing"
)

func TestTLS(t *testing.T) {
	cell(t, delivers)
	authority := newAuthority(t)
	clientCert, clientKey := authority.issue(t, "collector")
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{
		"authority": {"ca.crt": authority.pem()},
		"client":    {"tls.crt": clientCert, "tls.key": clientKey},
	}}
	for _, test := range []struct {
		name   string
		host   string // in the backend's certificate
		mutual bool   // the backend demands a certificate
		tls    tracing.TLSSpec
		want   string // an error in the collector's log instead of a span
	}{
		{name: "an authority of one's own", host: ipv4, tls: tracing.TLSSpec{CA: secretKey("authority", "ca.crt")}},
		{name: "a client certificate", host: ipv4, mutual: true, tls: tracing.TLSSpec{
			CA: secretKey("authority", "ca.crt"), Cert: secretKey("client", "tls.crt"), Key: secretKey("client", "tls.key"),
		}},
		{name: "no client certificate", host: ipv4, mutual: true, tls: tracing.TLSSpec{CA: secretKey("authority", "ca.crt")}, want: "Exporting failed"},
		{name: "another name", host: "otlp.example.com", tls: tracing.TLSSpec{CA: secretKey("authority", "ca.crt"), ServerName: "otlp.example.com"}},
		{name: "a wrong name", host: "otlp.example.com", tls: tracing.TLSSpec{CA: secretKey("authority", "ca.crt")}, want: "x509: cannot validate certificate for 127.0.0.1"},
		{name: "an unknown authority", host: ipv4, tls: tracing.TLSSpec{}, want: "x509: certificate signed by unknown authority"},
	} {
		for _, image := range images(t) {
			for _, protocol := range []string{"grpc", "http"} {
				t.Run(protocol+" "+test.name+", "+image.of, func(t *testing.T) {
					config := authority.server(t, test.host)
					if test.mutual {
						config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, authority.pool()
					}
					newSink, scheme := NewGRPCSink, ""
					if protocol == "http" {
						newSink, scheme = NewHTTPSink, "https://"
					}
					sink := newSink(t, config)
					spec := localSpec(t, ipv4)
					spec.ClusterName = "east"
					spec.Collector.Image = image.name
					spec.Collector.Exporter = tracing.ExporterSpec{Protocol: protocol, Endpoint: scheme + sink.Address, TLS: &test.tls}
					container := node.Prepare(t, collectorYAML(t, spec))
					if test.want == "" {
						judge := judgeOf(t, spec, sink)
						judge.early = true
						for _, fault := range judge.faults(t, container) {
							t.Error(fault)
						}
						return
					}
					collector := Start(t, container.Config)
					Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
					waitForLog(t, collector, test.want)
					if _, spans := sink.snapshot(); spans != 0 {
						t.Errorf("%d spans reached a backend that is not trusted", spans)
					}
				})
			}
		}
	}
}

// waitForLog waits for a line, of whatever level: a failed export that is tried
// again is no warning.
func waitForLog(t *testing.T, collector *Collector, want string) {
	t.Helper()
	deadline := time.Now().Add(delivery)
	for {
		log := strings.Join(collector.Log(zapcore.InfoLevel), "\n")
		switch {
		case strings.Contains(log, want):
			return
		case time.Now().After(deadline):
			t.Fatalf("within %s the collector's log has no %q:\n%s", delivery, want, log)
		}
		time.Sleep(50 * time.Millisecond) // the log has no channel to wait on
	}
}

// authority is a certificate authority of one test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(tb testing.TB) authority {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "kubetrace conformance"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return authority{certificate, key}
}

// issue returns a certificate for a host and its key, both as PEM.
func (a authority) issue(tb testing.TB, host string) (certificate, key string) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key)
	if err != nil {
		tb.Fatal(err)
	}
	rawKey, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	return encode("CERTIFICATE", raw), encode("PRIVATE KEY", rawKey)
}

// server returns the TLS configuration of a backend with that host's certificate.
func (a authority) server(tb testing.TB, host string) *tls.Config {
	tb.Helper()
	certificate, key := a.issue(tb, host)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		tb.Fatal(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
}

func (a authority) pem() string { return encode("CERTIFICATE", a.certificate.Raw) }

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func encode(kind string, raw []byte) string {
	var text bytes.Buffer
	_ = pem.Encode(&text, &pem.Block{Type: kind, Bytes: raw}) // a buffer takes everything
	return text.String()
}
