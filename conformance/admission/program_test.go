package admission

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/discovery"

	"kubetrace/conformance"
	"kubetrace/conformance/otlpsink"
)

const (
	// exportLimit is how long a span may take to arrive on a busy machine.
	exportLimit = time.Minute
	// silence is how long none may arrive to believe that none is sent: a
	// sender gives away what it has every five seconds.
	silence = 8 * time.Second
)

// testProgram starts the whole program with the generated flags and file, and
// with what we take care not to generate.
func testProgram(t *testing.T, r *release) {
	t.Run("sends spans", func(t *testing.T) {
		for _, address := range []string{"127.0.0.1:0", fmt.Sprintf("unix-abstract:///kubetrace-admission-%d-%s", os.Getpid(), r.minor)} {
			t.Run(address, func(t *testing.T) {
				t.Parallel()
				sink := otlpsink.Listen(t, address)
				r.mustStart(t, tracedBy(t, r.minor, sink.Endpoint()).flags)
				ctx, cancel := context.WithTimeout(t.Context(), exportLimit)
				defer cancel()
				if _, err := sink.Wait(ctx, sampled); err != nil {
					t.Error(err)
				}
			})
		}
	})
	for _, wrong := range wrongs {
		if wrong.of != "" && wrong.of != r.minor {
			continue
		}
		t.Run(wrong.name, func(t *testing.T) {
			t.Parallel()
			sink := otlpsink.Listen(t, "127.0.0.1:0")
			given := tracedBy(t, r.minor, sink.Endpoint())
			wrong.make(t, &given)
			if wrong.silent {
				server := r.mustStart(t, given.flags)
				expectSilence(t, server, sink)
				return
			}
			_, err := r.start(t, given.flags)
			var ended *conformance.EndedError
			switch {
			case err == nil:
				t.Error("it starts")
			case !errors.As(err, &ended):
				t.Error(err)
			case ended.ExitCode <= 0 || !strings.Contains(strings.ReplaceAll(ended.Printed, `\"`, `"`), wrong.want):
				t.Errorf("want an exit code above 0 and %q, got: %v", wrong.want, ended)
			}
		})
	}
}

// expectSilence makes requests and fails when a span arrives.
func expectSilence(t *testing.T, server *Server, sink *otlpsink.Sink) {
	t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(server.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ServerVersion(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), silence)
	defer cancel()
	spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) > 0 })
	if err == nil {
		t.Errorf("%d spans arrive", len(spans))
	}
}

// wrongs are changes of what is generated that a kube-apiserver must not be able
// to work with, which shows that the generated form is needed.
var wrongs = []struct {
	name   string
	of     string // the only release, or every one
	make   func(*testing.T, *traced)
	silent bool   // it starts and sends nothing
	want   string // or it ends and prints this
}{
	// That is why the gate is written up to 1.26.
	{name: "without the gate", of: "1.25", silent: true, make: func(t *testing.T, given *traced) {
		before := len(given.flags)
		given.flags = slices.DeleteFunc(given.flags, func(flag string) bool { return strings.HasPrefix(flag, "--feature-gates=") })
		if len(given.flags) != before-1 {
			t.Fatalf("no gate is generated: %q", given.flags)
		}
	}},
	// That is why it is not from 1.37 on.
	{name: "the gate that is gone", of: "1.37", want: "unrecognized feature gate: APIServerTracing", make: func(_ *testing.T, given *traced) {
		given.flags = append(given.flags, "--feature-gates=APIServerTracing=true")
	}},
	{name: "the API version of later releases", of: "1.25", want: `no kind "TracingConfiguration" is registered for version "apiserver.config.k8s.io/v1beta1"`, make: replace("/v1alpha1", "/v1beta1")},
	{name: "a misspelt field", of: "1.37", want: `unknown field "sampleRatePerMillion"`, make: replace("samplingRatePerMillion", "sampleRatePerMillion")},
	{name: "no file", want: "no such file", make: func(t *testing.T, given *traced) {
		if err := os.Remove(given.file); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "a rate above all", want: "samplingRatePerMillion", make: replace(": 1000000", ": 1000001")},
	{name: "a URL as the endpoint", want: "unsupported scheme", make: replace("endpoint: ", "endpoint: http://")},
	// Upstream takes it; a spec without an endpoint gets one.
	{name: "an empty endpoint", of: "1.37", silent: true, make: replace("endpoint: 127.0.0.1", `endpoint: "" # `)},
}

// replace changes a text of the tracing file that is there.
func replace(old, with string) func(*testing.T, *traced) {
	return func(t *testing.T, given *traced) {
		t.Helper()
		text, err := os.ReadFile(given.file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), old) != 1 {
			t.Fatalf("%q is not once in the tracing file:\n%s", old, text)
		}
		if err := os.WriteFile(given.file, []byte(strings.Replace(string(text), old, with, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
