package kubetrace

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// docker is the program that kind takes for it.
var docker string

func TestMain(m *testing.M) {
	Dispatch()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kubetrace-docker-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	docker = filepath.Join(dir, "docker")
	if output, err := exec.Command("go", "build", "-o", docker, "./cmd/docker").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the tests need the go command in PATH, to build ./cmd/docker: %s\n%s", err, output)
		return 1
	}
	return m.Run()
}
