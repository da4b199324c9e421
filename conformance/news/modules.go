package news

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Modules are those that can be had.
type Modules interface {
	// Versions lists the versions of a module, oldest first, and none where the
	// module is not served.
	Versions(ctx context.Context, module string) ([]string, error)
	// Dir returns the folder with the source of a module.
	Dir(ctx context.Context, module, version string) (string, error)
}

// Served are the modules that the go command gets.
type Served struct {
	// Toolchain is the Go that reads the modules, "go1.27.3", where they need a newer
	// one than that which runs.
	Toolchain string
}

// Versions asks go list.
func (s Served) Versions(ctx context.Context, module string) ([]string, error) {
	text, err := s.run(ctx, "list", "-m", "-versions", "-f", `{{join .Versions " "}}`, module)
	return strings.Fields(string(text)), err
}

// Dir asks go mod download.
func (s Served) Dir(ctx context.Context, module, version string) (string, error) {
	text, err := s.run(ctx, "mod", "download", "-json", module+"@"+version)
	var downloaded struct{ Dir, Error string }
	if json.Unmarshal(text, &downloaded) == nil && downloaded.Error != "" {
		return "", fmt.Errorf("%s %s cannot be had; where it needs a newer Go, set GOTOOLCHAIN to it: %s", module, version, downloaded.Error)
	}
	return downloaded.Dir, err
}

func (s Served) run(ctx context.Context, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = os.TempDir() // in no module, whose go.sum would change
	command.Env = append(os.Environ(), "GOWORK=off")
	if s.Toolchain != "" {
		command.Env = append(command.Env, "GOTOOLCHAIN="+s.Toolchain)
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil {
		err = errors.Join(fmt.Errorf("go %s: %w", strings.Join(arguments, " "), err), errors.New(strings.TrimSpace(stderr.String())))
	}
	return text, err
}
