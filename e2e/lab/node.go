package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netns"
)

// Node is a machine of the lab.
type Node struct {
	// Name is its host name.
	Name string
	// Address is its IP address.
	Address string

	lab    *Lab
	number int
	folder string
	group  *group
	space  netns.NsHandle
	init   *exec.Cmd
	client *rpc.Client
	// namespaces are those that the node made, as /proc/PID/ns names them.
	namespaces []string
}

// AddNode starts a machine that has the programs in its PATH. It has a network
// and a container runtime, and runs nothing else.
func (l *Lab) AddNode(ctx context.Context, name string, options NodeOptions) (*Node, error) {
	n, err := l.addNode(ctx, name, options.Programs)
	if err != nil {
		return nil, err
	}
	if err := n.startContainerd(ctx, options); err != nil {
		return nil, fmt.Errorf("start the node %s: %w", name, err)
	}
	return n, nil
}

// addNode starts a machine that runs nothing. Close ends it, also where it has
// not started whole.
func (l *Lab) addNode(ctx context.Context, name string, programs map[string]string) (*Node, error) {
	number := len(l.nodes) + 1
	n := &Node{Name: name, Address: nodeAddress(number), lab: l, number: number, folder: filepath.Join(l.folder, name)}
	others := l.nodes
	l.nodes = append(l.nodes, n)
	if err := n.make(ctx, programs, others); err != nil {
		return nil, fmt.Errorf("start the node %s: %w", name, err)
	}
	return n, nil
}

func (n *Node) make(ctx context.Context, programs map[string]string, others []*Node) (err error) {
	if n.group, err = newGroup(filepath.Join(n.lab.group, n.Name)); err != nil {
		return err
	}
	if err := os.Mkdir(n.folder, 0o755); err != nil {
		return err
	}
	if err := n.start(ctx, programs); err != nil {
		return err
	}
	if n.space, err = netns.GetFromPid(n.init.Process.Pid); err != nil {
		return err
	}
	if n.namespaces, err = namespacesOf(fmt.Sprintf("/proc/%d", n.init.Process.Pid)); err != nil {
		return err
	}
	if err := n.lab.fabric.plug(n.number, n.space); err != nil {
		return err
	}
	for _, other := range others {
		if err := errors.Join(routePods(other.space, n.number), routePods(n.space, other.number)); err != nil {
			return err
		}
	}
	return nil
}

// start starts the node's first process.
func (n *Node) start(ctx context.Context, programs map[string]string) error {
	text, err := json.Marshal(setUp{
		Name: n.Name, Address: n.Address, Folder: n.folder, Programs: programs,
		Group: n.group.name, Hierarchies: n.group.hierarchies,
	})
	if err != nil {
		return err
	}
	n.init = exec.Command("/proc/self/exe")
	n.init.Env = []string{stageVariable + "=1", setUpVariable + "=" + string(text)}
	n.init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		// Ctrl-C is for the lab, which ends its nodes.
		Setpgid: true,
	}
	log, err := os.Create(filepath.Join(n.folder, "node.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	n.init.Stderr = log
	stdin, err := n.init.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := n.init.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.init.Start(); err != nil {
		n.init = nil
		return err
	}
	n.client = rpc.NewClient(pipes{stdout, stdin})
	// It answers once it has made the node.
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it has not started within a minute"))
	defer cancel()
	result, err := n.Run(ctx, Command{Args: []string{"hostname"}})
	if err != nil {
		printed, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w\n%s", err, printed)
	}
	if got := strings.TrimSpace(string(result.Stdout)); got != n.Name {
		return fmt.Errorf("the node calls itself %q", got)
	}
	return nil
}

// close ends the node with all that runs on it.
func (n *Node) close() error {
	var errs []error
	if n.client != nil {
		// The node's first process ends with its pipe.
		errs = append(errs, n.client.Close())
	}
	if n.init != nil {
		_ = n.init.Process.Kill()
		_ = n.init.Wait()
	}
	if n.space != 0 {
		errs = append(errs, n.space.Close())
	}
	return errors.Join(errs...)
}

// Run runs a program to its end; one that ends with another code than 0 is a
// *CommandError. The context is for giving up, not for ending it: a timeout of
// ten minutes is, where the command has none.
func (n *Node) Run(ctx context.Context, c Command) (Result, error) {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Minute
	}
	var result Result
	call := n.client.Go("Node.Run", c, &result, make(chan *rpc.Call, 1))
	select {
	case <-ctx.Done():
		return Result{}, fmt.Errorf("%s on %s: %w", strings.Join(c.Args, " "), n.Name, context.Cause(ctx))
	case <-call.Done:
	}
	if call.Error != nil {
		return result, fmt.Errorf("%s on %s: %w", strings.Join(c.Args, " "), n.Name, call.Error)
	}
	if result.ExitCode != 0 {
		return result, &CommandError{Node: n.Name, Args: c.Args, Result: result}
	}
	return result, nil
}

// Output runs a program to its end and returns what it printed on standard
// output.
func (n *Node) Output(ctx context.Context, args ...string) (string, error) {
	result, err := n.Run(ctx, Command{Args: args})
	return string(result.Stdout), err
}

// CommandError says that a program failed.
type CommandError struct {
	Node string
	Args []string
	Result
}

// Error says all that it printed.
func (e *CommandError) Error() string {
	return fmt.Sprintf("%s on %s ended with exit code %d and printed:\n%s%s", strings.Join(e.Args, " "), e.Node, e.ExitCode, e.Stdout, e.Stderr)
}

// Start starts a program that is started again whenever it ends. What it prints
// goes to /var/log/NAME.log.
func (n *Node) Start(name string, env []string, args ...string) error {
	return n.client.Call("Node.Start", Service{Name: name, Args: args, Env: env, Log: "/var/log/" + name + ".log"}, &struct{}{})
}

// Stop ends a program that Start started.
func (n *Node) Stop(name string) error { return n.client.Call("Node.Stop", name, &struct{}{}) }

// Crashes says how often a program that Start started has ended by itself.
func (n *Node) Crashes(name string) (crashes int, err error) {
	err = n.client.Call("Node.Crashes", name, &crashes)
	return crashes, err
}

// path is where the machine sees a file of the node.
func (n *Node) path(name string) string {
	return filepath.Join("/proc", fmt.Sprint(n.init.Process.Pid), "root", name)
}

// ReadFile reads a file of the node.
func (n *Node) ReadFile(name string) ([]byte, error) { return os.ReadFile(n.path(name)) }

// WriteFile writes a file of the node, and its folder.
func (n *Node) WriteFile(name string, text []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(n.path(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(n.path(name), text, mode)
}

// CopyFS writes files into a folder of the node that is new or empty.
func (n *Node) CopyFS(folder string, files fs.FS) error { return os.CopyFS(n.path(folder), files) }

// FS is the node's files.
func (n *Node) FS() fs.FS { return os.DirFS(n.path("/")) }

// SaveLogs copies what the node's programs and containers printed to a folder of
// the machine that is new or empty.
func (n *Node) SaveLogs(folder string) error {
	var errs []error
	for _, name := range []string{"kubelet.log", "containerd.log"} {
		text, err := n.ReadFile("/var/log/" + name)
		if err != nil {
			continue // it was never started
		}
		errs = append(errs, os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, name), text, 0o644))
	}
	if pods := n.path("/var/log/pods"); isFolder(pods) {
		errs = append(errs, os.CopyFS(filepath.Join(folder, "pods"), os.DirFS(pods)))
	}
	return errors.Join(errs...)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
