package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that is measured.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has
	err   error         // how
}

// Usage is what a process has used.
type Usage struct {
	CPU time.Duration
	// Peak is the most memory that it had at once, in bytes.
	Peak int64
}

// startProcess starts a program that ends with this one, and waits until it
// listens. What it prints is added to a log file.
func startProcess(ctx context.Context, cpus cpus, group *memoryGroup, command Command, logFile string) (*process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args, flags := group.command(command.Args), uintptr(0)
	if command.Disk > 0 {
		args, flags = withDisk(args, command.DiskFolder, command.Disk), syscall.CLONE_NEWNS
	}
	p := &process{cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = command.Env, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// Ctrl-C is for the rig, which ends it.
		Setpgid:      true,
		Unshareflags: flags,
	}
	if err := cpus.onMeasured(p.cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Args[0], err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	if err := p.waitReady(ctx, command.Listens); err != nil {
		text, _ := os.ReadFile(logFile)
		return nil, errors.Join(fmt.Errorf("%s: %w; it printed:\n%s", command.Args[0], err, text), p.kill())
	}
	return p, nil
}

// withDisk is a command that runs another with a disk of its own at a folder. The
// mount is to be seen by nobody else, and ends with the process.
func withDisk(args []string, folder string, size int64) []string {
	const script = `mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"`
	return append([]string{"/bin/sh", "-c", script, strconv.FormatInt(size, 10), folder}, args...)
}

// startTimeout is how long a program may take to listen: a large queue on disk is
// read first.
const startTimeout = time.Minute

func (p *process) waitReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("it does not listen on %s after %s", address, startTimeout))
	defer cancel()
	for {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.ended:
			return fmt.Errorf("it ended by itself: %w", errOr(p.err, "with exit code 0"))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func errOr(err error, text string) error {
	if err == nil {
		return errors.New(text)
	}
	return err
}

// running says whether the process has not ended by itself.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the process at once, as the kernel does when there is no memory.
func (p *process) kill() error {
	err := p.cmd.Process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// usage is what the process has used so far.
func (p *process) usage() (u Usage, err error) {
	folder := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	// Of every thread, in nanoseconds, where "stat" has hundredths of a second. Go
	// does not end threads.
	// https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html
	threads, err := filepath.Glob(folder + "task/*/schedstat")
	if err != nil {
		return u, err
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			return u, err
		}
		var ran int64
		if _, err := fmt.Sscan(string(text), &ran); err != nil {
			return u, fmt.Errorf("%s is %q: the kernel was built without CONFIG_SCHED_INFO: %w", thread, text, err)
		}
		u.CPU += time.Duration(ran)
	}
	status, err := os.ReadFile(folder + "status")
	if err != nil {
		return u, err
	}
	for _, line := range strings.Split(string(status), "\n") {
		if value, is := strings.CutPrefix(line, "VmHWM:"); is {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			u.Peak = kib << 10
			return u, err
		}
	}
	return u, errors.New("the kernel does not tell VmHWM, the peak of a process's memory")
}
