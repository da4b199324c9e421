package collector

import (
	"strings"
	"testing"

	"kubetrace/tracing"
)

// Each row of the library's table is right for the collectors from its release
// on: an older one refuses its names, a newer one still takes them.
func TestNamesOfEachRowOfTheTable(t *testing.T) {
	cell(t, refusesWrong)
	own := resolve(t, localSpec(t, ipv4)).CollectorRelease()
	for _, row := range tracing.CollectorReleases() {
		unknown := !runs(t, row.From) && row.GRPCExporter != own.GRPCExporter
		for _, protocol := range []string{"grpc", "http"} {
			t.Run(row.From+" "+protocol, func(t *testing.T) {
				spec := localSpec(t, ipv4)
				spec.Collector.Image, spec.Collector.Version = "", row.From
				spec.Collector.Exporter = tracing.ExporterSpec{Protocol: protocol, Endpoint: "https://otlp.example.com:4318"}
				if protocol == "grpc" {
					spec.Collector.Exporter.Endpoint = "otlp.example.com:4317"
				}
				container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
				err := DryRun(t.Context(), container.Config)
				switch {
				case !unknown && err != nil:
					t.Errorf("%v\n%s", err, container.Config)
				case unknown && (err == nil || !strings.Contains(err.Error(), "unknown type: \"otlp_")):
					t.Errorf("a collector from before %s says of its names: %v; want an unknown type", row.From, err)
				}
			})
		}
	}
}

// What the collector's own validation refuses.
func TestCollectorRefusesWhatItCannotRun(t *testing.T) {
	cell(t, refusesWrong)
	for _, test := range []struct {
		name   string
		change func(*testing.T, section)
		want   string
		until  string // the first release that takes it
	}{
		{name: "an unknown key", want: "has invalid keys: queue_length", change: func(t *testing.T, config section) {
			at(t, exporterOf(t, config), "sending_queue")["queue_length"] = "1s"
		}},
		{name: "an unknown component", want: "unknown type", change: func(t *testing.T, config section) {
			at(t, config, "extensions")["healthcheck"] = section{}
		}},
		{name: "a component that is not configured", want: "not configured", change: func(t *testing.T, config section) {
			at(t, config, "service", "pipelines", "traces")["processors"] = []string{"memory_limiter", "resource/cluster"}
		}},
		{name: "a value that cannot be", want: "limit_percentage", change: func(t *testing.T, config section) {
			at(t, config, "processors", "memory_limiter")["limit_percentage"] = 180
		}},
		{name: "the address of metrics as it was before 0.123", want: "has invalid keys: address", change: func(t *testing.T, config section) {
			at(t, config, "service", "telemetry", "metrics")["address"] = "127.0.0.1:18889"
		}},
		{name: "the exporter's name from 0.144 on", want: "unknown type: \"otlp_grpc\"", until: "0.144.0", change: func(t *testing.T, config section) {
			rename(t, config, "otlp_grpc/backend")
		}},
		{name: "a batch without settings", want: "must be positive", until: "0.138.0", change: func(t *testing.T, config section) {
			at(t, exporterOf(t, config), "sending_queue")["batch"] = section{}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, localSpec(t, ipv4)))
			err := DryRun(t.Context(), edit(t, container.Config, test.change))
			if test.until != "" && runs(t, test.until) {
				if err != nil {
					t.Errorf("the collector says %v, though it is %s or newer", err, test.until)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the collector says %v; want an error with %q", err, test.want)
			}
		})
	}
}

// What the collector's own validation lets pass and the judge of delivery must
// not. Each is one step away from what is generated.
func TestJudgeRefusesWrongConfigurations(t *testing.T) {
	cell(t, refusesWrong)
	for _, test := range []struct {
		name   string
		change func(*testing.T, section)
		want   string

		abstract bool
		nodeName string
		from     string // the first release that the fault is one for
	}{
		{name: "an abstract socket by TCP", abstract: true, want: "missing port in address", change: func(t *testing.T, config section) {
			delete(at(t, config, "receivers", "otlp", "protocols", "grpc"), "transport")
		}},
		// It listens on a file of that name in its working directory.
		{name: "a TCP address as a socket", want: "connection refused", change: func(t *testing.T, config section) {
			at(t, config, "receivers", "otlp", "protocols", "grpc")["transport"] = "unix"
		}},
		{name: "a socket of another name", abstract: true, want: "connection refused", change: func(t *testing.T, config section) {
			grpc := at(t, config, "receivers", "otlp", "protocols", "grpc")
			grpc["endpoint"] = strings.Replace(grpc["endpoint"].(string), "@/", "@", 1)
		}},
		{name: "the exporter's name from before 0.144", from: "0.144.0", want: "alias is deprecated", change: func(t *testing.T, config section) {
			rename(t, config, "otlp")
		}},
		{name: "a node's name that is a number", nodeName: "1234", want: `int64(1234)`, change: func(t *testing.T, config section) {
			setAttribute(t, config, "k8s.node.name", "value", "${env:K8S_NODE_NAME}")
		}},
		{name: "a node's name that is nothing", nodeName: "null", want: "must be specified", change: func(t *testing.T, config section) {
			setAttribute(t, config, "k8s.node.name", "value", "${env:K8S_NODE_NAME}")
		}},
		{name: "a node that components name", want: "elsewhere", change: func(t *testing.T, config section) {
			setAttribute(t, config, "k8s.node.name", "action", "insert")
		}},
		{name: "an instance that components may not name", want: "apiserver-1", change: func(t *testing.T, config section) {
			setAttribute(t, config, "service.instance.id", "action", "upsert")
		}},
		{name: "a cluster's name that is expanded", want: `string("node-1")`, change: func(t *testing.T, config section) {
			setAttribute(t, config, "k8s.cluster.name", "value", "${env:K8S_NODE_NAME}")
		}},
		{name: "no cluster", want: "k8s.cluster.name", change: func(t *testing.T, config section) {
			resource := at(t, config, "processors", "resource/node")
			resource["attributes"] = []any{attribute(t, config, "k8s.node.name"), attribute(t, config, "service.instance.id")}
		}},
		{name: "no health check", want: "probe: ", change: func(t *testing.T, config section) {
			at(t, config, "service")["extensions"] = []string{}
		}},
		{name: "TLS to a backend without", want: "0 of 2 spans arrived", change: func(t *testing.T, config section) {
			delete(exporterOf(t, config), "tls")
		}},
	} {
		if test.from != "" && !runs(t, test.from) {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir()) // for the socket that one of them makes
			sink := NewGRPCSink(t, nil)
			spec := localSpec(t, ipv4)
			spec.ClusterName = "east"
			if test.abstract {
				spec.Endpoint = abstractEndpoint()
			}
			spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: sink.Address, Insecure: true}
			judge := judgeOf(t, spec, sink)
			judge.early = true
			if test.nodeName != "" {
				judge.node = test.nodeName
			}
			container := Node{Name: judge.node}.Prepare(t, collectorYAML(t, spec))
			container.Config = edit(t, container.Config, test.change)
			faults := strings.Join(judge.faults(t, container), "\n")
			if !strings.Contains(faults, test.want) {
				t.Errorf("the judge found %q; want a fault with %q in\n%s", faults, test.want, container.Config)
			}
		})
	}
}
