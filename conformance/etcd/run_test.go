package etcd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kubetrace/conformance"
	"kubetrace/conformance/otlpsink"
)

// limit is more than any step of a test takes on a machine that is busy.
const limit = time.Minute

// listen starts the sink that etcd is told of. The name of its socket is that of
// the test, which no other has.
func (m medium) listen(t *testing.T) *otlpsink.Sink {
	t.Helper()
	name := strings.Map(func(c rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-", c) {
			return c
		}
		return '-'
	}, strings.ToLower(t.Name()))
	return otlpsink.Listen(t, strings.ReplaceAll(m.endpoint, "%s", fmt.Sprintf("%s-%d", name, os.Getpid())))
}

// run runs an etcd until the test ends, or says why it did not come up.
func (p *Program) run(t *testing.T, flags, env []string) (*Server, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	// etcd makes the folder itself, with the mode that it wants.
	server, err := p.Start(ctx, filepath.Join(t.TempDir(), "data"), flags, env)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server, nil
}

// start runs an etcd that has to come up.
func (p *Program) start(t *testing.T, flags, env []string) *Server {
	t.Helper()
	server, err := p.run(t, flags, env)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// refused runs an etcd that must not come up, and returns why it did not.
func (p *Program) refused(t *testing.T, flags, env []string) *conformance.EndedError {
	t.Helper()
	server, err := p.run(t, flags, env)
	if err == nil {
		t.Fatalf("etcd comes up and complains of %q", server.Complaints())
	}
	var ended *conformance.EndedError
	if !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return ended
}

// stop ends an etcd and fails the test for what it complained of.
func (s *Server) stop(t *testing.T) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	for _, complaint := range s.Complaints() {
		t.Errorf("etcd complains: %s", complaint)
	}
}

// What the reads of a test bring along.
const (
	sampledTrace   = "5a000000000000000000000000000001"
	unsampledTrace = "0a000000000000000000000000000002"
	markerTrace    = "3a000000000000000000000000000003"

	sampledParent   = "00-" + sampledTrace + "-0000000000000001-01"
	unsampledParent = "00-" + unsampledTrace + "-0000000000000001-00"
	marker          = "00-" + markerTrace + "-0000000000000001-01"
)

// etcd sends a batch as soon as it is full. Two of them end each test, so that
// none waits for a timer, which etcd before 3.5.11 cannot be given.
const (
	batch   = 512
	markers = 2 * batch
)

// largeQueue keeps etcd from dropping spans on a slow machine, of which 3.7 makes
// several for each read. Before 3.5.11 etcd does not read it: there the spans of
// a whole test fit into the queue.
const largeQueue = "OTEL_BSP_MAX_QUEUE_SIZE=100000"

// sampled is how many reads of each kind became spans.
type sampled struct {
	// Roots are reads without a trace context; the others have a parent that
	// was sampled, or was not.
	Roots, SampledParent, UnsampledParent int
}

// read reads each kind that often and counts the spans. Spans leave etcd in the
// order in which the reads ended, so once a whole batch of markers has arrived
// all others have.
func (s *Server) read(t *testing.T, sink *otlpsink.Sink, roots, parents int) (sampled, []otlpsink.Span) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for _, contexts := range [][]string{
		make([]string, roots),
		slices.Repeat([]string{unsampledParent}, parents),
		slices.Repeat([]string{sampledParent}, parents),
		slices.Repeat([]string{marker}, markers),
	} {
		if err := s.Read(ctx, contexts...); err != nil {
			t.Fatal(err)
		}
	}
	spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool {
		arrived := 0
		for _, span := range spans {
			if span.TraceID == markerTrace && span.Name == ReadSpan {
				arrived++
			}
		}
		return arrived >= batch
	})
	if err != nil {
		t.Fatalf("%v\netcd printed:\n%s", err, s.Printed())
	}
	var count sampled
	for _, span := range spans {
		switch {
		case span.Name != ReadSpan:
			// 3.7 makes more spans of a read, and the tests count none of them.
		case span.TraceID == sampledTrace:
			count.SampledParent++
		case span.TraceID == unsampledTrace:
			count.UnsampledParent++
		case span.ParentID == "":
			count.Roots++
		case span.TraceID != markerTrace:
			t.Fatalf("a span is of no read: %+v", span)
		}
	}
	return count, spans
}
