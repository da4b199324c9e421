package news

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	goversion "go/version"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// ErrNotServed says that the module proxy does not have what was asked for.
var ErrNotServed = errors.New("not served")

// ErrUnanswered says that the go command could not ask, or got no answer.
var ErrUnanswered = errors.New("no answer")

// Modules are those that can be had.
type Modules interface {
	// Versions lists the versions of a module, oldest first, and none where the
	// module is not served.
	Versions(ctx context.Context, module string) ([]string, error)
	// Dir returns the folder with the source of a module, and ErrNotServed where it is
	// not served.
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
	list := []string{"list", "-m", "-versions", "-f", `{{join .Versions " "}}`, module}
	text, err := s.run(ctx, list...)
	if errors.Is(err, ErrNotServed) {
		// It may be the newest go.mod alone that is not, which says what is retracted.
		text, err = s.run(ctx, slices.Insert(list, 1, "-retracted")...)
	}
	if errors.Is(err, ErrNotServed) {
		return nil, nil
	}
	return strings.Fields(string(text)), err
}

// Dir asks go mod download.
func (s Served) Dir(ctx context.Context, module, version string) (string, error) {
	text, err := s.run(ctx, "mod", "download", "-json", module+"@"+version)
	var downloaded struct{ Dir, Error string }
	if json.Unmarshal(text, &downloaded) == nil && downloaded.Error != "" {
		return "", fmt.Errorf("%s %s cannot be had; where it needs a newer Go, set GOTOOLCHAIN to it: %w", module, version, answered(downloaded.Error))
	}
	return downloaded.Dir, err
}

// refused is how a module proxy says that it does not have a module, or does not give it.
var refused = regexp.MustCompile(`: (403 Forbidden|404 Not Found|410 Gone)\b`)

// answered is an error of the go command: ErrNotServed where the proxy has said so, and
// else ErrUnanswered.
func answered(text string) error {
	if refused.MatchString(text) {
		return fmt.Errorf("%w: %s", ErrNotServed, text)
	}
	return fmt.Errorf("%w: %s", ErrUnanswered, text)
}

func (s Served) run(ctx context.Context, arguments ...string) ([]byte, error) {
	proxies, err := exec.CommandContext(ctx, "go", "env", "GOPROXY").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOPROXY: %w", err)
	}
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = os.TempDir() // in no module, whose go.sum would change
	command.Env = s.environment(os.Environ(), runtime.Version(), strings.TrimSpace(string(proxies)))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil {
		err = errors.Join(fmt.Errorf("go %s: %w", strings.Join(arguments, " "), err), answered(strings.TrimSpace(stderr.String())))
	}
	return text, err
}

// environment adds to the caller's what the go command is asked with. GOTOOLCHAIN is the
// caller's, which else is the Go that runs, unless an older Go than Toolchain. Behind a
// proxy that does not have a module the repository itself is not asked: whether that can
// be reached is not the question, and its answer takes the place of the proxy's.
func (s Served) environment(callers []string, running, proxies string) []string {
	for _, variable := range callers {
		if value, ok := strings.CutPrefix(variable, "GOTOOLCHAIN="); ok {
			if named, _, _ := strings.Cut(value, "+"); goversion.IsValid(named) {
				running = named
			}
		}
	}
	added := []string{"GOWORK=off"}
	if before, _, ok := strings.Cut(proxies, "direct"); ok && before != "" {
		added = append(added, "GOPROXY="+strings.TrimRight(before, ",|"))
	}
	if goversion.Compare(s.Toolchain, running) > 0 {
		added = append(added, "GOTOOLCHAIN="+s.Toolchain)
	}
	return append(slices.Clone(callers), added...)
}
