package admission

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kubetrace"
	"kubetrace/conformance/etcd"
	"kubetrace/conformance/otlpsink"
	"kubetrace/tracing"
)

// releases are an old and a new one, each with an etcd of its time. The package
// comment says why the old one is not older.
var releases = []struct{ minor, etcd string }{
	{"1.25", "3.5.11"},
	{"1.37", "3.7.3"},
}

// TestKubernetes runs kube-apiserver of each release.
func TestKubernetes(t *testing.T) {
	chosen := minors(t)
	for _, of := range releases {
		if !slices.Contains(chosen, of.minor) {
			continue
		}
		t.Run(of.minor, func(t *testing.T) {
			t.Parallel()
			r, err := startRelease(t, of.minor, of.etcd)
			for _, cell := range []struct {
				judge string
				test  func(*testing.T, *release)
			}{
				{"kube-apiserver", testProgram},
				{"objects", testObjects},
			} {
				t.Run(cell.judge, func(t *testing.T) {
					t.Attr("component", "kubernetes")
					t.Attr("release", of.minor)
					t.Attr("judge", cell.judge)
					if err != nil {
						t.Fatal(err)
					}
					t.Attr("by", r.program.Version)
					t.Parallel()
					cell.test(t, r)
				})
			}
		})
	}
}

const (
	// startLimit is how long a kube-apiserver may take to become ready, or to
	// end, on a busy machine.
	startLimit = 3 * time.Minute
	// buildLimit is how long its first build may take there.
	buildLimit = 40 * time.Minute
)

// release is one of Kubernetes whose programs run.
type release struct {
	minor   string
	program *Program
	etcd    string // address
}

// startRelease builds what a release needs, and starts its etcd, which ends with
// the test.
func startRelease(t *testing.T, minor, etcdRelease string) (*release, error) {
	ctx, cancel := context.WithTimeout(t.Context(), buildLimit)
	defer cancel()
	store, err := etcd.Build(ctx, "../etcd", etcdRelease)
	if err != nil {
		return nil, err
	}
	program, err := Build(ctx, "../judge", minor)
	if err != nil {
		return nil, err
	}
	started, err := store.Start(ctx, t.TempDir(), nil, nil)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := started.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &release{minor: minor, program: program, etcd: started.Address}, nil
}

// start runs a kube-apiserver with these flags and an empty store until the test
// ends.
func (r *release) start(t *testing.T, flags []string) (*Server, error) {
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	folder := t.TempDir()
	server, err := r.program.Start(ctx, folder, r.etcd, "judged"+folder, flags...)
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

// mustStart is start where the server has to become ready.
func (r *release) mustStart(t *testing.T, flags []string) *Server {
	t.Helper()
	server, err := r.start(t, flags)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// traced is what a person gives to kube-apiserver who has a bundle.
type traced struct {
	flags []string
	file  string // of the flag --tracing-config-file, written
}

// tracedBy writes kube-apiserver's file of a bundle to a folder and returns the
// flags, all as generated for a release and an endpoint.
func tracedBy(t *testing.T, minor, endpoint string) traced {
	t.Helper()
	spec := tracing.TracingSpec{
		Endpoint:               endpoint,
		SamplingRatePerMillion: ptr(int32(1_000_000)),
		APIServer:              tracing.APIServerSpec{ConfigFile: filepath.Join(t.TempDir(), "tracing-config.yaml")},
	}
	bundle := generate(t, spec, minor)
	text, err := tracingFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	// The patch names each file that has to be on the node.
	for _, file := range bundle.Kubeadm.Files {
		if err := os.WriteFile(file.Path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := traced{file: spec.APIServer.ConfigFile}
	for _, arg := range bundle.Kubeadm.APIServer.Args {
		made.flags = append(made.flags, fmt.Sprintf("--%s=%s", arg.Name, arg.Value))
	}
	return made
}

func tracingFile(bundle *kubetrace.Bundle) ([]byte, error) {
	files, err := bundle.FS()
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(files, "apiserver/tracing-config.yaml")
}

// sampled says whether spans of requests to kube-apiserver are among these.
func sampled(spans []otlpsink.Span) bool {
	return slices.ContainsFunc(spans, func(span otlpsink.Span) bool {
		return span.Source().Service == "apiserver" && span.Kind == "SERVER"
	})
}
