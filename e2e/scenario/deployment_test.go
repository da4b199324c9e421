package scenario

import (
	"strings"
	"testing"
	"time"

	"kubetrace/e2e/jaeger"
)

// TestFindApart puts the traces of a kubelet together that makes one of each call to the
// runtime, with the runtime's spans in them.
func TestFindApart(t *testing.T) {
	start := time.Unix(1_000_000_000, 0)
	span := func(id, parent, service, operation string, after, lasts time.Duration) jaeger.Span {
		return jaeger.Span{ID: id, ParentID: parent, Service: service, Operation: operation, Start: start.Add(after), Duration: lasts}
	}
	isRoot := func(s jaeger.Span) bool { return s.Operation == "syncPod" }
	run := []call{{"kubelet", cri + "RunPodSandbox"}, {"containerd", cri + "RunPodSandbox"}}
	pod := jaeger.Trace{ID: "1", Spans: []jaeger.Span{span("a", "", "kubelet", "syncPod", 0, time.Second)}}
	asked := span("b", "", "kubelet", cri+"RunPodSandbox", time.Millisecond, time.Millisecond)
	done := span("c", "b", "containerd", cri+"RunPodSandbox", time.Millisecond, time.Millisecond)
	late := asked
	late.Start = start.Add(time.Minute)
	for _, test := range []struct {
		name   string
		traces []jaeger.Trace
		spans  int // or 0 where it is not found
	}{
		{"both", []jaeger.Trace{pod, {ID: "2", Spans: []jaeger.Span{asked, done}}}, 3},
		{"without the runtime", []jaeger.Trace{pod, {ID: "2", Spans: []jaeger.Span{asked}}}, 0},
		{"the runtime by itself", []jaeger.Trace{pod, {ID: "2", Spans: []jaeger.Span{asked}}, {ID: "3", Spans: []jaeger.Span{done}}}, 0},
		{"afterwards", []jaeger.Trace{pod, {ID: "2", Spans: []jaeger.Span{late, done}}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole, err := findApart(test.traces, isRoot, run...)
			switch {
			case test.spans == 0 && (err == nil || !strings.Contains(err.Error(), "containerd")):
				t.Errorf("it is found, or the error does not say what is missing: %v", err)
			case test.spans > 0 && (err != nil || len(whole.Spans) != test.spans):
				t.Errorf("%d spans, want %d: %v", len(whole.Spans), test.spans, err)
			}
		})
	}
}
