package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"

	"kubetrace/conformance"
)

// Program is the containerd program of one release.
type Program struct {
	// Version is the module's, such as "v1.7.18".
	Version string

	path string
}

// Build builds the containerd of a release, such as "1.7.18", that a mod file in the
// folder pins: this package's own, seen from the caller's working directory.
func Build(ctx context.Context, folder, release string) (*Program, error) {
	module := "github.com/containerd/containerd"
	if !strings.HasPrefix(release, "1.") {
		module += "/v2"
	}
	modFile := filepath.Join(folder, "v"+release+".mod")
	version, path, err := conformance.Build(ctx, modFile, module, module+"/cmd/containerd", func(version string) string {
		return "-s -w -X " + module + "/version.Version=" + version
	}, "no_cri", "no_btrfs", "no_devmapper", "no_zfs", "no_aufs")
	if err != nil {
		return nil, err
	}
	if version != "v"+release {
		return nil, fmt.Errorf("%s pins containerd %s: run go get -modfile=v%s.mod -tool %s/cmd/containerd@v%s there", modFile, version, release, module, release)
	}
	return &Program{Version: version, path: path}, nil
}

// stopLimit is how long a containerd may take to end after it was told to. It sends what
// waits, and gives that up to ten seconds.
const stopLimit = 20 * time.Second

// Server is a containerd that serves.
type Server struct {
	version    string
	connection *grpc.ClientConn
	process    *os.Process
	printed    *conformance.Printed
	ended      chan struct{}
	state      *os.ProcessState
}

// Config is a config.toml that keeps all that containerd writes below a folder, without
// any setting of tracing.
func Config(folder string) []byte {
	return fmt.Appendf(nil, `# of a test
version = 2
root = %q
state = %q
oom_score = 0

[grpc]
  address = %q

[ttrpc]
  address = %q
`, filepath.Join(folder, "root"), filepath.Join(folder, "state"), socket(folder), filepath.Join(folder, "t.sock"))
}

func socket(folder string) string { return filepath.Join(folder, "c.sock") }

// Start runs a containerd with a config.toml in a folder, whose name may be short since
// sockets are in it, and with these environment variables alone. It returns when
// containerd answers. The error is an *conformance.EndedError where it ended by itself.
// A server has to be stopped.
func (p *Program) Start(ctx context.Context, folder string, config []byte, env []string) (*Server, error) {
	file := filepath.Join(folder, "config.toml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	command := exec.Command(p.path, "--config", file)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...) // a stray OTEL_ variable changes what is judged
	s := &Server{version: p.Version, printed: &conformance.Printed{}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = s.printed, s.printed
	// Tests that time out clean nothing up.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start containerd %s: %w", p.Version, err)
	}
	s.process = command.Process
	go func() {
		defer close(s.ended)
		_ = command.Wait() // the state says the same
		s.state = command.ProcessState
	}()
	var err error
	if s.connection, err = grpc.NewClient("unix:"+socket(folder), grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return nil, &conformance.EndedError{Program: "containerd", Version: p.Version, ExitCode: s.state.ExitCode(), Printed: s.printed.String()}
		case <-ctx.Done():
			err := fmt.Errorf("containerd %s does not answer: %w; it printed:\n%s", p.Version, context.Cause(ctx), s.printed)
			return nil, errors.Join(err, s.Stop())
		case <-tick.C:
		}
		if s.Call(ctx, readyParent) == nil {
			return s, nil
		}
	}
}

// Version is the call that tests make.
const Version = "containerd.services.version.v1.Version/Version"

// Call calls Version once for each trace context; an empty one is none.
func (s *Server) Call(ctx context.Context, contexts ...string) error {
	for _, traceparent := range contexts {
		of := ctx
		if traceparent != "" {
			of = metadata.AppendToOutgoingContext(ctx, "traceparent", traceparent)
		}
		// What it answers is of no interest: all fields are unknown.
		if err := s.connection.Invoke(of, "/"+Version, &emptypb.Empty{}, &emptypb.Empty{}); err != nil {
			return err
		}
	}
	return nil
}

// Printed is all that containerd printed.
func (s *Server) Printed() string { return s.printed.String() }

// Stop ends containerd as systemd does, upon which it sends what waits, and returns when
// it has ended. Further calls do nothing.
func (s *Server) Stop() error {
	if s.connection != nil {
		_ = s.connection.Close()
	}
	select {
	case <-s.ended:
		return s.wronglyEnded()
	default:
	}
	if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop containerd %s: %w", s.version, err)
	}
	select {
	case <-s.ended:
		return s.wronglyEnded()
	case <-time.After(stopLimit):
	}
	err := s.process.Kill()
	<-s.ended
	return errors.Join(fmt.Errorf("containerd %s still ran %s after SIGTERM", s.version, stopLimit), err)
}

func (s *Server) wronglyEnded() error {
	if status, ok := s.state.Sys().(syscall.WaitStatus); ok && (status.Signaled() && status.Signal() == syscall.SIGTERM || status.ExitStatus() == 0) {
		return nil
	}
	return fmt.Errorf("containerd %s ended with %s and printed:\n%s", s.version, s.state, s.printed)
}

// What the calls of a test bring along.
const (
	sampledTrace   = "5a000000000000000000000000000001"
	unsampledTrace = "0a000000000000000000000000000002"
	readyTrace     = "3a000000000000000000000000000003" // of calls that nobody counts

	sampledParent   = "00-" + sampledTrace + "-0000000000000001-01"
	readyParent     = "00-" + readyTrace + "-0000000000000001-00"
	unsampledParent = "00-" + unsampledTrace + "-0000000000000001-00"
)
