package tracing

// CollectorRelease is what kubetrace knows of the OpenTelemetry Collector
// releases from one on.
type CollectorRelease struct {
	// From is the first release of the row, "0.144.0"; it holds until the next.
	From string
	// GRPCExporter and HTTPExporter are the types of the OTLP exporters in the
	// collector's configuration.
	GRPCExporter, HTTPExporter string
	// HeadersAreYAML says that a header which is nothing but the content of a
	// variable is read as YAML: 1234 as a number, which ends the collector, and
	// null as no header.
	HeadersAreYAML bool
	// QueueDamageStays says that a queue's file that is damaged is never put aside:
	// the collector ends each time that it is started.
	QueueDamageStays bool
	// QueueMaxSize says that file_storage bounds its file (max_size).
	QueueMaxSize bool
}

// 0.123 is the first release with sending_queue.batch and with metric readers
// in place of metrics.address. The OTLP exporters were renamed in 0.144; the old
// names are aliases that are to go. Headers became a list in 0.139
// (configopaque.MapList), which confmap gives the original text of from 0.145 on;
// collectors 0.128 to 0.162 were run. file_storage got bbolt 1.5.0, whose
// freepages walks the file in a goroutine of its own, where nothing catches a
// panic, in 0.155, and max_size in 0.156.
//
// Source: https://github.com/open-telemetry/opentelemetry-collector/blob/main/CHANGELOG.md
// (v0.144.0, #14403 and #14396), and for file_storage its config.go in 0.155 and
// 0.156.
var collectorReleases = since[CollectorRelease]{
	{numbers{0, 123}, CollectorRelease{GRPCExporter: "otlp", HTTPExporter: "otlphttp"}},
	{numbers{0, 139}, CollectorRelease{GRPCExporter: "otlp", HTTPExporter: "otlphttp", HeadersAreYAML: true}},
	{numbers{0, 144}, CollectorRelease{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", HeadersAreYAML: true}},
	{numbers{0, 145}, CollectorRelease{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http"}},
	{numbers{0, 155}, CollectorRelease{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", QueueDamageStays: true}},
	{numbers{0, 156}, CollectorRelease{GRPCExporter: "otlp_grpc", HTTPExporter: "otlp_http", QueueDamageStays: true, QueueMaxSize: true}},
}

var oldestCollector = numbers{0, 123}

// oldestQueueOnDisk is the first release run whose queue on disk counts spans and
// not requests; 0.128 refuses that. Its file_storage has recreate, which came in
// 0.131 and threw the queue away at every start until 0.132.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/41802
var oldestQueueOnDisk = numbers{0, 139}

// CollectorReleases returns the table of collector releases, oldest first. The
// last row also holds for what is newer. The slice is the caller's.
func CollectorReleases() []CollectorRelease {
	rows := make([]CollectorRelease, 0, len(collectorReleases))
	for _, row := range collectorReleases {
		rows = append(rows, collectorAt(row.from))
	}
	return rows
}

// collectorAt returns the row of a collector release, with From filled in.
func collectorAt(n numbers) CollectorRelease {
	row := collectorReleases.row(n)
	row.value.From = row.from.String()
	return row.value
}

// The official distributions by the last part of their image's name.
//
// Source: https://github.com/open-telemetry/opentelemetry-collector-releases/tree/main/distributions
var distributions = []struct{ name, image string }{
	{"core", "opentelemetry-collector"},
	{"k8s", "opentelemetry-collector-k8s"},
	{"contrib", "opentelemetry-collector-contrib"},
}

// officialRegistry is where the collector's releases are published.
const officialRegistry = "ghcr.io/open-telemetry/opentelemetry-collector-releases/"

// officialImage returns the image of a distribution at a version, or of the
// default where they are not known, which validation then reports.
func officialImage(distribution, version string) string {
	tag := DefaultCollectorVersion
	if v, ok := parseVersion(version); ok {
		tag = v.text
		if !v.hasPatch {
			tag = v.numbers.String()
		}
	}
	image := "opentelemetry-collector-" + DefaultCollectorDistribution
	for _, d := range distributions {
		if d.name == distribution {
			image = d.image
		}
	}
	return officialRegistry + image + ":" + tag
}
