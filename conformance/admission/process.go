package admission

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"

	"kubetrace/conformance"
)

// process is a child of this program that does not outlive it.
type process struct {
	name    string
	child   *os.Process
	printed conformance.Printed
	ended   chan struct{} // closed when the process has ended and state is set
	state   *os.ProcessState
	killed  atomic.Bool
}

// startProcess runs a program with these arguments and no environment: a stray
// OTEL_ or proxy variable would change what is judged.
func startProcess(name, path string, args ...string) (*process, error) {
	p := &process{name: name, ended: make(chan struct{})}
	command := exec.Command(path, args...)
	command.Env = []string{}
	command.Stdout, command.Stderr = &p.printed, &p.printed
	// Tests that time out clean nothing up.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.child = command.Process
	go func() {
		defer close(p.ended)
		_ = command.Wait() // the state says the same
		p.state = command.ProcessState
	}()
	return p, nil
}

// kill ends the process, which has nothing to save, and returns when it has
// ended. The error says that it had ended by itself. Further calls do nothing.
func (p *process) kill() error {
	if p.killed.Swap(true) {
		return nil
	}
	select {
	case <-p.ended:
		return fmt.Errorf("%s ended by itself with %s and printed:\n%s", p.name, p.state, p.printed.String())
	default:
	}
	if err := p.child.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.ended
	return nil
}
