// Command demo boots the newest cluster on this machine, has a Deployment come
// and go, draws its traces, and stays up until Ctrl-C:
//
//	go run ./cmd/demo
//
// It needs Linux and root, and says what else. Nothing of it is left afterwards
// but the folder that -o names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"kubetrace/e2e/lab"
	"kubetrace/e2e/scenario"
)

func main() {
	lab.Main()
	folder := flag.String("o", "out", "the `folder` that gets the pictures and a kubeconfig")
	release := flag.String("release", scenario.Newest().Name, "the `cluster` to boot, one of "+strings.Join(scenario.Names(), ", "))
	port := flag.String("port", "16686", "the `port` of this machine's loopback that forwards to Jaeger")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "demo: %q is no flag; a cluster is named with -release\n", flag.Args())
		os.Exit(2)
	}
	// SIGHUP is a terminal that is closed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, *release, *folder, *port); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, release, folder, port string) (err error) {
	plan, err := scenario.Find(release)
	if err != nil {
		return err
	}
	// What can be wrong is to be told before anything is built.
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var forwarded atomic.Pointer[scenario.Run]
	jaeger, err := lab.Forward(ctx, port, func(ctx context.Context) (net.Conn, error) {
		if r := forwarded.Load(); r != nil {
			return r.DialJaeger(ctx)
		}
		return nil, errors.New("there is no cluster yet")
	})
	if err != nil {
		return fmt.Errorf("%w; choose another port with -port", err)
	}
	began := time.Now()
	r, err := scenario.New(ctx, plan, func(format string, arguments ...any) {
		fmt.Printf("%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, arguments...))
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C
		}
		return err
	}
	defer func() {
		fmt.Println("removing the cluster")
		err = errors.Join(err, r.Close())
	}()
	err = show(ctx, r, folder, jaeger, func() { forwarded.Store(r) })
	if ctx.Err() != nil {
		return nil // Ctrl-C
	}
	return err
}

func show(ctx context.Context, r *scenario.Run, folder, jaeger string, forward func()) error {
	for _, step := range []func(context.Context) error{r.Boot, r.Apply} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	forward()
	fmt.Println("        waiting for the first spans: the components try again after up to two minutes")
	if err := r.Traced(ctx); err != nil {
		return err
	}
	if r.Plan.ControlPlane > 1 {
		if err := r.JoinWorker(ctx); err != nil {
			return err
		}
	}
	story, err := r.Scenario(ctx)
	if err != nil {
		return err
	}
	pictures, err := r.Draw(folder, story)
	if err != nil {
		return err
	}
	api, err := lab.Forward(ctx, "0", func(ctx context.Context) (net.Conn, error) {
		node := r.Cluster.Nodes()[0]
		return node.Dial(ctx, "tcp", net.JoinHostPort(node.Address, "6443"))
	})
	if err != nil {
		return err
	}
	kubeconfig, err := r.Cluster.Kubeconfig("https://" + api)
	if err != nil {
		return err
	}
	file, err := filepath.Abs(filepath.Join(folder, "kubeconfig"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, kubeconfig, 0o600); err != nil {
		return err
	}
	// The cluster's own, under a name that can be typed.
	kubectl := filepath.Join(folder, "kubectl")
	if err := errors.Join(os.RemoveAll(kubectl), os.Symlink(r.Cluster.Set.Path("kubectl"), kubectl)); err != nil {
		return err
	}
	fmt.Printf("\nThe cluster is traced. The pictures of the Deployment that came and went:\n\n")
	for _, picture := range pictures {
		fmt.Println("  " + picture)
	}
	fmt.Printf(`
Ask Jaeger's query API (its pages are not in its module, so there are none here):

  curl -s http://%[1]s/api/services
  curl -s 'http://%[1]s/api/traces?service=apiserver&limit=1'

Use the cluster; everything that you do is traced:

  export KUBECONFIG=%[2]s
  %[3]s get pods -A
  %[3]s create deployment mine --image=%[5]s

There is no registry, so other images cannot be pulled.

Ctrl-C ends it and removes everything but the folder %[4]s.
`, jaeger, file, kubectl, folder, r.Cluster.Set.PauseImage())
	<-ctx.Done()
	return nil
}
