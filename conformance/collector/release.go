package collector

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/resourceprocessor"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// linked are a function of each module whose release decides a configuration.
var linked = []any{
	otelcol.NewCollector,
	otlpreceiver.NewFactory,
	memorylimiterprocessor.NewFactory,
	resourceprocessor.NewFactory,
	otlpexporter.NewFactory,
	otlphttpexporter.NewFactory,
	healthcheckextension.NewFactory,
}

var sourceVersion = regexp.MustCompile(`@v([0-9]+\.[0-9]+\.[0-9]+)/`)

// Release returns the release of the collector that is linked, such as
// "0.165.0", which is that of the package otelcol. Others may be of another patch, since
// contrib is released by itself. It stands in the paths of the source that was compiled:
// the build information of a test program does not list its modules.
func Release() (string, error) {
	var releases []string
	for _, function := range linked {
		entry := reflect.ValueOf(function).Pointer()
		file, _ := runtime.FuncForPC(entry).FileLine(entry)
		match := sourceVersion.FindStringSubmatch(file)
		if match == nil {
			return "", fmt.Errorf("%s names no version: run these tests with a module cache, without vendoring", file)
		}
		if !slices.ContainsFunc(releases, func(r string) bool { return minorOf(r) == minorOf(match[1]) }) {
			releases = append(releases, match[1])
		}
	}
	if len(releases) != 1 {
		return "", fmt.Errorf("the collector's modules are of the releases %s; the mod file has to require those of one minor release", strings.Join(releases, " and "))
	}
	return releases[0], nil
}

// minorOf is a release without its patch.
func minorOf(release string) string { return release[:strings.LastIndexByte(release, '.')] }
