package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// folderVariable makes the test program a lab that is never closed.
const folderVariable = "KUBETRACE_LAB_TEST_FOLDER"

func TestMain(m *testing.M) {
	Main()
	if folder := os.Getenv(folderVariable); folder != "" {
		fmt.Println(startAndStay(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func startAndStay(folder string) error {
	l, err := New(folder)
	if err != nil {
		return err
	}
	ctx := context.Background()
	n, err := l.addNode(ctx, "stays", nil)
	if err != nil {
		return err
	}
	if err := n.Start("sleep", nil, "sleep", "1000"); err != nil {
		return err
	}
	// Deep in the node, as a container would be.
	if _, err := n.Output(ctx, "sh", "-c", `set -e
mkdir /left
mount -t tmpfs left /left
for hierarchy in /sys/fs/cgroup/*/; do
	mkdir -p "$hierarchy/kubepods/pod1"
done
setsid sleep 1000 > /left/out 2>&1 &
echo $! > /sys/fs/cgroup/memory/kubepods/pod1/cgroup.procs
echo 1 > /proc/sys/kernel/panic_on_oops`); err != nil {
		return err
	}
	// A call that is under way must not keep the node.
	go n.Output(ctx, "sleep", "1000")
	time.Sleep(time.Second)
	fmt.Println("started", filepath.Base(l.folder))
	select {}
}

// TestKilled kills a lab: what it ran has to end with it, and the next lab has to
// remove the rest.
func TestKilled(t *testing.T) {
	folder := labFolder(t)
	settings, err := kernel()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), folderVariable+"="+folder)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	name, started := strings.CutPrefix(strings.TrimSpace(line), "started ")
	if !started {
		t.Fatalf("the lab says %q: %v", line, err)
	}
	killed := &Lab{folder: filepath.Join(folder, name), group: filepath.Join(groups, name), kernel: settings}
	if err := killed.left(); err == nil || !strings.Contains(err.Error(), "process") {
		t.Fatalf("a lab that lives has left: %v", err)
	}
	// The next lab must leave one that lives alone.
	if err := CleanUp(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(killed.folder); err != nil {
		t.Fatalf("a lab that lives was removed: %v", err)
	}
	deep := filepath.Join(cgroupRoot, "memory", killed.group, "stays", "kubepods", "pod1")
	if _, err := os.Stat(deep); err != nil {
		t.Fatalf("the node has no control group: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	next, err := New(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Left(); err != nil {
		t.Error(err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	if err := next.Left(); err != nil {
		t.Error(err)
	}
}

// TestNodes has two nodes be two machines.
func TestNodes(t *testing.T) {
	ctx := t.Context()
	l, err := New(labFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), l.Left()); err != nil {
			t.Error(err)
		}
	})
	var nodes []*Node
	for _, name := range []string{"one", "two"} {
		n, err := l.addNode(t.Context(), name, nil)
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	one, two := nodes[0], nodes[1]

	// Files are a node's own, above the machine's.
	const file = "/etc/kubetrace-lab-test"
	if err := one.WriteFile(file, []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, there := range map[string]func(string) ([]byte, error){"the other node": two.ReadFile, "the machine": os.ReadFile} {
		if _, err := there(file); !os.IsNotExist(err) {
			t.Errorf("%s sees the node's file: %v", name, err)
		}
	}
	if hosts, err := two.Output(ctx, "sh", "-c", "cat /etc/hosts /proc/1/cmdline; ls /proc | grep -c '^[0-9]'"); err != nil || !strings.Contains(hosts, two.Address+" two") {
		t.Errorf("two: %q, %v", hosts, err)
	}

	// Addresses reach each other, and loopback is a node's own.
	for _, address := range []string{two.Address + ":7000", "127.0.0.1:7000"} {
		listener, err := two.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
	}
	dial := func(from *Node, address string) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		conn, err := from.Dial(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := dial(one, two.Address+":7000"); err != nil {
		t.Error(err)
	}
	if err := dial(two, "127.0.0.1:7000"); err != nil {
		t.Error(err)
	}
	if err := dial(one, "127.0.0.1:7000"); err == nil {
		t.Error("the loopback of one node is another's")
	}
	if conn, err := net.DialTimeout("tcp", two.Address+":7000", time.Second); err == nil {
		conn.Close()
		t.Error("the machine reaches the nodes' network")
	}

	// Commands and services.
	var failed *CommandError
	if _, err := one.Output(ctx, "sh", "-c", "echo no >&2; exit 3"); !errors.As(err, &failed) || failed.ExitCode != 3 || !strings.Contains(err.Error(), "no") {
		t.Errorf("a failing command: %v", err)
	}
	if _, err := one.Run(ctx, Command{Args: []string{"sleep", "60"}, Timeout: 100 * time.Millisecond}); err == nil || !strings.Contains(err.Error(), "has not ended") {
		t.Errorf("a command without an end: %v", err)
	}
	if err := one.Start("echo", nil, "sh", "-c", "echo up; sleep 60"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); string(one.LogTail("echo")) != "up\n"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the service's log is %q", one.LogTail("echo"))
		}
	}
	if err := one.Start("echo", nil, "true"); err == nil {
		t.Error("a service runs twice")
	}
	if err := one.Stop("echo"); err != nil {
		t.Error(err)
	}
	if err := one.Stop("echo"); err == nil {
		t.Error("a service that is stopped can be stopped")
	}
}

func labFolder(t *testing.T) string {
	t.Helper()
	if err := Missing(); err != nil {
		t.Fatal(err)
	}
	// Not the folder of the machine's labs, so that the tests are their own.
	folder, err := os.MkdirTemp("/var/lib", "kubetrace-lab-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(CleanUp(folder), os.RemoveAll(folder)); err != nil {
			t.Error(err)
		}
	})
	return folder
}
