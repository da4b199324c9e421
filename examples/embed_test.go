// Package examples_test runs the example that is a module of its own.
package examples_test

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/tracing"
)

// TestEmbed builds and runs a program of someone else's that requires the
// library through a replace line.
func TestEmbed(t *testing.T) {
	command := exec.Command("go", "run", "-mod=readonly", ".")
	command.Dir = "embed"
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	want := "apiserver.config.k8s.io/v1beta1 127.0.0.1:4317\n" +
		"--enable-distributed-tracing=true\n" +
		"ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:" + tracing.DefaultCollectorVersion + "\n"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
