package etcd

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/conformance/otlpsink"
	"kubetrace/tracing"
)

// The reads of each kind: so many without a trace context that a rate of a
// quarter is told from its opposite and from a tenth of it.
const (
	rootReads   = 800
	parentReads = 100
)

// TestSamples counts the spans of each etcd and compares them with what the
// library says of it: a read whose parent is sampled always makes one, a read
// whose parent is not never does, and for the others it is as RootSampling says.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := r.judge(t, "samples")
			if !r.traced() {
				samplesEverything(t, r, program)
				return
			}
			for name, spec := range sampleSpecs(t, r) {
				for _, by := range media {
					t.Run(name+" "+by.name, func(t *testing.T) {
						t.Parallel()
						sink := by.listen(t)
						spec.Endpoint = sink.Endpoint()
						samples(t, program, sink, by, resolve(t, spec))
					})
				}
			}
		})
	}
}

// sampleSpecs returns the specs whose sampling a release has to follow: named
// with each kind of rate, and as a default of kubeadm that leaves the rate out.
func sampleSpecs(t *testing.T, r release) map[string]tracing.TracingSpec {
	t.Helper()
	specs := map[string]tracing.TracingSpec{}
	for name, spec := range startSpecs(t, r) {
		if _, ok := resolve(t, spec).EtcdSamplingRate(); !ok {
			specs[name] = spec
		}
	}
	for _, rate := range []int32{0, 250_000, 1_000_000} {
		spec := named(r.version)
		spec.Etcd.InstanceID = "judged"
		spec.Etcd.SamplingRatePerMillion = &rate
		if _, ok := resolve(t, spec).EtcdSamplingRate(); ok {
			specs[fmt.Sprint(rate)] = spec
		}
	}
	return specs
}

// samples runs an etcd and counts what it samples.
func samples(t *testing.T, program *Program, sink *otlpsink.Sink, by medium, resolved tracing.Resolved) {
	t.Helper()
	flags, env := by.give(t, resolved)
	server := program.start(t, flags, append(env, largeQueue))
	count, spans := server.read(t, sink, rootReads, parentReads)
	least, most := expectedRoots(t, resolved)
	if count.Roots < least || count.Roots > most {
		t.Errorf("%d of %d reads without a parent are sampled, want %d to %d", count.Roots, rootReads, least, most)
	}
	count.Roots = 0
	if diff := cmp.Diff(sampled{SampledParent: parentReads}, count); diff != "" {
		t.Errorf("reads with a parent that are sampled (-want +got):\n%s", diff)
	}
	names := resolved.Spec().Etcd
	want := otlpsink.Source{Service: names.ServiceName, Instance: names.InstanceID}
	if diff := cmp.Diff(map[otlpsink.Source]int{want: len(spans)}, otlpsink.Count(spans)); diff != "" {
		t.Errorf("spans by source (-want +got):\n%s", diff)
	}
}

// expectedRoots returns how many of the reads without a parent have to be
// sampled by what the library says.
func expectedRoots(t *testing.T, r tracing.Resolved) (least, most int) {
	t.Helper()
	rate, ok := r.EtcdSamplingRate()
	switch how := r.EtcdRelease().RootSampling; {
	case how == tracing.RootSamplingAll:
		return rootReads, rootReads
	case how == tracing.RootSamplingNone && slices.ContainsFunc(r.Warnings, func(w tracing.Warning) bool { return w.Code == tracing.WarnEtcdNoRootSampling }):
		return 0, 0
	case how == tracing.RootSamplingRate && ok:
		return binomialBounds(rootReads, float64(rate)/1e6)
	}
	t.Fatalf("the library says %q of reads without a parent and %v of a flag for the rate, with warnings %v", r.EtcdRelease().RootSampling, ok, r.Warnings)
	return 0, 0
}

// samplesEverything proves that the library is right to refuse a release: given
// the flags that it knows, it samples every read without a parent.
func samplesEverything(t *testing.T, r release, program *Program) {
	t.Helper()
	var invalid *tracing.InvalidSpecError
	if _, err := tracing.Resolve(named(r.version)); !errors.As(err, &invalid) {
		t.Errorf("the library says that etcd %s is not to be traced, and gives %v for it", r.version, err)
	}
	if how := r.row().RootSampling; how != tracing.RootSamplingAll {
		t.Errorf("the library refuses etcd %s, and says that it samples %q", r.version, how)
	}
	for _, kubernetes := range tracing.Releases() {
		if compare(kubernetes.EtcdLowest, r.version) > 0 || compare(r.version, kubernetes.EtcdHighest) > 0 {
			continue
		}
		if flags := flagsOf(resolve(t, tracing.TracingSpec{KubernetesVersion: kubernetes.Kubernetes})); len(flags) > 0 {
			t.Errorf("Kubernetes %s installs etcd %s by default and has %q", kubernetes.Kubernetes, r.version, flags)
		}
	}

	sink := byFlags.listen(t)
	server := program.start(t, byHand(r, sink.Endpoint()), nil)
	count, _ := server.read(t, sink, rootReads, parentReads)
	server.stop(t)
	if diff := cmp.Diff(sampled{Roots: rootReads, SampledParent: parentReads}, count); diff != "" {
		t.Errorf("sampled reads (-want +got):\n%s", diff)
	}
}

// byHand writes the flags that trace a release which the library refuses.
func byHand(r release, endpoint string) []string {
	prefix := "--" + r.row().FlagPrefix
	return []string{prefix + "enable-distributed-tracing=true", prefix + "distributed-tracing-address=" + endpoint}
}
