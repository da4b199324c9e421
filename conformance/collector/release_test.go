package collector

import (
	"os"
	"strings"
	"testing"

	"kubetrace/tracing"
)

// The default image is of the release that these tests run.
func TestTheDefaultReleaseIsTheOneThatRuns(t *testing.T) {
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := "\tgo.opentelemetry.io/collector/otelcol v" + tracing.DefaultCollectorVersion + "\n"
	if !strings.Contains(string(module), want) {
		t.Errorf("tracing.DefaultCollectorVersion is %s, but go.mod does not require%s; move both", tracing.DefaultCollectorVersion, want)
	}
}
