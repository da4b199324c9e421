package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Dir is the environment variable that names the folder of the engine's state.
// kind hands it on, since it gives its own environment to docker.
const Dir = "KUBETRACE_ENGINE"

// A Call is one command, in the order in which they ended.
type Call struct {
	Args []string `json:"args"`
	Exit int      `json:"exit"`
	// Refused says that the engine does not know the command.
	Refused bool `json:"refused,omitempty"`
}

// Record is what kind asked for.
type Record struct {
	Calls      []Call
	Containers []*Container // by name
	Pulled     []string     // images, by name
}

// Read reads a folder that the engine kept, which may be removed then. It fails
// if a command was refused.
func Read(dir string) (*Record, error) {
	s := state{dir}
	calls, err := s.calls()
	if err != nil {
		return nil, err
	}
	record := &Record{Calls: calls}
	for _, call := range calls {
		if call.Refused {
			err = errors.Join(err, fmt.Errorf("the engine does not know: docker %q", call.Args))
		}
	}
	if err != nil {
		return nil, err
	}
	if record.Containers, err = s.containers(); err != nil {
		return nil, err
	}
	for _, c := range record.Containers {
		if c.Files, err = c.files(); err != nil {
			return nil, err
		}
	}
	record.Pulled, err = s.names("images")
	return record, err
}

// state is the folder.
type state struct{ dir string }

func (s state) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

// log adds a call. One write to a file opened for appending is not torn, and
// kind gives several commands at once.
func (s state) log(call Call) error {
	line, err := json.Marshal(call)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.path("calls"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

func (s state) calls() ([]Call, error) {
	text, err := os.ReadFile(s.path("calls"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("nobody called the engine: %w", err)
	}
	if err != nil {
		return nil, err
	}
	var calls []Call
	for line := range strings.Lines(string(text)) {
		var call Call
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			return nil, fmt.Errorf("read the engine's calls: %w", err)
		}
		calls = append(calls, call)
	}
	return calls, nil
}

// add makes a name exist, such as that of an image. It says false where it did.
func (s state) add(kind, name string) (bool, error) {
	if err := os.MkdirAll(s.path(kind), 0o755); err != nil {
		return false, err
	}
	err := os.Mkdir(s.path(kind, url.PathEscape(name)), 0o755)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

func (s state) has(kind, name string) bool {
	_, err := os.Stat(s.path(kind, url.PathEscape(name)))
	return err == nil
}

func (s state) names(kind string) ([]string, error) {
	entries, err := os.ReadDir(s.path(kind))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name, err := url.PathUnescape(entry.Name())
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (s state) containers() ([]*Container, error) {
	names, err := s.names("containers")
	if err != nil {
		return nil, err
	}
	var all []*Container
	for _, name := range names {
		c, err := s.container(name)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Container) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s state) container(name string) (*Container, error) {
	dir := s.path("containers", url.PathEscape(name))
	text, err := os.ReadFile(filepath.Join(dir, "container.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("Error: No such container: %s", name)
	}
	if err != nil {
		return nil, err
	}
	c := &Container{root: filepath.Join(dir, "root")}
	return c, json.Unmarshal(text, c)
}

// create keeps a new container. kind lists none until all are made.
func (s state) create(c *Container) error {
	fresh, err := s.add("containers", c.Name)
	if err != nil {
		return err
	}
	if !fresh {
		return fmt.Errorf("the container name %q is already in use", c.Name)
	}
	dir := s.path("containers", url.PathEscape(c.Name))
	c.root = filepath.Join(dir, "root")
	if err := c.unpack(); err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "container.json"), text, 0o644)
}
