package etcd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"

	"kubetrace/conformance"
)

// stopLimit is how long an etcd may take to end after it was told to.
const stopLimit = 15 * time.Second

// Server is an etcd that serves.
type Server struct {
	// Address is the host:port of its client API.
	Address string

	version string
	process *os.Process
	printed *conformance.Printed
	ended   chan struct{} // closed when the process has ended and state is set
	state   *os.ProcessState
}

// serving is what etcd logs when it knows the port that it was given.
var serving = regexp.MustCompile(`"msg":"serving client traffic insecurely;[^\n]*"address":"([^"]+)"`)

// Start runs a one-member etcd on loopback with these flags and with these
// environment variables alone, and returns when it is healthy. The error is an
// *conformance.EndedError where it ended by itself. A server has to be stopped.
func (p *Program) Start(ctx context.Context, dataDir string, flags, env []string) (*Server, error) {
	// Nobody dials the two advertised addresses, so they may be wrong: the
	// ports are not known before they are taken.
	command := exec.Command(p.path, append([]string{
		"--name=judged", "--data-dir=" + dataDir,
		"--listen-client-urls=http://127.0.0.1:0", "--advertise-client-urls=http://127.0.0.1:1",
		"--listen-peer-urls=http://127.0.0.1:0", "--initial-advertise-peer-urls=http://127.0.0.1:1",
		"--initial-cluster=judged=http://127.0.0.1:1",
		// It need not survive a power failure, wait for other members or
		// translate HTTP.
		"--unsafe-no-fsync", "--heartbeat-interval=10", "--election-timeout=100", "--enable-grpc-gateway=false",
	}, flags...)...)
	command.Env = append([]string{}, env...) // not nil, which would be ours: a stray ETCD_ or OTEL_ variable changes what is judged
	s := &Server{version: p.Version, printed: &conformance.Printed{}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = s.printed, s.printed
	// Tests that time out clean nothing up.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start etcd %s: %w", p.Version, err)
	}
	s.process = command.Process
	go func() {
		defer close(s.ended)
		_ = command.Wait() // the state says the same
		s.state = command.ProcessState
	}()

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return nil, &conformance.EndedError{Program: "etcd", Version: p.Version, ExitCode: s.state.ExitCode(), Printed: s.Printed()}
		case <-ctx.Done():
			err := fmt.Errorf("etcd %s does not become healthy: %w; it printed:\n%s", p.Version, context.Cause(ctx), s.Printed())
			return nil, errors.Join(err, s.Stop())
		case <-tick.C:
		}
		if found := serving.FindStringSubmatch(s.Printed()); found != nil {
			s.Address = found[1]
			if s.healthy(ctx) {
				return s, nil
			}
		}
	}
}

// client asks etcd itself, whatever proxy the environment names.
var client = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true},
	Timeout:   5 * time.Second,
}

func (s *Server) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address+"/health", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Stop ends etcd as a kubelet does, and returns when it has ended. The error
// says that it did not end in time or ended in another way. Further calls do
// nothing.
func (s *Server) Stop() error {
	select {
	case <-s.ended:
		return s.wronglyEnded()
	default:
	}
	if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop etcd %s: %w", s.version, err)
	}
	select {
	case <-s.ended:
		return s.wronglyEnded()
	case <-time.After(stopLimit):
	}
	err := s.process.Kill()
	<-s.ended
	return errors.Join(fmt.Errorf("etcd %s still ran %s after SIGTERM", s.version, stopLimit), err)
}

// wronglyEnded returns nil where etcd ended by SIGTERM, which it sends itself
// again once it has closed everything, or as if nothing was wrong.
func (s *Server) wronglyEnded() error {
	status, ok := s.state.Sys().(syscall.WaitStatus)
	if ok && (status.Signaled() && status.Signal() == syscall.SIGTERM || status.ExitStatus() == 0) {
		return nil
	}
	return fmt.Errorf("etcd %s ended with %s and printed:\n%s", s.version, s.state, s.Printed())
}
