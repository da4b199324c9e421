package admission

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"kubetrace/conformance"
)

const (
	module      = "k8s.io/kubernetes"
	mainPackage = module + "/cmd/kube-apiserver"
)

// Program is the kube-apiserver of one release.
type Program struct {
	// Version is the module's, such as "v1.22.17".
	Version string

	path string
}

// Build builds the kube-apiserver of a minor release, such as "1.22", that a mod
// file in the folder pins.
func Build(ctx context.Context, folder, minor string) (*Program, error) {
	version, path, err := conformance.Build(ctx, filepath.Join(folder, "v"+minor+".mod"), module, mainPackage, conformance.KubernetesFlags)
	if err != nil {
		return nil, err
	}
	return &Program{Version: version, path: path}, nil
}

// Server is a kube-apiserver that is ready.
type Server struct {
	// Config is for a client that may do everything.
	Config *rest.Config

	process *process
}

// portTaken is what a kube-apiserver prints when somebody took its port between
// our choice and its start.
const portTaken = "address already in use"

// Start runs a kube-apiserver on loopback with these flags beside those that it
// cannot do without, and returns when it is ready. The etcd is that at the
// address, under a prefix, so that servers can share one; the folder is for
// files of the server's own. The error is a *conformance.EndedError where it ended by
// itself. A server has to be stopped.
func (p *Program) Start(ctx context.Context, folder, etcd, prefix string, flags ...string) (*Server, error) {
	for {
		server, err := p.start(ctx, folder, etcd, prefix, flags)
		var ended *conformance.EndedError
		if errors.As(err, &ended) && strings.Contains(ended.Printed, portTaken) && ctx.Err() == nil {
			continue
		}
		return server, err
	}
}

func (p *Program) start(ctx context.Context, folder, etcd, prefix string, flags []string) (*Server, error) {
	files, err := newCredentials(folder)
	if err != nil {
		return nil, fmt.Errorf("start kube-apiserver %s: %w", p.Version, err)
	}
	// It takes no port 0.
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("start kube-apiserver %s: %w", p.Version, err)
	}
	started, err := startProcess("kube-apiserver "+p.Version, p.path, append([]string{
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port,
		"--etcd-servers=http://" + etcd, "--etcd-prefix=/" + prefix,
		"--tls-cert-file=" + files.CertFile, "--tls-private-key-file=" + files.KeyFile, "--cert-dir=" + folder,
		"--token-auth-file=" + files.TokensFile, "--anonymous-auth=false", "--authorization-mode=AlwaysAllow",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-signing-key-file=" + files.KeyFile, "--service-account-key-file=" + files.KeyFile,
		"--service-cluster-ip-range=192.0.2.0/24", // nothing is ever routed there
		// As kubeadm has it: Pod Security is what keeps privileges away.
		"--allow-privileged=true",
		// There is no one who would use the Service kubernetes.
		"--endpoint-reconciler-type=none",
	}, flags...)...)
	if err != nil {
		return nil, err
	}
	server := &Server{
		Config: &rest.Config{
			Host:            "https://127.0.0.1:" + port,
			BearerToken:     files.Token,
			TLSClientConfig: rest.TLSClientConfig{CAFile: files.CertFile},
			Proxy:           http.ProxyURL(nil), // whatever the environment names
			QPS:             -1,
			UserAgent:       "kubetrace-conformance",
		},
		process: started,
	}
	err = server.wait(ctx, p.Version)
	var ended *conformance.EndedError
	switch {
	case err == nil:
		return server, nil
	case errors.As(err, &ended):
		return nil, err
	default:
		return nil, errors.Join(err, server.Stop())
	}
}

// wait returns when the server says that it is ready.
func (s *Server) wait(ctx context.Context, version string) error {
	client, err := rest.HTTPClientFor(s.Config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.process.ended:
			return &conformance.EndedError{Program: "kube-apiserver", Version: version, ExitCode: s.process.state.ExitCode(), Printed: s.Printed()}
		case <-ctx.Done():
			return fmt.Errorf("kube-apiserver %s does not become ready: %w; it printed:\n%s", version, context.Cause(ctx), s.Printed())
		case <-tick.C:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Config.Host+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			continue // it does not listen yet
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
}

// Printed returns all that the server printed so far.
func (s *Server) Printed() string { return s.process.printed.String() }

// Stop ends the server and returns when it has ended. It is killed: told to end,
// a traced one with no collector tries ten seconds for each batch it still has.
// The error says that it had ended by itself. Further calls do nothing.
func (s *Server) Stop() error { return s.process.kill() }

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
