package containerd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apply"
	"kubetrace/conformance/otlpsink"
	generated "kubetrace/containerd"
	table "kubetrace/release"
	"kubetrace/tracing"
)

// limit is more than any step of a test takes on a machine that is busy.
const limit = time.Minute

// calls is how many calls of each kind a test makes.
const calls = 10

// sampled is how many calls of each kind became spans.
type sampled struct {
	// Roots are calls without a trace context; the others have a parent that was
	// sampled, or was not.
	Roots, SampledParent, UnsampledParent int
}

// follows is what a containerd does that asks whether the kubelet samples a call.
var follows = sampled{SampledParent: calls}

// fromStart has containerd send what it has soon.
const fromStart = "OTEL_BSP_SCHEDULE_DELAY=100"

// run starts a containerd with a config.toml and an environment, calls it, and counts the
// spans that have arrived once it has ended, upon which it sends all that it has.
func (p *Program) run(t *testing.T, sink *otlpsink.Sink, folder string, config []byte, env []string) sampled {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server, err := p.Start(ctx, folder, config, append([]string{fromStart}, env...))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if err := server.Call(ctx, slices.Concat(make([]string, calls), slices.Repeat([]string{sampledParent}, calls), slices.Repeat([]string{unsampledParent}, calls))...); err != nil {
		t.Fatal(err)
	}
	// A second is many times as long as it waits with what it has.
	time.Sleep(time.Second)
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
	var count sampled
	seen := map[string]bool{}
	for _, span := range sink.Spans() {
		if span.Name != Version || span.Kind != "SERVER" || seen[span.ID] {
			continue
		}
		seen[span.ID] = true
		if service := span.Resource["service.name"]; service != "containerd" {
			t.Errorf("a span is of the service %q", service)
		}
		switch span.TraceID {
		case sampledTrace:
			count.SampledParent++
			if span.ParentID != "0000000000000001" {
				t.Errorf("a span is no child of the call: its parent is %q", span.ParentID)
			}
		case unsampledTrace:
			count.UnsampledParent++
		case readyTrace:
		default:
			count.Roots++
		}
	}
	if t.Failed() || count == (sampled{}) {
		t.Logf("containerd printed:\n%s", server.Printed())
	}
	return count
}

// shortFolder is one with a name that leaves room for that of a socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "c")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// media are where containerd sends to.
var media = map[string]string{"TCP": "127.0.0.1:0", "IPv6": "[::1]:0", "abstract socket": "unix-abstract:///%s"}

func listen(t *testing.T, medium string) *otlpsink.Sink {
	t.Helper()
	return otlpsink.Listen(t, strings.ReplaceAll(media[medium], "%s", fmt.Sprintf("containerd-%d-%d", os.Getpid(), time.Now().UnixNano())))
}

// resolve is a spec of a containerd that sends to a sink.
func resolve(t *testing.T, sink *otlpsink.Sink, version string, rate int32) tracing.Resolved {
	t.Helper()
	r, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: sink.Endpoint(),
		Containerd: &tracing.ContainerdSpec{Version: version, SamplingRatePerMillion: &rate}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// environment is what the generated drop-in sets.
func environment(r tracing.Resolved) (env []string) {
	for _, v := range generated.EnvFor(r) {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}

// laid is a config.toml into which apply has laid the tables, or which it has left
// alone where containerd goes by variables.
func laid(t *testing.T, r tracing.Resolved, folder string) []byte {
	t.Helper()
	result, err := apply.RuntimeFor(r, apply.ContainerdConfig, Config(folder), apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Text
}

// TestGenerated runs each release with what is generated for it, named with its patch and
// without.
func TestGenerated(t *testing.T) {
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "generated")
			row := r.row(t)
			minor := r.version[:strings.LastIndexByte(r.version, '.')]
			for _, test := range []struct {
				name, medium, version string
				rate                  int32
				want                  sampled
			}{
				{"what the kubelet samples", "TCP", r.version, 0, follows},
				{"over IPv6", "IPv6", r.version, 0, follows},
				{"to an abstract socket", "abstract socket", r.version, 0, follows},
				{"of a minor release", "TCP", minor, 0, follows},
				{"of a minor release, to an abstract socket", "abstract socket", minor, 0, follows},
				{"every call of somebody else too", "TCP", r.version, 1_000_000, sampled{Roots: calls, SampledParent: calls}},
				{"of a minor release, every call of somebody else too", "TCP", minor, 1_000_000, sampled{Roots: calls, SampledParent: calls}},
			} {
				if !row.FollowsParent { // its rate alone decides, and the minor release is that of later patches
					if test.want = (sampled{calls, calls, calls}); test.version == minor {
						test.want = sampled{}
					} else if test.rate == 0 {
						test.rate = 1_000_000
					}
				}
				t.Run(test.name, func(t *testing.T) {
					sink, folder := listen(t, test.medium), shortFolder(t)
					resolved := resolve(t, sink, test.version, test.rate)
					got := program.run(t, sink, folder, laid(t, resolved, folder), environment(resolved))
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("calls that became spans (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// TestImported runs the releases that read tables with the bundle's file, which a
// config.toml imports.
func TestImported(t *testing.T) {
	for _, r := range releases {
		if row := r.row(t); row.Variables || !row.FollowsParent {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "generated")
			sink, folder := listen(t, "TCP"), shortFolder(t)
			file := folder + "/tracing.toml"
			if err := os.WriteFile(file, generated.ConfigFileFor(resolve(t, sink, r.version, 0)).Marshal(), 0o600); err != nil {
				t.Fatal(err)
			}
			config := strings.Replace(string(Config(folder)), "version = 2\n", fmt.Sprintf("version = 2\nimports = [%q]\n", file), 1)
			if diff := cmp.Diff(follows, program.run(t, sink, folder, []byte(config), nil)); diff != "" {
				t.Errorf("calls that became spans (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWrongForms gives each release what it does not read, and sees that it runs and
// sends nothing: the reason for the library's table.
func TestWrongForms(t *testing.T) {
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "other forms")
			row := r.row(t)
			sink, folder := listen(t, "TCP"), shortFolder(t)
			// A release of each form: what is generated for it is the wrong one here.
			wrong := "1.7.15"
			if !row.Variables {
				wrong = "2.3"
			}
			resolved := resolve(t, sink, wrong, 1_000_000)
			env := environment(resolved)
			config := Config(folder)
			if tables := generated.ConfigFileFor(resolved); tables != nil {
				config = append(config, "\n"...)
				config = append(config, tables.Marshal()...)
			}
			if got := program.run(t, sink, folder, config, env); got != (sampled{}) {
				t.Errorf("with the form of containerd %s it sends %+v", wrong, got)
			}
		})
	}
}

// TestNewerConfig gives each release of 1.x a config.toml of version 3, which it refuses or
// starts with, as the library's table says.
func TestNewerConfig(t *testing.T) {
	for _, r := range releases {
		row, _ := table.ContainerdOf(r.version) // of the patch: it is no boundary of a row
		if row.ConfigVersion > 2 {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "other forms")
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			folder := shortFolder(t)
			server, err := program.Start(ctx, folder, bytes.Replace(Config(folder), []byte("version = 2"), []byte("version = 3"), 1), nil)
			if err == nil {
				if stopped := server.Stop(); stopped != nil {
					t.Error(stopped)
				}
			}
			if refused := err != nil; refused != row.RefusesNewerConfig {
				t.Errorf("with version 3 it is refused: %t (%v), and the table says %t", refused, err, row.RefusesNewerConfig)
			}
			if err != nil && !strings.Contains(err.Error(), "unsupported config version") {
				t.Errorf("it does not start for another reason: %v", err)
			}
		})
	}
}

// TestGuides gives what docs/tracing.md of containerd and most guides show, and sees what
// is wrong with it: calls are traced that the kubelet has decided not to trace.
func TestGuides(t *testing.T) {
	for _, r := range releases {
		if !r.row(t).Variables {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "other forms")
			sink, folder := listen(t, "TCP"), shortFolder(t)
			got := program.run(t, sink, folder, Config(folder), []string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + sink.Endpoint(), "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=1.0",
			})
			if got.Roots != calls || got.UnsampledParent != calls {
				t.Errorf("it traces %+v: the warning about it is wrong", got)
			}
		})
	}
}

// TestEnvironmentBeforeTables says that the drop-in may be on a node before its containerd
// is replaced by one that reads it: one that reads tables goes on with these.
func TestEnvironmentBeforeTables(t *testing.T) {
	for _, r := range releases {
		if row := r.row(t); row.Variables || !row.FollowsParent {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			program := r.judge(t, "generated")
			sink, folder := listen(t, "TCP"), shortFolder(t)
			now, next := resolve(t, sink, r.version, 0), resolve(t, sink, "2.3", 1_000_000)
			if diff := cmp.Diff(follows, program.run(t, sink, folder, laid(t, now, folder), environment(next))); diff != "" {
				t.Errorf("calls that became spans (-want +got):\n%s", diff)
			}
		})
	}
}
