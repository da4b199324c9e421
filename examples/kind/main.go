// Command kind writes everything that a kind cluster needs to trace itself: the
// bundle's files and beside them a kind.yaml, from a cluster configuration of
// yours or from nothing, and a kind.md that says what to do with them. Then it
// prints the commands that come next.
//
//	go run ./examples/kind -o out
//	go run ./examples/kind -release 1.34 -runtime -o out
//	go run ./examples/kind -release 1.29.1 -base my-cluster.yaml -o out
//
// Its rate is 1000000, which traces every request: right for a first look, too
// much for a cluster that is used.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace"
	"kubetrace/backend"
	"kubetrace/examples/cli"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

func main() { cli.Main(run) }

func run(w io.Writer, args []string) error {
	flags := cli.NewFlags("kind", w, 1_000_000)
	baseFile := flags.String("base", "", "`file` with a kind cluster of yours; its nodes, mounts and patches are kept")
	runtime := flags.Bool("runtime", false, "trace containerd too: that of the node image, where the spec names none")
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	if *runtime && spec.Containerd == nil {
		version, err := kind.NodeContainerd(spec)
		if err != nil {
			return explainRuntime(flags.Explain(err))
		}
		spec.Containerd = &tracing.ContainerdSpec{Version: version}
	}
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return flags.Explain(err)
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
		return explain(err)
	}
	config, err := tracing.Marshal(cluster)
	if err != nil {
		return err
	}
	runBook, err := kind.RunBookFor(resolved, cluster, dir)
	if err != nil {
		return err
	}
	if err := cli.WriteFolder(dir, files, map[string][]byte{kind.FileCluster: config, kind.FileRunBook: runBook}); err != nil {
		return err
	}
	return report(w, dir, resolved)
}

// explain adds to the error of a release without a known node image where to
// write one.
func explain(err error) error {
	var invalid *kind.InvalidClusterError
	if errors.As(err, &invalid) && slices.ContainsFunc(invalid.Errors, func(e *field.Error) bool {
		return e.Type == field.ErrorTypeRequired && strings.HasPrefix(e.Field, "nodes[")
	}) {
		return fmt.Errorf("%w\nwith -base FILE, a kind cluster that has nodes[].image", err)
	}
	return err
}

// explainRuntime adds to the error of a release without a known node image what to
// write for its containerd.
func explainRuntime(err error) error {
	var unknown *tracing.NotGeneratedError
	if errors.As(err, &unknown) {
		return fmt.Errorf("-runtime: %w: write containerd.version into the file of -spec, and leave -runtime out", err)
	}
	return err
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
	file := func(name string) string { return cli.ShellWord(filepath.Join(dir, filepath.FromSlash(name))) }
	has := func(c tracing.Component) bool { return r.NotGenerated(c) == nil }
	p.line("  kind create cluster --config %s", file(kind.FileCluster))
	for _, objects := range kubetrace.Files() {
		if objects.Applied && has(objects.Component) {
			p.line("  kubectl apply -f %s", file(objects.Name))
		}
	}
	if has(tracing.ComponentCollector) {
		p.line("  kubectl -n %s rollout status daemonset/%s --timeout=5m", spec.Collector.Namespace, spec.Collector.Name)
	}
	if has(tracing.ComponentGateway) {
		p.line("  kubectl -n %s rollout status deployment/%s --timeout=5m", spec.Gateway.Namespace, tracing.GatewayName)
	}
	if has(tracing.ComponentBackend) {
		p.line("  kubectl -n %s rollout status deployment/%s --timeout=5m", spec.Backend.Namespace, tracing.BackendName)
		p.line("  # wait up to two and a half minutes: the components connect again by themselves")
		p.line("  kubectl create deployment traced --image=registry.k8s.io/pause:3.9")
		p.line("  kubectl -n %s port-forward deployment/%s %d", spec.Backend.Namespace, tracing.BackendName, backend.QueryPort)
		p.line("  # the traces: http://127.0.0.1:%d", backend.QueryPort)
	}
	p.line("")
	p.line("How it works, how to see that it does, how to change and to undo it: %s", filepath.Join(dir, kind.FileRunBook))
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
