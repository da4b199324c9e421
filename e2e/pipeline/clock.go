package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"kubetrace/e2e/components"
)

// jumpsEnv holds when a program's clock jumps: "8 3600 14 -3600" is an hour
// forward after eight seconds, and back after fourteen.
const jumpsEnv = "KUBETRACE_CLOCK_JUMPS"

// clockSource is what is added to Go's package time: a wall clock that jumps when
// the variable says so. The machine's own clock is everybody's, and Linux has no
// namespace for it.
const clockSource = `

var clockJumps = readClockJumps()

// readClockJumps returns pairs of a time since the start and a step, in seconds.
func readClockJumps() (jumps []int64) {
	text, _ := syscall.Getenv("` + jumpsEnv + `")
	n, negative, digits := int64(0), false, false
	for _, c := range text + " " {
		switch {
		case c == '-':
			negative = true
		case c >= '0' && c <= '9':
			n, digits = 10*n+int64(c-'0'), true
		case digits:
			if negative {
				n = -n
			}
			jumps, n, negative, digits = append(jumps, n), 0, false, false
		}
	}
	return jumps
}

// clockStep is how far the wall clock is off, in seconds.
func clockStep(mono int64) (step int64) {
	for i := 0; i+1 < len(clockJumps); i += 2 {
		if mono-startNano >= clockJumps[i]*1_000_000_000 {
			step += clockJumps[i+1]
		}
	}
	return step
}
`

// buildWithClock builds the collector with a clock that jumps. It takes minutes
// the first time, as every package depends on the clock's.
func buildWithClock(ctx context.Context, folder string) (program string, err error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	const now = "\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {\n"
	if bytes.Count(text, []byte(now)) != 1 {
		return "", fmt.Errorf("%s has another Now than that of Go 1.26: look at it and mend clock.go", source)
	}
	text = bytes.Replace(text, []byte(now), []byte("\tsec, nsec, mono := runtimeNow()\n\tsec += clockStep(mono)\n\tif mono == 0 {\n"), 1)
	text = bytes.Replace(text, []byte("import (\n"), []byte("import (\n\t\"syscall\"\n"), 1)
	replaced, overlay := filepath.Join(folder, "time.go"), filepath.Join(folder, "overlay.json")
	description, err := json.Marshal(map[string]map[string]string{"Replace": {source: replaced}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(replaced, append(text, clockSource...), 0o644), os.WriteFile(overlay, description, 0o644)); err != nil {
		return "", err
	}
	program = filepath.Join(folder, "otelcol-clock")
	build := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-trimpath", "-overlay="+overlay, "-o", program, "./cmd/otelcol")
	if build.Dir, err = components.CollectorModule(ctx); err != nil {
		return "", err
	}
	build.Env = append(os.Environ(), "GOWORK=off")
	if printed, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the collector with a clock that jumps: %w\n%s", err, printed)
	}
	return program, nil
}

var logTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)

// clockJumped says whether a log has lines that are half an hour apart.
func clockJumped(logFile string) error {
	text, err := os.ReadFile(logFile)
	if err != nil {
		return err
	}
	var first, last time.Time
	for _, match := range logTime.FindAll(text, -1) {
		at, err := time.Parse("2006-01-02T15:04:05", string(match))
		if err != nil {
			return err
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	if last.Sub(first) < 30*time.Minute {
		return fmt.Errorf("the clock did not jump: the log is of %s to %s", first, last)
	}
	return nil
}
