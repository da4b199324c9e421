package collector

import (
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"

	"kubetrace/tracing"
)

// silentFault is one that the collector's validation does not see: it accepts
// the configuration, which then keeps the collector from starting or spans from
// arriving.
type silentFault struct {
	name   string
	change func(*testing.T, section)
	// start is the error at the start, empty for a collector that runs.
	start string
	// log is what a collector that runs tells its log, sooner or later.
	log string
	// arrives says whether the span reaches the backend all the same.
	arrives bool
	// loses is a header that then arrives empty.
	loses string
	// lint is what our own check of a generated configuration says.
	lint string
	from string // the first release that has the fault

	// refused are specs, the fields beside the release, that would lead there,
	// and what kubetrace says of each.
	refused map[string]string
}

var silentFaults = []silentFault{
	{
		name: "a storage extension that is not enabled",
		change: func(t *testing.T, config section) {
			exporterOf(t, config)["sending_queue"] = section{"enabled": true, "storage": "file_storage/queue"}
		},
		start: "no storage client extension found",
		lint:  "file_storage/queue is not among service::extensions",
		refused: map[string]string{
			"{collector: {queue: {storage: file_storage/queue}}}":           "collector.queue.storage: Invalid value",
			"{collector: {distribution: core, queue: {storage: emptyDir}}}": "collector.queue.storage: Invalid value",
			"{collector: {extensions: [file_storage/queue]}}":               "collector.extensions: Invalid value",
			"{collector: {config: {extensions: {file_storage: {}}}}}":       "collector.config: Invalid value",
		},
	}, {
		name: "a CA file that is not there",
		change: func(t *testing.T, config section) {
			at(t, exporterOf(t, config), "tls")["ca_file"] = "/nowhere/ca.crt"
		},
		start: "failed to load CA CertPool File",
		lint:  "there is no file /nowhere/ca.crt",
		refused: map[string]string{
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {caFile: /nowhere/ca.crt}}}}":                    "collector.exporter.tls.caFile: Invalid value",
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {ca: {name: a, key: ca.crt, optional: true}}}}}": "collector.exporter.tls.ca.optional",
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {ca: {name: a}}}}}":                              "collector.exporter.tls.ca.key",
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {ca: {key: ca.crt}}}}}":                          "collector.exporter.tls.ca.name",
		},
	}, {
		name: "a client's certificate that is not there",
		change: func(t *testing.T, config section) {
			at(t, exporterOf(t, config), "tls")["cert_file"] = "/nowhere/tls.crt"
		},
		start: "failed to load TLS cert and key",
		lint:  "there is no file /nowhere/tls.crt",
		refused: map[string]string{
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {key: {name: a, key: tls.key}}}}}":                                                "collector.exporter.tls.cert",
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {cert: {name: a, key: tls.crt, optional: true}, key: {name: a, key: tls.key}}}}}": "collector.exporter.tls.cert.optional",
		},
	}, {
		name: "a receiver's port that is none",
		change: func(t *testing.T, config section) {
			at(t, config, "receivers", "otlp", "protocols", "grpc")["endpoint"] = "127.0.0.1:99999"
		},
		start: "99999: invalid port",
		lint:  "127.0.0.1:99999 has no port",
		refused: map[string]string{
			"{endpoint: '127.0.0.1:99999'}": "endpoint",
			"{endpoint: '127.0.0.1:0'}":     "endpoint",
		},
	}, {
		name: "a health check's port that is none",
		change: func(t *testing.T, config section) {
			at(t, config, "extensions", "health_check")["endpoint"] = "127.0.0.1:99999"
		},
		start:   "99999: invalid port",
		lint:    "127.0.0.1:99999 has no port",
		refused: map[string]string{"{collector: {healthPort: 99999}}": "collector.healthPort"},
	}, {
		name: "a port of metrics that is none",
		change: func(t *testing.T, config section) {
			prometheus(t, config)["port"] = 99999
		},
		start:   "99999: invalid port",
		lint:    "99999 is no port",
		refused: map[string]string{"{collector: {metricsPort: 99999}}": "collector.metricsPort"},
	}, {
		// Nothing but a line of the level info tells of it.
		name: "a backend's port that is none",
		change: func(t *testing.T, config section) {
			exporter := exporterOf(t, config)
			scheme := ""
			if strings.HasPrefix(exporter["endpoint"].(string), "https://") {
				scheme = "https://"
			}
			exporter["endpoint"] = scheme + "127.0.0.1:99999"
		},
		log:  "99999: invalid port",
		lint: "127.0.0.1:99999 has no port",
		refused: map[string]string{
			"{collector: {exporter: {endpoint: 'otlp.example.com:99999'}}}":                         "collector.exporter.endpoint",
			"{collector: {exporter: {protocol: http, endpoint: 'https://otlp.example.com:99999'}}}": "collector.exporter.endpoint",
		},
	}, {
		name: "a variable that is not set",
		change: func(t *testing.T, config section) {
			at(t, exporterOf(t, config), "headers")["x-token"] = "${env:KUBETRACE_NOT_SET}"
		},
		log:     "unset environment variable",
		arrives: true,
		loses:   "x-token",
		lint:    "nothing sets KUBETRACE_NOT_SET",
		refused: map[string]string{
			"{collector: {exporter: {endpoint: 'otlp:4317', headers: [{name: x-token}]}}}":                                                  "collector.exporter.headers[0].value",
			"{collector: {exporter: {endpoint: 'otlp:4317', headers: [{name: x-token, secretKeyRef: {name: a, key: b, optional: true}}]}}}": "collector.exporter.headers[0].secretKeyRef.optional",
			"{collector: {exporter: {endpoint: 'otlp:4317', headers: [{name: '${env:KUBETRACE_NOT_SET}', value: b}]}}}":                     "collector.exporter.headers[0].name",
			"{collector: {exporter: {endpoint: '${env:KUBETRACE_NOT_SET}:4317'}}}":                                                          "collector.exporter.endpoint",
			"{collector: {exporter: {endpoint: 'otlp:4317', tls: {serverName: '${env:KUBETRACE_NOT_SET}'}}}}":                               "collector.exporter.tls.serverName",
		},
	}, {
		name: "a name that is to go",
		from: "0.144.0",
		change: func(t *testing.T, config section) {
			for name := range at(t, config, "exporters") {
				rename(t, config, strings.ReplaceAll(name, "_grpc", ""))
				if name == "otlp_http" {
					rename(t, config, "otlphttp")
				}
			}
		},
		log:     "alias is deprecated",
		arrives: true,
		lint:    "is an old name of",
		refused: map[string]string{
			"{collector: {image: 'example.com/otelcol:latest', distribution: core}}": "collector.version",
			"{collector: {image: 'example.com/otelcol:0.128.0', version: 0.144.0}}":  "collector.version",
			"{collector: {image: 'example.com/otelcol:0.122.0'}}":                    "collector.image",
			"{collector: {exporter: {type: otlp, endpoint: 'otlp:4317'}}}":           "collector.exporter.type: Invalid value",
		},
	},
}

// Faults that "otelcol validate" accepts: seen with the collector itself, found by
// our own check of what is generated, and refused in a spec.
func TestSilentFaults(t *testing.T) {
	cell(t, noSilence)
	authority := newAuthority(t)
	clientCert, clientKey := authority.issue(t, "collector")
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{
		"tls":   {"ca.crt": authority.pem(), "tls.crt": clientCert, "tls.key": clientKey},
		"token": {"value": "sesame"},
	}}
	for _, fault := range silentFaults {
		if fault.from != "" && !runs(t, fault.from) {
			continue
		}
		for _, protocol := range []string{"grpc", "http"} {
			t.Run(fault.name+" "+protocol, func(t *testing.T) {
				newSink, scheme := NewGRPCSink, ""
				if protocol == "http" {
					newSink, scheme = NewHTTPSink, "https://"
				}
				sink := newSink(t, authority.server(t, ipv4))
				spec := localSpec(t, ipv4)
				spec.Collector.Exporter = tracing.ExporterSpec{
					Protocol: protocol, Endpoint: scheme + sink.Address,
					TLS:     &tracing.TLSSpec{CA: secretKey("tls", "ca.crt"), Cert: secretKey("tls", "tls.crt"), Key: secretKey("tls", "tls.key")},
					Headers: []tracing.HeaderSpec{{Name: "x-token", SecretKeyRef: secretKey("token", "value")}},
				}
				container := node.Prepare(t, collectorYAML(t, spec))
				container.Config = edit(t, container.Config, fault.change)

				if err := DryRun(t.Context(), container.Config); err != nil {
					t.Errorf("the collector's validation sees it: %v", err)
				}
				if found := strings.Join(lint(t, container), "\n"); !strings.Contains(found, fault.lint) {
					t.Errorf("our check finds %q; want %q", found, fault.lint)
				}
				collector, err := start(t.Context(), container.Config)
				if err == nil {
					t.Cleanup(func() { collector.Stop(t) })
				}
				if fault.start != "" {
					if err == nil || !strings.Contains(err.Error(), fault.start) {
						t.Errorf("the collector starts with the error %v; want %q", err, fault.start)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				Send(t, endpoint(t, spec), map[string]any{"service.name": "etcd"})
				waitForLog(t, collector, fault.log)
				if !fault.arrives {
					if warnings := collector.Log(zapcore.WarnLevel); len(warnings) > 0 {
						t.Errorf("it is not silent: %s", warnings)
					}
				}
				collector.Stop(t)
				exports, spans := sink.snapshot()
				if (spans == 1) != fault.arrives {
					t.Errorf("%d spans arrived", spans)
				}
				for _, export := range exports {
					for name, values := range export.Header {
						if name == fault.loses && strings.Join(values, "") != "" {
							t.Errorf("the header %s arrived as %q", name, values)
						}
					}
				}
			})
		}
		for text, want := range fault.refused {
			t.Run(fault.name+" "+text, func(t *testing.T) {
				spec, err := tracing.Load([]byte(text))
				if err == nil {
					spec.KubernetesVersion = "1.37"
					_, err = tracing.Resolve(spec)
				}
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("kubetrace says %v; want %q", err, want)
				}
			})
		}
	}
}

// Nothing that is generated has one of the faults.
func TestGeneratedConfigurationsHaveNoSilentFault(t *testing.T) {
	cell(t, noSilence)
	node := Node{Name: "node-1", Secrets: map[string]map[string]string{
		"tls":   {"ca.crt": "a", "tls.crt": "b", "tls.key": "c"},
		"token": {"value": "sesame"},
	}}
	ca, cert, key := secretKey("tls", "ca.crt"), secretKey("tls", "tls.crt"), secretKey("tls", "tls.key")
	headers := []tracing.HeaderSpec{
		{Name: "x-odd", Value: "${env:KUBETRACE_NOT_SET}"},
		{Name: "x-token", SecretKeyRef: secretKey("token", "value")},
		{Name: "x-tenant", Value: "$$a"},
		{Name: "x-other", SecretKeyRef: secretKey("token", "value")},
	}
	exporters := []tracing.ExporterSpec{
		{}, // the development backend
		{Endpoint: "otlp.example.com:4317"},
		{Endpoint: "dns:///otlp.example.com:4317", Insecure: true, Compression: "none"},
		{Endpoint: "[2001:db8::1]:4317", TLS: &tracing.TLSSpec{CA: ca, ServerName: "otlp.example.com"}},
		{Endpoint: "otlp.example.com:4317", TLS: &tracing.TLSSpec{Cert: cert, Key: key}, Headers: headers},
		{Protocol: "http", Endpoint: "http://otlp.example.com", Insecure: true},
		{Protocol: "http", Endpoint: "https://otlp.example.com/a$b/${env:KUBETRACE_NOT_SET}", Headers: headers},
		{Protocol: "http", Endpoint: "https://[2001:db8::1]:443", TLS: &tracing.TLSSpec{CA: ca, Cert: cert, Key: key}, Compression: "zstd"},
	}
	for _, listener := range []string{"127.0.0.1:65535", "[::1]:1024", "unix-abstract:///kubetrace"} {
		for i, exporter := range exporters {
			for _, cluster := range []string{"", "${env:KUBETRACE_NOT_SET}"} {
				t.Run(listener+" "+strconv.Itoa(i)+" "+cluster, func(t *testing.T) {
					spec := localSpec(t, ipv4)
					spec.Endpoint, spec.ClusterName, spec.Collector.Exporter = listener, cluster, exporter
					container := node.Prepare(t, collectorYAML(t, spec))
					for _, fault := range lint(t, container) {
						t.Errorf("%s\n%s", fault, container.Config)
					}
				})
			}
		}
	}
}
