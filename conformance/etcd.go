package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// etcdPackage is etcd's main package.
const etcdPackage = "go.etcd.io/etcd/server/v3"

// Etcd is the etcd program of one release.
type Etcd struct {
	// Version is the release, such as "v3.5.11".
	Version string

	path string
}

// BuildEtcd builds etcd as the go.mod in moduleDir pins it. The module's root is
// its main package.
func BuildEtcd(ctx context.Context, moduleDir string) (*Etcd, error) {
	version, path, err := buildPinned(ctx, moduleDir, etcdPackage, etcdPackage, func(string) string { return "-s -w" })
	if err != nil {
		return nil, err
	}
	return &Etcd{Version: version, path: path}, nil
}

// Start runs etcd on loopback with more flags and environment variables, until it
// is healthy or has ended, and then ends it. Where it did not come up the error
// holds what it printed.
func (e *Etcd) Start(ctx context.Context, dataDir string, flags, env []string) error {
	client, peer, err := twoAddresses()
	if err != nil {
		return err
	}
	arguments := []string{
		"--name=judged", "--data-dir=" + dataDir, "--log-level=error",
		"--listen-client-urls=http://" + client, "--advertise-client-urls=http://" + client,
		"--listen-peer-urls=http://" + peer, "--initial-advertise-peer-urls=http://" + peer,
		"--initial-cluster=judged=http://" + peer,
	}
	command := exec.Command(e.path, append(arguments, flags...)...)
	command.Env = append(os.Environ(), env...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Start(); err != nil {
		return fmt.Errorf("start etcd %s: %w", e.Version, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("etcd %s ended (%w): %s", e.Version, err, bytes.TrimSpace(printed.Bytes()))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), command.Process.Kill(), <-ended)
		case <-time.After(100 * time.Millisecond):
		}
		response, err := http.Get("http://" + client + "/health")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			err := command.Process.Kill()
			<-ended
			return err
		}
	}
}

// twoAddresses returns two free ports of the loopback address.
func twoAddresses() (first, second string, err error) {
	one, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer one.Close()
	two, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer two.Close()
	return one.Addr().String(), two.Addr().String(), nil
}
