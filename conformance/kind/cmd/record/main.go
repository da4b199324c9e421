// Command record has kind create the clusters of all cases, against a stand-in
// for the container engine, and writes what came of them into a folder, with a
// cases.json that lists it: see package kubetrace above it.
//
//	go build -o "$dir/" ./cmd/record ./cmd/docker
//	"$dir/record" -o records
//
// With -modfile=v0.30.mod behind build it is that kind. The folder may hold the
// records of several releases of kind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"

	"sigs.k8s.io/kind/pkg/cluster/kubetrace"
)

func main() {
	kubetrace.Dispatch()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// job is a cluster to create.
type job struct {
	c     kubetrace.Case
	minor string
}

func run(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	out := flags.String("o", "", "`folder` for the records")
	docker := flags.String("docker", filepath.Join(filepath.Dir(self), "docker"), "`program` of cmd/docker")
	onlyCase := flags.String("case", "", "`name` of the only case to run")
	onlyMinor := flags.String("minor", "", "the only Kubernetes `release` to run, any that kubetrace knows, such as 1.29")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() > 0 {
		return errors.New("usage: record -o folder")
	}
	minors := kubetrace.Minors
	if *onlyMinor != "" {
		minors = []string{*onlyMinor}
	}
	var jobs []job
	for _, c := range kubetrace.Cases {
		for _, minor := range minors {
			fits, err := c.Fits(minor)
			if err != nil {
				return err
			}
			if fits && (*onlyCase == "" || *onlyCase == c.Name) {
				jobs = append(jobs, job{c, minor})
			}
		}
	}
	if len(jobs) == 0 {
		return fmt.Errorf("kind %s has no case %q for Kubernetes %q", kubetrace.Version(), *onlyCase, *onlyMinor)
	}
	recorder, err := kubetrace.NewRecorder(*docker, *out)
	if err != nil {
		return err
	}
	return errors.Join(record(ctx, recorder, jobs), recorder.Close())
}

// record runs the jobs, as many at once as the machine has processors.
func record(ctx context.Context, recorder *kubetrace.Recorder, jobs []job) error {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		wrong error
		done  int
	)
	waiting := make(chan job)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for j := range waiting {
				problems, err := recorder.Record(ctx, j.c, j.minor)
				for _, problem := range problems {
					err = errors.Join(err, errors.New(problem))
				}
				mu.Lock()
				done++
				fmt.Fprintf(os.Stderr, "kind %s: %d of %d: %s %s\n", kubetrace.Version(), done, len(jobs), j.c.Name, j.minor)
				if err != nil {
					wrong = errors.Join(wrong, fmt.Errorf("%s %s: %w", j.c.Name, j.minor, err))
				}
				mu.Unlock()
			}
		})
	}
	for _, j := range jobs {
		waiting <- j
	}
	close(waiting)
	wait.Wait()
	return wrong
}
