package kubetrace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sigs.k8s.io/kind/cmd/kind/app"
	"sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"
	"sigs.k8s.io/kind/pkg/cmd/kind/version"
)

// Version is the release of kind that this module is built with, "v0.33.0".
func Version() string { return "v" + version.Version() }

// Dispatch makes a program of this module be kind where it is called that, which
// is how [Create] starts it. main and TestMain call it first.
func Dispatch() {
	if filepath.Base(os.Args[0]) == "kind" {
		app.Main()
		os.Exit(0)
	}
}

// createTimeout is far more than a run takes, which is some seconds.
const createTimeout = 2 * time.Minute

// Create runs kind create cluster with a configuration, in a working directory,
// and returns what kind asked the engine for. docker is the program of
// cmd/docker. All of kind's own files lie in scratch, which has to be empty.
func Create(ctx context.Context, docker, configFile, workDir, scratch string) (*engine.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bin, state, home := filepath.Join(scratch, "bin"), filepath.Join(scratch, "state"), filepath.Join(scratch, "home")
	for _, dir := range []string{bin, state, home} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	for name, program := range map[string]string{"kind": self, "docker": docker} {
		if err := os.Symlink(program, filepath.Join(bin, name)); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "kind"), "create", "cluster", "--config", configFile, "--kubeconfig", filepath.Join(home, "kubeconfig"))
	cmd.Dir = workDir
	// Nothing of the caller's environment, such as a proxy, may decide what kind
	// does, and no other program can be found.
	cmd.Env = []string{"PATH=" + bin, "HOME=" + home, engine.Dir + "=" + state}
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	record, recordErr := engine.Read(state)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("kind create cluster: %w\n%s", err, output), recordErr)
	}
	return record, recordErr
}
