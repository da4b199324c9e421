package engine

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Labels that kind gives to its containers.
// Source: pkg/cluster/internal/providers/docker/constants.go of sigs.k8s.io/kind.
const (
	clusterLabel = "io.x-k8s.kind.cluster"
	roleLabel    = "io.x-k8s.kind.role"
)

// Container is what a run command made.
type Container struct {
	Name   string            `json:"name"`
	Image  string            `json:"image"`
	Args   []string          `json:"args"` // of run, without the word itself
	Labels map[string]string `json:"labels,omitempty"`
	Mounts []Mount           `json:"mounts,omitempty"`
	Ports  map[string][]Port `json:"ports,omitempty"`
	IPv6   bool              `json:"ipv6,omitempty"`

	// Files are those of the container beside its mounts, by path, in a Record.
	Files map[string]string `json:"-"`

	root string // the folder of its file system
}

// Mount is a path of the host in a container.
type Mount struct {
	Host      string   `json:"host"`
	Container string   `json:"container"`
	ReadOnly  bool     `json:"readOnly,omitempty"`
	Options   []string `json:"options,omitempty"`
	// Found is what the host had there when the container was made: "file",
	// "folder" or "nothing", of which Docker makes a folder.
	Found string `json:"found"`
}

// Port is where the host listens for a container's port.
type Port struct{ HostIp, HostPort string }

// Role is kind's role of a node: control-plane, worker or external-load-balancer.
func (c *Container) Role() string { return c.Labels[roleLabel] }

// parseRun reads the arguments of run: those that kind writes, and no others.
func parseRun(args []string) (*Container, error) {
	c := &Container{Args: args, Labels: map[string]string{}, Ports: map[string][]Port{}}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch name {
		case "--privileged", "--detach", "--tty":
			if joined {
				return nil, refusal("run " + name + "=" + value)
			}
			continue
		}
		if !joined {
			if len(args) == 0 {
				return nil, fmt.Errorf("flag needs an argument: %s", name)
			}
			value, args = args[0], args[1:]
		}
		if err := c.flag(name, value); err != nil {
			return nil, err
		}
	}
	if len(args) == 0 {
		return nil, errors.New(`"docker run" requires at least 1 argument`)
	}
	c.Image = args[0]
	switch {
	case c.Name == "":
		return nil, refusal("run without --name")
	case len(args) > 1 && c.Role() != "external-load-balancer":
		return nil, refusal(fmt.Sprintf("run %s with a command: %q", c.Image, args[1:]))
	}
	return c, nil
}

func (c *Container) flag(name, value string) error {
	switch name {
	case "--name":
		c.Name = value
	case "--label":
		key, text, _ := strings.Cut(value, "=")
		c.Labels[key] = text
	case "--volume":
		return c.volume(value)
	case "--publish":
		return c.publish(value)
	case "--sysctl":
		c.IPv6 = c.IPv6 || value == "net.ipv6.conf.all.disable_ipv6=0"
	case "--hostname", "--security-opt", "--tmpfs", "-e", "--net", "--restart", "--init", "--cgroupns":
	default:
		return refusal("run " + name)
	}
	return nil
}

// volume reads HOST:CONTAINER[:OPTIONS]. A path alone is a volume of the
// container's own.
func (c *Container) volume(text string) error {
	parts := strings.Split(text, ":")
	switch {
	case len(parts) == 1:
		return nil
	case len(parts) > 3 || !path.IsAbs(parts[0]) || !path.IsAbs(parts[1]):
		return fmt.Errorf("invalid volume specification: %q", text)
	}
	m := Mount{Host: parts[0], Container: path.Clean(parts[1]), Found: "nothing"}
	if len(parts) == 3 {
		m.Options = strings.Split(parts[2], ",")
		m.ReadOnly = slices.Contains(m.Options, "ro")
	}
	for _, other := range c.Mounts {
		if other.Container == m.Container {
			return fmt.Errorf("duplicate mount point: %s", m.Container)
		}
	}
	switch info, err := os.Stat(m.Host); {
	case err == nil && info.IsDir():
		m.Found = "folder"
	case err == nil:
		m.Found = "file"
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	c.Mounts = append(c.Mounts, m)
	return nil
}

var published = regexp.MustCompile(`^([0-9.]+|\[[0-9a-f:.]+\]):(\d+):(\d+/\w+)$`)

// publish reads ADDRESS:PORT:CONTAINERPORT/PROTOCOL. Port 0 is the engine's to
// choose.
func (c *Container) publish(text string) error {
	parts := published.FindStringSubmatch(text)
	if parts == nil {
		return fmt.Errorf("invalid publish: %q", text)
	}
	address, port, inside := strings.Trim(parts[1], "[]"), parts[2], strings.ToLower(parts[3])
	if port == "0" {
		port = "32768"
	}
	c.Ports[inside] = append(c.Ports[inside], Port{address, port})
	return nil
}

// addresses are the container's own, by its name and so the same in every run.
func (c *Container) addresses() (ipv4, ipv6 string) {
	hash := fnv.New32a()
	hash.Write([]byte(c.Name))
	sum := hash.Sum32()
	ipv4 = fmt.Sprintf("172.18.%d.%d", sum>>8%250+1, sum%250+2)
	if c.IPv6 {
		ipv6 = fmt.Sprintf("fc00:f853:ccd:e793::%x", sum%0xfff0+2)
	}
	return ipv4, ipv6
}

// where returns the file behind a path of the container, and the mount that it
// is under, or nil.
func (c *Container) where(name string) (file string, in *Mount) {
	name = path.Clean("/" + name)
	for i := range c.Mounts {
		m := &c.Mounts[i]
		inside := name == m.Container || strings.HasPrefix(name, strings.TrimSuffix(m.Container, "/")+"/")
		if inside && (in == nil || len(m.Container) > len(in.Container)) {
			in = m
		}
	}
	if in == nil {
		return filepath.Join(c.root, filepath.FromSlash(name)), nil
	}
	return filepath.Join(in.Host, filepath.FromSlash(strings.TrimPrefix(name, in.Container))), in
}

// File reads a file of the container: of the host where it is under a mount.
func (c *Container) File(name string) ([]byte, error) {
	file, in := c.where(name)
	if in != nil || c.Files == nil {
		return os.ReadFile(file)
	}
	text, ok := c.Files[path.Clean("/"+name)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

func (c *Container) files() (map[string]string, error) {
	files := map[string]string{}
	root := os.DirFS(c.root)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		files["/"+name] = string(text)
		return err
	})
	return files, err
}

// write writes a file as cp does: into a folder that is there.
func (c *Container) write(name string, text []byte) error {
	file, in := c.where(name)
	if in != nil && in.ReadOnly {
		return fmt.Errorf("cp: cannot create regular file %q: Read-only file system", name)
	}
	return os.WriteFile(file, text, 0o644)
}

func (c *Container) mkdir(name string) error {
	dir, in := c.where(name)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if in != nil && in.ReadOnly {
		return fmt.Errorf("mkdir: cannot create directory %q: Read-only file system", name)
	}
	return os.MkdirAll(dir, 0o755)
}

// put writes a file and the folders above it.
func (c *Container) put(name, text string) error {
	if err := c.mkdir(path.Dir(name)); err != nil {
		return err
	}
	return c.write(name, []byte(text))
}
