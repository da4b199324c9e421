package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// NodeOptions are what a node has beside its name.
type NodeOptions struct {
	// Programs are files of the machine by their name in the node's PATH, among
	// them containerd and containerd-shim-runc-v2.
	Programs map[string]string
	// PauseImage is that of the container that holds a pod's namespaces.
	PauseImage string
	// OldContainerd says that containerd is of 1.x, which reads another config.toml.
	OldContainerd bool
}

// CRISocket is where containerd listens.
const CRISocket = "unix://" + containerdSocket

const containerdSocket = "/run/containerd/containerd.sock"

// Containerd's settings. Without CAP_SYS_RESOURCE, which a machine in a sandbox
// lacks, runc cannot lower oom_score_adj.
// https://github.com/containerd/containerd/blob/main/docs/cri/config.md
const containerdConfig = `version = 3

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = %s

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = [%s]
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "runc"
  SystemdCgroup = false
`

// The same for containerd 1.x, whose CRI plugin is one. It reads no folder by itself.
// https://github.com/containerd/containerd/blob/release/1.7/docs/cri/config.md
const oldContainerdConfig = `version = 2
imports = ["/etc/containerd/conf.d/*.toml"]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %s
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = %s
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = "runc"
  SystemdCgroup = false
`

// The pods' network: a cable from each pod to its node, which knows the way to
// the other nodes' pods.
const cniConfig = `{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "ptp",
      "ipam": {"type": "host-local", "ranges": [[{"subnet": %s}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`

func (n *Node) startContainerd(ctx context.Context, options NodeOptions) error {
	config := containerdConfig
	if options.OldContainerd {
		config = oldContainerdConfig
	}
	if err := errors.Join(
		n.WriteFile("/etc/containerd/config.toml", fmt.Appendf(nil, config, strconv.Quote(options.PauseImage), strconv.Quote(cniFolder)), 0o644),
		n.WriteFile("/etc/cni/net.d/10-pods.conflist", fmt.Appendf(nil, cniConfig, strconv.Quote(podSubnet(n.number))), 0o644),
	); err != nil {
		return err
	}
	return n.StartContainerd(ctx)
}

// StartContainerd starts containerd as systemd does, with the variables that the drop-ins
// of its service set, and returns when it serves.
func (n *Node) StartContainerd(ctx context.Context) error {
	env, err := n.environment("/etc/systemd/system/containerd.service.d")
	if err != nil {
		return err
	}
	if err := n.Start("containerd", env, "containerd"); err != nil {
		return err
	}
	return n.WaitContainerd(ctx)
}

// environment is what the files of a folder set with lines of Environment="NAME=value".
func (n *Node) environment(folder string) (env []string, err error) {
	files, err := os.ReadDir(n.path(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, file := range files {
		text, err := n.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			value, ok := strings.CutPrefix(strings.TrimSpace(line), "Environment=")
			if !ok {
				continue
			}
			if value, err = strconv.Unquote(value); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file.Name(), line, err)
			}
			env = append(env, strings.ReplaceAll(value, "%%", "%"))
		}
	}
	return env, nil
}

// WaitContainerd returns when containerd serves.
func (n *Node) WaitContainerd(ctx context.Context) error {
	err := Wait(ctx, 2*time.Minute, "containerd serving", 200*time.Millisecond, func(ctx context.Context) error {
		return n.containerd(func(c *client.Client) error {
			serving, err := c.IsServing(ctx)
			if err == nil && !serving {
				err = errors.New("not serving")
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, n.LogTail("containerd"))
	}
	return nil
}

// containerd calls a function with a client.
func (n *Node) containerd(function func(*client.Client) error) error {
	// Its socket is on a file system that the node alone has mounted.
	c, err := client.New(n.path(containerdSocket), client.WithDefaultNamespace("k8s.io"), client.WithTimeout(5*time.Second))
	if err != nil {
		return err
	}
	return errors.Join(function(c), c.Close())
}

// Load gives the node images, by their full names.
func (n *Node) Load(ctx context.Context, images map[string]v1.Image) error {
	named := map[name.Reference]v1.Image{}
	for reference, image := range images {
		tag, err := name.NewTag(reference, name.StrictValidation)
		if err != nil {
			return fmt.Errorf("load images: %w", err)
		}
		named[tag] = image
	}
	ctx = namespaces.WithNamespace(ctx, "k8s.io")
	err := n.containerd(func(c *client.Client) error {
		reader, writer := io.Pipe()
		go func() { writer.CloseWithError(tarball.MultiRefWrite(named, writer)) }()
		imported, err := c.Import(ctx, reader)
		if err != nil {
			reader.CloseWithError(err)
			return err
		}
		for _, image := range imported {
			if err := client.NewImage(c, image).Unpack(ctx, ""); err != nil {
				return fmt.Errorf("unpack %s: %w", image.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load images %v on %s: %w", slices.Sorted(maps.Keys(images)), n.Name, err)
	}
	return nil
}

// LogTail is the end of what a service printed.
func (n *Node) LogTail(service string) []byte {
	text, err := n.ReadFile(filepath.Join("/var/log", service+".log"))
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-8<<10):]
}

// KillContainer ends the containers of a name on the node as a crash does, and
// says how many there were.
func (n *Node) KillContainer(ctx context.Context, name string) (killed int, err error) {
	return n.SignalContainer(ctx, name, syscall.SIGKILL)
}

// SignalContainer sends a signal to the first process of the containers of a name
// on the node, and says how many there were.
func (n *Node) SignalContainer(ctx context.Context, name string, signal syscall.Signal) (reached int, err error) {
	err = n.eachContainer(ctx, name, func(ctx context.Context, _ string, task client.Task) error {
		err := task.Kill(ctx, signal)
		if errdefs.IsNotFound(err) {
			return nil // it has just ended
		}
		reached++
		return err
	})
	return reached, err
}

// Pods are the UIDs of the pods in which a container of a name runs.
func (n *Node) Pods(ctx context.Context, container string) (uids []string, err error) {
	err = n.eachContainer(ctx, container, func(_ context.Context, uid string, _ client.Task) error {
		uids = append(uids, uid)
		return nil
	})
	return uids, err
}

// The kubelet's labels of a container.
const (
	containerNameLabel = "io.kubernetes.container.name"
	podUIDLabel        = "io.kubernetes.pod.uid"
)

// eachContainer calls a function for every running container of a name, with the
// UID of its pod.
func (n *Node) eachContainer(ctx context.Context, name string, function func(context.Context, string, client.Task) error) error {
	ctx = namespaces.WithNamespace(ctx, "k8s.io")
	return n.containerd(func(c *client.Client) error {
		containers, err := c.Containers(ctx, fmt.Sprintf("labels.%q==%s", containerNameLabel, name))
		if err != nil {
			return err
		}
		for _, container := range containers {
			labels, err := container.Labels(ctx)
			if errdefs.IsNotFound(err) {
				continue // it was just removed
			}
			if err != nil {
				return err
			}
			task, err := container.Task(ctx, nil)
			if errdefs.IsNotFound(err) {
				continue // it ran once
			}
			if err != nil {
				return err
			}
			status, err := task.Status(ctx)
			if errdefs.IsNotFound(err) {
				continue // it is not there yet, or no longer
			}
			if err != nil {
				return err
			}
			if status.Status != client.Running {
				continue
			}
			if err := function(ctx, labels[podUIDLabel], task); err != nil {
				return err
			}
		}
		return nil
	})
}
