package tracing

import "kubetrace/release"

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
	if v, ok := release.ParseVersion(version); ok {
		tag = v.String()
		if !v.HasPatch() {
			tag = v.Numbers()
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
