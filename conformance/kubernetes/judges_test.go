package kubernetes

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"kubetrace/conformance"
	"kubetrace/tracing"
)

// running holds each minor's judge, which serves every test and is started by
// the first.
var running = struct {
	sync.Mutex
	judges map[string]func() (*Judge, error)
}{judges: map[string]func() (*Judge, error){}}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, started := range running.judges {
		if j, err := started(); err == nil {
			if err := j.Close(); err != nil {
				fmt.Fprintf(os.Stderr, "the judge of %s: %v\n", j.Version, err)
				code = max(code, 1)
			}
		}
	}
	os.Exit(code)
}

func judgeOf(t *testing.T, minor string) *Judge {
	t.Helper()
	running.Lock()
	started, ok := running.judges[minor]
	if !ok {
		started = sync.OnceValues(func() (*Judge, error) {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
			defer cancel()
			return StartJudge(ctx, "../judge", minor)
		})
		running.judges[minor] = started
	}
	running.Unlock()
	j, err := started()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// eachMinor runs a test for each chosen minor, as a cell of the report.
func eachMinor(t *testing.T, judge string, test func(t *testing.T, j *Judge, release tracing.Release)) {
	t.Helper()
	minors := must(conformance.Minors())(t)
	for _, release := range tracing.Releases() {
		for _, minor := range minors {
			if minor != release.Kubernetes {
				continue
			}
			t.Run(minor, func(t *testing.T) {
				t.Parallel()
				// First, so that a judge that cannot be built has failed.
				t.Attr("component", "kubernetes")
				t.Attr("release", minor)
				t.Attr("judge", judge)
				j := judgeOf(t, minor)
				t.Attr("by", j.Version)
				test(t, j, release)
			})
		}
	}
}

// must returns what a call returned, and ends the test if it failed.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
