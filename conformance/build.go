package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Build builds a main package with the module versions of a mod file, such as
// "judge/v1.29.mod", which lies beside a go.mod and has its .sum beside it. The
// flags are the linker's for the version that the mod file requires of module.
// The program lands in the user's cache folder under its name and version, so
// that a later call need not even link it. Where the mod file has a line toolchain,
// the Go that it names builds the program.
func Build(ctx context.Context, modFile, module, mainPackage string, flags func(version string) string, tags ...string) (version, program string, err error) {
	file := filepath.Base(modFile)
	if _, err := os.Stat(modFile); err != nil {
		return "", "", fmt.Errorf("build %s: %s must pin it: %w", mainPackage, modFile, err)
	}
	version, err = goCommand(ctx, modFile, "list", "-mod=readonly", "-modfile="+file, "-m", "-f", "{{.Version}}", module)
	if err != nil {
		return "", "", fmt.Errorf("build %s: %s must require %s: %w", mainPackage, modFile, module, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", fmt.Errorf("build %s: a cache folder is needed, so set HOME or XDG_CACHE_HOME: %w", mainPackage, err)
	}
	tagList, linked := strings.Join(tags, ","), flags(version)
	id, err := identity(modFile, mainPackage, tagList, linked)
	if err != nil {
		return "", "", fmt.Errorf("build %s: %w", mainPackage, err)
	}
	program = filepath.Join(cache, "kubetrace", "conformance", fmt.Sprintf("%s-%s-%08x", strings.ReplaceAll(mainPackage, "/", "-"), version, id))
	unlock, err := lock(program + ".lock")
	if err != nil {
		return "", "", fmt.Errorf("build %s: %w", mainPackage, err)
	}
	defer unlock()

	done := progress("building %s with %s (the first time takes minutes)", mainPackage, version)
	defer done()
	_, err = goCommand(ctx, modFile, "build", "-mod=readonly", "-modfile="+file, "-trimpath",
		"-tags="+tagList, "-ldflags="+linked, "-o", program, mainPackage)
	if err != nil {
		return "", "", fmt.Errorf("build %s with %s: %w", mainPackage, modFile, err)
	}
	return version, program, nil
}

// identity tells programs apart that must not be one file. A program of another
// module is decided by the mod file alone, whichever checkout that lies in; one
// of our own has another source in another checkout.
func identity(modFile, mainPackage, tags, flags string) (uint32, error) {
	id := crc32.NewIEEE()
	for _, file := range []string{modFile, strings.TrimSuffix(modFile, ".mod") + ".sum"} {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		_, _ = id.Write(text)
	}
	where := ""
	if strings.HasPrefix(mainPackage, ".") {
		var err error
		if where, err = filepath.Abs(modFile); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(id, "%q", []string{mainPackage, tags, flags, where})
	return id.Sum32(), nil
}

// lock waits until nobody else builds the same program: the tests of several
// packages do at once, and one must not run what the other still writes.
func lock(name string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	// The end of the process would do the same.
	return func() { _ = file.Close() }, nil
}

// ModuleDir returns the folder of a module's source in the version that a mod
// file pins.
func ModuleDir(ctx context.Context, modFile, module string) (string, error) {
	return goCommand(ctx, modFile, "list", "-mod=readonly", "-modfile="+filepath.Base(modFile), "-m", "-f", "{{.Dir}}", module)
}

// Download fetches the source of a module that the go.mod in a folder requires,
// and returns where it is. Nothing is built of it.
func Download(ctx context.Context, dir, module string) (string, error) {
	modFile := filepath.Join(dir, "go.mod")
	text, err := goCommand(ctx, modFile, "mod", "download", "-json", module)
	if err != nil {
		return "", fmt.Errorf("download %s, which %s requires: %w", module, modFile, err)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal([]byte(text), &downloaded); err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	return downloaded.Dir, nil
}

// KubernetesFlags tells a Kubernetes program its own version, as the release
// build does: from it follow the versions that kubeadm installs and its etcd
// image. checklinkname is off because older releases reach into the standard
// library.
func KubernetesFlags(version string) string {
	const pkg = "k8s.io/component-base/version."
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	return strings.Join([]string{
		"-s", "-w", "-checklinkname=0",
		"-X " + pkg + "gitVersion=" + version,
		"-X " + pkg + "gitMajor=" + numbers[0],
		"-X " + pkg + "gitMinor=" + numbers[1],
	}, " ")
}

// toolchainLine is the line of a mod file that names a Go.
var toolchainLine = regexp.MustCompile(`(?m)^toolchain (\S+)$`)

// goCommand runs the go tool in the folder of a mod file and returns what it printed.
// The go command looks for a line toolchain in go.mod alone, and not where
// GOTOOLCHAIN is local, so it is told.
func goCommand(ctx context.Context, modFile string, args ...string) (string, error) {
	text, err := os.ReadFile(modFile)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Dir(modFile)
	// Kubernetes is built without cgo. A workspace around this checkout would
	// take the place of the pinned versions.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if line := toolchainLine.FindSubmatch(text); line != nil {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+string(line[1]))
	}
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
