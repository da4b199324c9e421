package kubernetes

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"kubetrace/conformance/judge/api"
	"kubetrace/conformance/otlpsink"
	"kubetrace/tracing"
)

// TestExport lets the release's own tracer providers send a span to the
// generated endpoint, which a collector of today reads: kube-apiserver of 1.22
// speaks a protocol that is years older.
func TestExport(t *testing.T) {
	for _, test := range []struct {
		judge, service string
		send           func(t *testing.T, j *Judge, result *Inspection, written *Written) []string
	}{
		{"kube-apiserver", "apiserver", func(t *testing.T, j *Judge, result *Inspection, written *Written) []string {
			pod := must(tracing.Marshal(result.apiServerPod))(t)
			return must(j.APIServer(api.APIServerRequest{Pod: string(pod), Files: written.Files, Export: true}))(t).Errors
		}},
		{"kubelet", "kubelet", func(t *testing.T, j *Judge, result *Inspection, _ *Written) []string {
			return must(j.Kubelet(api.KubeletRequest{Config: result.kubelet, Export: true}))(t).Errors
		}},
	} {
		t.Run(test.judge, func(t *testing.T) {
			eachMinor(t, test.judge, func(t *testing.T, j *Judge, release tracing.Release) {
				if test.judge == "kubelet" && !release.KubeletTraced {
					return // TestTable shows that this kubelet has no tracing.
				}
				for _, address := range []string{"127.0.0.1:0", "[::1]:0", fmt.Sprintf("unix-abstract:///kubetrace-%d-%s", os.Getpid(), release.Kubernetes)} {
					t.Run(address, func(t *testing.T) {
						sink := otlpsink.Listen(t, address)
						spec := specs(release, j.Version)["default"]
						spec.Endpoint = sink.Endpoint()
						written := must(Write(spec))(t)
						if problems := test.send(t, j, inspect(t, j, spec, written), written); len(problems) > 0 {
							t.Fatal(problems)
						}
						ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
						defer cancel()
						spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) > 0 })
						if err != nil {
							t.Fatal(err)
						}
						if got := spans[0].Resource["service.name"]; got != test.service {
							t.Errorf("the span comes from %q, not from %q", got, test.service)
						}
					})
				}
			})
		})
	}
}
