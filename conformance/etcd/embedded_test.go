package etcd

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
	"kubetrace/conformance"
	"kubetrace/internal/k3stest"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

// fromFile is what every etcd is given by k3s beside tracing.
const fromFile = "name: judged\ndata-dir: DIR\nlisten-client-urls: http://127.0.0.1:0\nadvertise-client-urls: http://127.0.0.1:1\nlisten-peer-urls: http://127.0.0.1:0\ninitial-advertise-peer-urls: http://127.0.0.1:1\ninitial-cluster: judged=http://127.0.0.1:1\n"

// TestEmbedded has etcd's own reader read the file that k3s and RKE2 write of the flags
// that platform/k3s returns, as a program does that has etcd linked into it.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		if !r.traced() || strings.Contains(r.version, "-") { // a spec names no pre-release
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := embedded(t, r)
			for _, endpoint := range []string{"127.0.0.1:4317", "[::1]:4317", "unix-abstract:///kubetrace"} {
				spec := tracing.TracingSpec{KubernetesVersion: "1.34.1", Endpoint: endpoint, Etcd: tracing.EtcdSpec{Version: r.version, ServiceName: oddService, InstanceID: "member-1"}}
				settings, err := k3s.Settings(spec, kubetrace.ControlPlane, k3s.Options{Distribution: k3s.RKE2})
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]any{
					"EnableDistributedTracing": true, "DistributedTracingAddress": endpoint,
					"DistributedTracingServiceName": oddService, "DistributedTracingServiceInstanceID": "member-1",
				}
				if r.hasRate() {
					want["DistributedTracingSamplingRatePerMillion"] = 10000.0
				}
				got, err := readEmbedded(t, program, settings.EtcdArg)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", endpoint, diff)
				}
			}
		})
	}
}

// TestEmbeddedMistakes says why platform/k3s writes what it writes: the other spelling
// traces nothing, and a name that reads as a number ends etcd.
func TestEmbeddedMistakes(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		if compare(r.version, "3.5.11") < 0 {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := embedded(t, r)
			right, other := "", "experimental-"
			if r.row().FlagPrefix != "" {
				right, other = other, right
			}
			got, err := readEmbedded(t, program, []string{other + "enable-distributed-tracing=true"})
			if err != nil || got["EnableDistributedTracing"] != false {
				t.Errorf("the other spelling: got %v, %v", got, err)
			}
			for _, name := range []string{"12", "true", "[a]", "~"} {
				args := []string{right + "enable-distributed-tracing=true", right + "distributed-tracing-service-name=" + name}
				if got, err := readEmbedded(t, program, args); err == nil {
					t.Errorf("the name %s: got %v and no error", name, got)
				}
			}
		})
	}
}

// embedded builds the program with the etcd of a release.
func embedded(t *testing.T, r release) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	version, program, err := conformance.Build(ctx, "v"+r.version+".mod", module, "./testdata/embedded", func(string) string { return "-s -w" })
	if err != nil {
		t.Fatal(err)
	}
	t.Attr("component", "etcd")
	t.Attr("release", r.version)
	t.Attr("judge", "reads the file of k3s")
	t.Attr("by", version)
	return program
}

// readEmbedded returns what an etcd reads of a file of the flags of etcd-arg.
func readEmbedded(t *testing.T, program string, args []string) (fields map[string]any, err error) {
	t.Helper()
	text, err := k3stest.EtcdFile(args)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, append([]byte(strings.ReplaceAll(fromFile, "DIR", dir)), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := exec.CommandContext(t.Context(), program, file).Output()
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(printed, &fields)
	return fields, err
}
