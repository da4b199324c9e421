package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// kubeadmPackage is kubeadm's main package in every release.
const kubeadmPackage = "k8s.io/kubernetes/cmd/kubeadm"

// Kubeadm is the kubeadm program of one release.
type Kubeadm struct {
	// Version is the release, such as "v1.29.1".
	Version string

	path string
}

// BuildKubeadm builds kubeadm as the go.mod in moduleDir pins it.
func BuildKubeadm(ctx context.Context, moduleDir string) (*Kubeadm, error) {
	version, path, err := buildPinned(ctx, moduleDir, "k8s.io/kubernetes", kubeadmPackage, linkerFlags)
	if err != nil {
		return nil, err
	}
	return &Kubeadm{Version: version, path: path}, nil
}

// buildPinned builds a main package as the go.mod in moduleDir pins its module,
// with the linker's flags for that version. The program lands in the user's cache
// folder, so that a later call need not even link it.
func buildPinned(ctx context.Context, moduleDir, module, mainPackage string, flags func(version string) string) (version, program string, err error) {
	if _, err := os.Stat(filepath.Join(moduleDir, "go.mod")); err != nil {
		return "", "", fmt.Errorf("build %s: %s must be a folder with the go.mod that pins it: %w", mainPackage, moduleDir, err)
	}
	version, err = goCommand(ctx, moduleDir, "list", "-mod=readonly", "-m", "-f", "{{.Version}}", module)
	if err != nil {
		return "", "", fmt.Errorf("build %s: %s must require %s: %w", mainPackage, moduleDir, module, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", fmt.Errorf("build %s: a cache folder is needed, so set HOME or XDG_CACHE_HOME: %w", mainPackage, err)
	}
	program = filepath.Join(cache, "kubetrace", "conformance", strings.ReplaceAll(mainPackage, "/", "-")+"-"+version)

	done := progress("building %s %s (the first time takes minutes)", mainPackage, version)
	defer done()
	_, err = goCommand(ctx, moduleDir, "build", "-mod=readonly", "-trimpath", "-ldflags="+flags(version), "-o", program, mainPackage)
	if err != nil {
		return "", "", fmt.Errorf("build %s %s: %w\nIf a module or checksum is missing, run in %s: go get -tool %s@%s",
			mainPackage, version, err, moduleDir, mainPackage, version)
	}
	return version, program, nil
}

// linkerFlags tells kubeadm its own version, as the release build does: from it
// follow the Kubernetes versions it installs and the etcd image. checklinkname
// is off because older releases reach into the standard library.
func linkerFlags(version string) string {
	const pkg = "k8s.io/component-base/version."
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	return strings.Join([]string{
		"-s", "-w", "-checklinkname=0",
		"-X " + pkg + "gitVersion=" + version,
		"-X " + pkg + "gitMajor=" + numbers[0],
		"-X " + pkg + "gitMinor=" + numbers[1],
	}, " ")
}

// goCommand runs the go tool in a module's folder and returns what it printed.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// Kubernetes is built without cgo. A workspace around this checkout would
	// take the place of the pinned versions.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("the go command must be in PATH: %w", err)
	case err != nil:
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(stdout)), nil
}

// progress tells on standard error that something long is still under way,
// until the returned function is called.
func progress(format string, args ...any) (done func()) {
	what := fmt.Sprintf(format, args...)
	start := time.Now()
	ticker := time.NewTicker(15 * time.Second)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(os.Stderr, "conformance: %s: %s\n", what, time.Since(start).Round(time.Second))
			case <-stop:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(stop)
		<-stopped
	}
}
