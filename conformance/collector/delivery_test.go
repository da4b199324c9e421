package collector

import (
	"net"
	"net/netip"
	"strconv"
	"testing"

	"kubetrace/tracing"
)

func TestSpansAreDelivered(t *testing.T) {
	cell(t, delivers)
	for _, image := range images(t) {
		for _, test := range []struct {
			name     string
			sink     func(testing.TB) (*Sink, string) // the backend and the exporter's endpoint
			exporter tracing.ExporterSpec
			abstract bool // from a socket in the abstract namespace instead of TCP
			host     string
		}{
			{name: "grpc", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Protocol: "grpc"}},
			{name: "grpc from an abstract socket", host: ipv4, sink: plainGRPC, abstract: true},
			{name: "grpc over IPv6", host: ipv6, sink: plainGRPC},
			{name: "grpc with zstd", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "zstd"}},
			{name: "grpc with snappy", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "snappy"}},
			{name: "grpc uncompressed", host: ipv4, sink: plainGRPC, exporter: tracing.ExporterSpec{Compression: "none"}},
			{name: "grpc by way of the resolver", host: ipv4, sink: func(tb testing.TB) (*Sink, string) {
				sink, address := plainGRPC(tb)
				return sink, "dns:///" + address
			}},
			{name: "http", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http"}},
			{name: "http from an abstract socket", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http"}, abstract: true},
			{name: "http over IPv6", host: ipv6, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http"}},
			{name: "http uncompressed", host: ipv4, sink: plainHTTP, exporter: tracing.ExporterSpec{Protocol: "http", Compression: "none"}},
		} {
			t.Run(test.name+", "+image.of, func(t *testing.T) {
				sink, exporterEndpoint := test.sink(t)
				spec := localSpec(t, test.host)
				spec.ClusterName = "east"
				if test.abstract {
					spec.Endpoint = abstractEndpoint()
				}
				spec.Collector.Image = image.name
				spec.Collector.Exporter = test.exporter
				spec.Collector.Exporter.Endpoint = exporterEndpoint
				spec.Collector.Exporter.Insecure = true
				container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
				for _, fault := range judgeOf(t, spec, sink).faults(t, container) {
					t.Error(fault)
				}
			})
		}
	}
}

// judgeOf returns the judge of a spec's configuration on the node node-1.
func judgeOf(tb testing.TB, spec tracing.TracingSpec, sink *Sink) judge {
	host := ipv4
	if address, err := netip.ParseAddrPort(spec.Endpoint); err == nil {
		host = address.Addr().String()
	}
	return judge{
		endpoint: endpoint(tb, spec),
		metrics:  "http://" + net.JoinHostPort(host, strconv.Itoa(int(spec.Collector.MetricsPort))) + "/metrics",
		node:     "node-1",
		cluster:  spec.ClusterName,
		sink:     sink,
	}
}

func plainGRPC(tb testing.TB) (*Sink, string) {
	sink := NewGRPCSink(tb, nil)
	return sink, sink.Address
}

func plainHTTP(tb testing.TB) (*Sink, string) {
	sink := NewHTTPSink(tb, nil)
	return sink, "http://" + sink.Address
}
