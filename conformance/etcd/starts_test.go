package etcd

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/conformance/otlpsink"
	"kubetrace/tracing"
)

// Names that a command line, an environment or a protocol may take for
// something else.
const (
	oddService  = `store, "prod"=1 %41`
	oddInstance = `--ä/日本 #1; a`
)

// TestStarts gives each etcd what the library generates for it, by name and for
// the releases of Kubernetes whose kubeadm installs it: it comes up, complains of
// nothing, sends under the names of the spec, and ends.
func TestStarts(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := r.judge(t, "starts")
			if !r.traced() {
				// TestSamples has why the library gives it nothing.
				sink := byFlags.listen(t)
				starts(t, program, sink, byHand(r, sink.Endpoint()), nil, otlpsink.Source{Service: "etcd"})
				return
			}
			for name, spec := range startSpecs(t, r) {
				for _, by := range media {
					t.Run(name+" "+by.name, func(t *testing.T) {
						t.Parallel()
						sink := by.listen(t)
						spec.Endpoint = sink.Endpoint()
						resolved := resolve(t, spec)
						flags, env := by.give(t, resolved)
						if len(flags)+len(env) == 0 {
							t.Fatal("there is nothing to judge")
						}
						names := resolved.Spec().Etcd
						starts(t, program, sink, flags, env, otlpsink.Source{Service: names.ServiceName, Instance: names.InstanceID})
					})
				}
			}
		})
	}
}

// starts runs an etcd and judges its log, its names and its end.
func starts(t *testing.T, program *Program, sink *otlpsink.Sink, flags, env []string, want otlpsink.Source) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server := program.start(t, flags, env)
	if err := server.Read(ctx, slices.Repeat([]string{sampledParent}, batch)...); err != nil {
		t.Fatal(err)
	}
	spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) > 0 })
	if err != nil {
		t.Fatal(err)
	}
	server.stop(t)
	if diff := cmp.Diff(map[otlpsink.Source]int{want: len(spans)}, otlpsink.Count(spans)); diff != "" {
		t.Errorf("spans by source (-want +got):\n%s", diff)
	}
}

// startSpecs returns the specs that a release is started with, by what they are.
// Releases of Kubernetes for which the same is generated are one.
func startSpecs(t *testing.T, r release) map[string]tracing.TracingSpec {
	t.Helper()
	odd := named(r.version)
	odd.Etcd.ServiceName, odd.Etcd.InstanceID = oddService, oddInstance
	specs := map[string]tracing.TracingSpec{"named": named(r.version), "named oddly": odd}
	same := map[string][]string{} // releases of Kubernetes by flags
	for _, kubernetes := range tracing.Releases() {
		if kubernetes.EtcdTraced && slices.Contains(judgesOf(kubernetes), r.version) {
			flags := strings.Join(flagsOf(resolve(t, tracing.TracingSpec{KubernetesVersion: kubernetes.Kubernetes})), " ")
			same[flags] = append(same[flags], kubernetes.Kubernetes)
		}
	}
	for _, minors := range same {
		specs["default of "+strings.Join(minors, ", ")] = tracing.TracingSpec{KubernetesVersion: minors[0]}
	}
	return specs
}

// judgesOf returns the releases here that kubeadm installs by default for a
// release of Kubernetes or, where there are none, those on both sides of them.
func judgesOf(kubernetes tracing.Release) []string {
	var within, around []string
	for _, r := range releases {
		switch {
		case compare(r.version, kubernetes.EtcdLowest) < 0:
			around = []string{r.version}
		case compare(r.version, kubernetes.EtcdHighest) <= 0:
			within = append(within, r.version)
		default:
			around = append(around, r.version)
			if within == nil {
				return around
			}
			return within
		}
	}
	return within
}

// TestEveryDefaultIsJudged says that TestStarts leaves out no release of
// Kubernetes.
func TestEveryDefaultIsJudged(t *testing.T) {
	for _, kubernetes := range tracing.Releases() {
		judges := judgesOf(kubernetes)
		t.Logf("%s, %s to %s: %v", kubernetes.Kubernetes, kubernetes.EtcdLowest, kubernetes.EtcdHighest, judges)
		if len(judges) == 0 {
			t.Errorf("no etcd judges the default of %s, %s to %s: pin one", kubernetes.Kubernetes, kubernetes.EtcdLowest, kubernetes.EtcdHighest)
		}
	}
}
