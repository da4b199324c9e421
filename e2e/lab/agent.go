package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// serve is a node's first process: it starts what the lab asks it to, until the
// lab is no more.
func serve() error {
	a := &agent{services: map[string]*service{}, children: map[int]bool{}}
	server := rpc.NewServer()
	if err := server.RegisterName("Node", a); err != nil {
		return err
	}
	go a.reap()
	// It returns once the calls under way have ended, of which some take minutes.
	server.ServeConn(pipes{untilEnd{os.Stdin}, os.Stdout})
	return nil
}

// untilEnd ends this process with its input, and the kernel all processes of the
// node with it.
type untilEnd struct{ io.ReadCloser }

func (u untilEnd) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if err != nil {
		os.Exit(0)
	}
	return n, nil
}

// pipes are a connection of two ends.
type pipes struct {
	io.ReadCloser
	io.WriteCloser
}

func (p pipes) Close() error { return errors.Join(p.ReadCloser.Close(), p.WriteCloser.Close()) }

type agent struct {
	mu       sync.Mutex
	services map[string]*service
	children map[int]bool // that have somebody who waits for them
}

// Command is a program to run in a node.
type Command struct {
	Args  []string
	Env   []string // beside PATH and HOME
	Dir   string
	Stdin []byte
	// Timeout ends it. There has to be one.
	Timeout time.Duration
}

// Result is what a program printed and how it ended.
type Result struct {
	ExitCode       int
	Stdout, Stderr []byte
}

// Run runs a program to its end.
func (a *agent) Run(c Command, result *Result) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin = append(os.Environ(), c.Env...), c.Dir, bytes.NewReader(c.Stdin)
	// What it leaves behind may hold its output open.
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	wait, err := a.start(cmd)
	if err == nil {
		err = wait()
	}
	result.Stdout, result.Stderr = stdout.Bytes(), stderr.Bytes()
	if ctx.Err() != nil {
		return fmt.Errorf("%s has not ended after %s\n%s%s", strings.Join(c.Args, " "), c.Timeout, stdout.Bytes(), stderr.Bytes())
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it has ended well, and left something behind
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		result.ExitCode = exit.ExitCode()
		return nil
	}
	return err
}

// start starts a process that somebody waits for.
func (a *agent) start(cmd *exec.Cmd) (wait func() error, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	pid := cmd.Process.Pid
	a.children[pid] = true
	return func() error {
		err := cmd.Wait()
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.children, pid)
		return err
	}, nil
}

// reap waits for the processes whose parents have ended, such as those of
// containers, until the node ends.
func (a *agent) reap() {
	for range time.Tick(time.Second) {
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		a.mu.Lock()
		for _, stat := range stats {
			text, err := os.ReadFile(stat)
			if err != nil {
				continue
			}
			// "12 (name) Z 1 ...", where a name may hold anything.
			fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			if err == nil && len(fields) > 1 && fields[0] == "Z" && fields[1] == "1" && !a.children[pid] {
				_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
			}
		}
		a.mu.Unlock()
	}
}

// Service is a program that is started again whenever it ends, as systemd does.
type Service struct {
	Name string
	Args []string
	Env  []string
	// Log is the file that gets what it prints.
	Log string
}

type service struct {
	stop    chan struct{}
	stopped chan struct{}
	crashes int // guarded by the agent
}

// pause is how long systemd waits before it starts a kubelet again
// (RestartSec of kubeadm's package).
const pause = 10 * time.Second

// Start starts a service.
func (a *agent) Start(s Service, _ *struct{}) error {
	a.mu.Lock()
	_, there := a.services[s.Name]
	running := &service{stop: make(chan struct{}), stopped: make(chan struct{})}
	if !there {
		a.services[s.Name] = running
	}
	a.mu.Unlock()
	if there {
		return fmt.Errorf("%s runs already", s.Name)
	}
	go a.keep(s, running)
	return nil
}

func (a *agent) keep(s Service, running *service) {
	defer close(running.stopped)
	for {
		if a.runOnce(s, running) {
			return
		}
		select {
		case <-running.stop:
			return
		case <-time.After(pause):
		}
	}
}

// runOnce runs the service until it ends or is stopped.
func (a *agent) runOnce(s Service, running *service) (stopped bool) {
	log, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		return false
	}
	defer log.Close()
	cmd := exec.Command(s.Args[0], s.Args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), s.Env...), log, log
	wait, err := a.start(cmd)
	if err != nil {
		fmt.Fprintln(log, "kubetrace lab:", err)
		return false
	}
	ended := make(chan error, 1)
	go func() { ended <- wait() }()
	select {
	case err := <-ended:
		fmt.Fprintf(log, "kubetrace lab: %s ended by itself: %v\n", s.Name, err)
		a.mu.Lock()
		defer a.mu.Unlock()
		running.crashes++
		return false
	case <-running.stop:
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		_ = cmd.Process.Kill()
		<-ended
	}
	return true
}

// Crashes says how often a service has ended by itself since it was started.
func (a *agent) Crashes(name string, crashes *int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	running, there := a.services[name]
	if !there {
		return fmt.Errorf("%s does not run", name)
	}
	*crashes = running.crashes
	return nil
}

// stopTimeout is long, since what is traced and has nobody to send to may take
// it: see the documents of the packages etcd and apiserver.
const stopTimeout = 90 * time.Second

// Stop ends a service.
func (a *agent) Stop(name string, _ *struct{}) error {
	a.mu.Lock()
	running, there := a.services[name]
	delete(a.services, name)
	a.mu.Unlock()
	if !there {
		return fmt.Errorf("%s does not run", name)
	}
	close(running.stop)
	<-running.stopped
	return nil
}
