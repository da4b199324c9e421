// Command kind writes everything that a kind cluster needs to trace itself: the
// bundle's files and a kind.yaml beside them, from a cluster configuration of
// yours or from nothing. Then it prints the commands that come next.
//
//	go run ./examples/kind -o out
//	go run ./examples/kind -release 1.29.1 -base my-cluster.yaml -o out
//
// Its rate is 1000000, which traces every request: right for a first look, too
// much for a cluster that is used.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kubetrace"
	"kubetrace/backend"
	"kubetrace/examples/internal/cli"
	"kubetrace/platform/kind"
	"kubetrace/tracing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

func main() { cli.Main(run) }

func run(w io.Writer, args []string) error {
	flags := cli.NewFlags("kind", w, 1_000_000)
	baseFile := flags.String("base", "", "`file` with a kind cluster of yours; its nodes, mounts and patches are kept")
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return err
	}
	bundle, err := kubetrace.GenerateFor(resolved)
	if err != nil {
		return err
	}
	files, err := bundle.FS()
	if err != nil {
		return err
	}
	// kind reads a relative path from where it is started, so the mount in
	// kind.yaml gets an absolute one.
	dir, err := filepath.Abs(flags.Output)
	if err != nil {
		return err
	}
	base, err := loadBase(*baseFile)
	if err != nil {
		return err
	}
	cluster, err := kind.ClusterFor(resolved, base, dir)
	if err != nil {
		return err
	}
	config, err := tracing.Marshal(cluster)
	if err != nil {
		return err
	}
	if err := cli.WriteFolder(dir, files, map[string][]byte{"kind.yaml": config}); err != nil {
		return err
	}
	return report(w, dir, resolved)
}

// loadBase reads the user's cluster, or nothing.
func loadBase(file string) (*v1alpha4.Cluster, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("-base: %w", err)
	}
	cluster, err := kind.Load(text)
	if err != nil {
		return nil, fmt.Errorf("-base %s: %w", file, err)
	}
	return cluster, nil
}

// report prints what was written and what to do next.
func report(w io.Writer, dir string, r tracing.Resolved) error {
	spec := r.Spec()
	p := &printer{w: w}
	p.line("Wrote %s for Kubernetes %s, tracing %d of a million requests (-rate).", dir, spec.KubernetesVersion, *spec.SamplingRatePerMillion)
	for _, warning := range r.Warnings {
		p.line("  note: %s", warning)
	}
	p.line("")
	p.line("Next:")
	if _, release, known := kind.NodeImageFor(r); known {
		p.line("  # with kind %s or later, which the node images are made for", release)
	}
	p.line("  kind create cluster --config %s", filepath.Join(dir, "kind.yaml"))
	if r.NotGenerated(tracing.ComponentCollector) == nil {
		p.line("  kubectl apply -f %s", filepath.Join(dir, "collector.yaml"))
	}
	if r.NotGenerated(tracing.ComponentBackend) == nil {
		p.line("  kubectl apply -f %s", filepath.Join(dir, "backend.yaml"))
		p.line("  kubectl -n %s rollout status deployment/%s", spec.Backend.Namespace, tracing.BackendName)
		p.line("  kubectl create deployment traced --image=registry.k8s.io/pause:3.9")
		p.line("  kubectl -n %s port-forward deployment/%s %d", spec.Backend.Namespace, tracing.BackendName, backend.QueryPort)
		p.line("  # the traces: http://127.0.0.1:%d", backend.QueryPort)
	}
	p.line("")
	p.line("How it works, how to see that it does, how to undo it: %s", filepath.Join(dir, "README.md"))
	return p.err
}

// printer prints lines until the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
