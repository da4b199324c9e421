package release

// Collector is what is known of the OpenTelemetry Collector releases from one on.
type Collector struct {
	// From is the first release of the row, "0.144.0"; it holds until the next.
	From string
	// GRPCExporter and HTTPExporter are the types of the OTLP exporters in the
	// collector's configuration.
	GRPCExporter, HTTPExporter string
	// Gateway says that a gateway was run with it: the collectors of the nodes wait
	// for what it says of their spans.
	Gateway bool
	// QueueOnDisk says that a queue on disk counts spans and not requests.
	QueueOnDisk bool
	// HeadersAreYAML says that a header which is nothing but the content of a
	// variable is read as YAML: 1234 as a number, which ends the collector, and
	// null as no header.
	HeadersAreYAML bool
	// QueueMaxSize says that file_storage bounds its file (max_size).
	QueueMaxSize bool
}

// 0.123 is the first release with sending_queue.batch and with metric readers
// in place of metrics.address. The OTLP exporters were renamed in 0.144; the old
// names are aliases that are to go. Headers became a list in 0.139
// (configopaque.MapList), which confmap gives the original text of from 0.145 on;
// collectors 0.128 to 0.165 were run. file_storage got max_size in 0.156.
//
// 0.128 is the first collector whose wait_for_result was run here. Its queue on
// disk refuses to count spans; 0.139 is the first one run that does, and its
// file_storage has recreate, which came in 0.131 and threw the queue away at every
// start until 0.132
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/41802).
//
// Source: https://github.com/open-telemetry/opentelemetry-collector/blob/main/CHANGELOG.md
// (v0.144.0, #14403 and #14396), and for file_storage its config.go in 0.156.
var collectorTable = since[Collector]{
	{numbers{0, 123}, Collector{GRPCExporter: "otlp", HTTPExporter: "otlphttp"}},
	{numbers{0, 128}, Collector{GRPCExporter: "otlp", HTTPExporter: "otlphttp", Gateway: true}},
	{numbers{0, 139}, Collector{GRPCExporter: "otlp", HTTPExporter: "otlphttp", Gateway: true, QueueOnDisk: true, HeadersAreYAML: true}},
	{numbers{0, 144}, Collector{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true, HeadersAreYAML: true}},
	{numbers{0, 145}, Collector{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true}},
	{numbers{0, 156}, Collector{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", Gateway: true, QueueOnDisk: true, QueueMaxSize: true}},
}

// AllCollectors returns the table of collector releases, oldest first. The last row
// also holds for what is newer. The slice is the caller's.
func AllCollectors() []Collector {
	rows := make([]Collector, 0, len(collectorTable))
	for _, row := range collectorTable {
		rows = append(rows, collectorAt(row.from))
	}
	return rows
}

// CollectorAt returns the row of a version of the collector, and false where it is
// older than the table.
func CollectorAt(v Version) (Collector, bool) {
	if v.numbers.before(collectorTable[0].from) {
		return Collector{}, false
	}
	return collectorAt(v.numbers), true
}

// FirstCollector returns the oldest release of the table of which something holds,
// "0.139.0", or nothing.
func FirstCollector(holds func(Collector) bool) string {
	for _, row := range AllCollectors() {
		if holds(row) {
			return row.From
		}
	}
	return ""
}

// collectorAt returns the row of a collector release, with From filled in.
func collectorAt(n numbers) Collector {
	row := collectorTable.row(n)
	row.value.From = row.from.String()
	return row.value
}
