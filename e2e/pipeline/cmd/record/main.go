// Command record makes the recording of package load anew: it boots a cluster
// whose components send every span, has it do nothing for a while and then some
// work, and writes a sample of what came together with a table of figures.
//
//	go run ./pipeline/cmd/record
//
// It needs Linux and root, says what else, and takes some ten minutes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"kubetrace"
	"kubetrace/e2e/cluster"
	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
	"kubetrace/e2e/pipeline/load"
	"kubetrace/e2e/scenario"
	"kubetrace/tracing"
)

// endpoint is where the components send, within the node.
const endpoint = "127.0.0.1:4317"

func main() {
	lab.Main()
	folder := flag.String("o", "pipeline/load", "the `folder` that gets the recording")
	idle := flag.Duration("idle", time.Minute, "how long the cluster does nothing")
	busy := flag.Duration("busy", 2*time.Minute, "how long it works")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, *folder, *idle, *busy); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func log(format string, arguments ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, arguments...))
}

func run(ctx context.Context, folder string, idle, busy time.Duration) (err error) {
	if err := lab.Missing(); err != nil {
		return err
	}
	log("building the programs (seconds with warm caches, about a quarter of an hour without)")
	set, err := components.Build(ctx, scenario.Newest().Release)
	if err != nil {
		return err
	}
	all := int32(1_000_000)
	bundle, err := kubetrace.Generate(tracing.TracingSpec{
		KubernetesVersion: set.Versions["kubeadm"], ClusterName: "recorded", Endpoint: endpoint,
		SamplingRatePerMillion: &all, Collector: tracing.CollectorSpec{Disabled: true},
	})
	if err != nil {
		return err
	}
	files, err := bundle.FS()
	if err != nil {
		return err
	}
	nodes, err := lab.New(scenario.Folder())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nodes.Close()) }()
	// Its node is "node-1", which is neutral.
	c, err := cluster.New(nodes, set, cluster.Options{Name: "node", Log: log})
	if err != nil {
		return err
	}
	if err := c.Init(ctx, files); err != nil {
		return err
	}
	if err := errors.Join(c.WaitNodes(ctx), c.WaitControlPlane(ctx)); err != nil {
		return err
	}
	r, err := receive(c.Nodes()[0])
	if err != nil {
		return err
	}
	defer r.close()
	log("waiting for the first spans: the components try again after up to two minutes")
	if err := lab.Wait(ctx, 5*time.Minute, "spans of every component", time.Second, func(context.Context) error { return r.complete() }); err != nil {
		return err
	}
	// What was queued until now is not what an idle cluster sends.
	if err := sleep(ctx, 20*time.Second); err != nil {
		return err
	}
	log("%s of an idle cluster", idle)
	table := load.Table{Versions: map[string]string{"kubernetes": set.Versions["kubelet"], "etcd": set.Versions["etcd"]}}
	if table.Idle, _, err = period(ctx, c, r, idle, sleepFor); err != nil {
		return err
	}
	log("%s of work", busy)
	var requests []request
	if table.Busy, requests, err = period(ctx, c, r, busy, work); err != nil {
		return err
	}
	return write(folder, table, requests)
}

func write(folder string, table load.Table, requests []request) error {
	text, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		return err
	}
	chosen := sample(requests)
	recording, err := load.WriteRecording(chosen)
	if err != nil {
		return err
	}
	log("%d of %d requests are %d bytes", len(chosen), len(requests), len(recording))
	return errors.Join(
		os.WriteFile(filepath.Join(folder, load.TableFile), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, load.RecordingFile), recording, 0o644),
	)
}

func sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(duration):
		return nil
	}
}
