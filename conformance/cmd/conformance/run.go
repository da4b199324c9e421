package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"kubetrace/conformance/matrix"
)

// neededGigabytes is what Go's caches take for all judges: measured, and rounded
// up.
const neededGigabytes = 40

// tellDisk says how much room there is before hours are spent.
func tellDisk() {
	var fs syscall.Statfs_t
	home, err := os.UserCacheDir()
	if err != nil || syscall.Statfs(home, &fs) != nil {
		return // Go itself will say that it has no cache.
	}
	free := fs.Bavail * uint64(fs.Bsize) >> 30
	fmt.Printf("all judges need up to %d GB in Go's caches when they are built for the first time; %d GB are free\n", neededGigabytes, free)
}

// runSteps runs the tests one step after the other, says how far it is, and
// returns the rows and what failed.
func runSteps(ctx context.Context, steps []step) (*matrix.Matrix, []string, error) {
	begin := time.Now()
	var collector matrix.Collector
	var failed []string
	for i, s := range steps {
		fmt.Printf("\n== %s  %d of %d: %s\n", time.Since(begin).Round(time.Second), i+1, len(steps), s)
		err := test(ctx, s, &collector)
		if ctx.Err() != nil {
			return nil, nil, errors.Join(err, ctx.Err())
		}
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", s, err))
		}
	}
	fmt.Printf("\n== %s  all judged\n", time.Since(begin).Round(time.Second))
	return collector.Matrix(today()), failed, nil
}

// test runs one step.
func test(ctx context.Context, s step, collector *matrix.Collector) error {
	arguments := append([]string{"test", "-json", "-count=1", "-timeout=80m", "-modfile=" + s.modFile}, s.packages...)
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = s.folder
	command.Env = append(os.Environ(), "GOWORK=off")
	// Tests, compilers and what they have started end together.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	// Each test's own output is shown when it has failed.
	printed := map[string]*strings.Builder{}
	tests := 0 // that have passed
	collectErr := collector.Collect(output, func(e matrix.Event) {
		name := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			// Progress of long builds goes straight on.
			if strings.HasPrefix(e.Output, "conformance: ") || e.Action == "build-output" {
				fmt.Print(e.Output)
				return
			}
			// What is left says why a test failed.
			if strings.HasPrefix(e.Output, "=== ") || strings.HasPrefix(strings.TrimSpace(e.Output), "--- PASS") {
				return
			}
			if printed[name] == nil {
				printed[name] = &strings.Builder{}
			}
			printed[name].WriteString(e.Output)
		case "fail":
			if out := printed[name]; out != nil {
				fmt.Print(out)
			}
			delete(printed, name)
		case "pass", "skip":
			if e.Test == "" {
				fmt.Printf("   %-6s %s\n", e.Action, e.Package)
			} else if tests++; !strings.Contains(e.Test, "/") {
				fmt.Printf("   %-6s %s\n", e.Action, e.Test)
			}
			delete(printed, name)
		}
	})
	err = command.Wait()
	if tests == 0 {
		err = errors.Join(err, errors.New("no test has passed"))
	}
	return errors.Join(collectErr, err)
}
