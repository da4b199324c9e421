package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A node's first process is this program again. It has two stages: one in the
// new namespaces but still with the machine's files, which makes the node's, and
// one that has only those. Between them it executes itself, so that no thread is
// left in the machine's control groups.
const (
	stageVariable = "KUBETRACE_LAB_STAGE"
	setUpVariable = "KUBETRACE_LAB_SETUP"
)

// setUp is what the first stage has to know.
type setUp struct {
	Name    string
	Address string
	// Folder holds what the node writes.
	Folder string
	// Programs are files of the machine by their name in the node's PATH.
	Programs map[string]string
	// Group is the node's in every one of the hierarchies.
	Group       string
	Hierarchies []hierarchy
}

// Main runs a node if this process was started to be one, and then does not
// return. Call it first in main and in TestMain.
func Main() {
	switch os.Getenv(stageVariable) {
	case "":
		return
	case "1":
		var s setUp
		err := json.Unmarshal([]byte(os.Getenv(setUpVariable)), &s)
		if err == nil {
			err = s.run()
		}
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	case "2":
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "node:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// run makes the node and goes on as its first process.
func (s *setUp) run() error {
	// The namespace of the control groups is the thread's alone until the
	// process executes itself.
	runtime.LockOSThread()
	program, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	if err := s.enterGroup(); err != nil {
		return err
	}
	root, err := s.mountRoot()
	if err != nil {
		return err
	}
	if err := s.writeFiles(root); err != nil {
		return err
	}
	if err := pivot(root); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(s.Name)); err != nil {
		return os.NewSyscallError("sethostname", err)
	}
	for path, value := range map[string]string{
		"/proc/sys/net/ipv4/ip_forward": "1",
		// Pods of one node meet at the node, not on a bridge.
		"/proc/sys/net/ipv4/conf/all/rp_filter": "0",
	} {
		if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
			return err
		}
	}
	environment := []string{"PATH=" + searchPath, "HOME=/root", stageVariable + "=2"}
	return os.NewSyscallError("execve", unix.Exec(fmt.Sprintf("/proc/self/fd/%d", program.Fd()), []string{"kubetrace-node"}, environment))
}

// enterGroup goes into the node's control groups, which then are the roots that
// it sees.
func (s *setUp) enterGroup() error {
	for _, h := range s.Hierarchies {
		folder := filepath.Join(cgroupRoot, h.Folder, s.Group)
		if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0o644); err != nil {
			return err
		}
	}
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	for _, h := range s.Hierarchies {
		if h.Type != "cgroup2" {
			continue
		}
		// A group of cgroup v2 that has groups with controllers below cannot have
		// processes too.
		own := filepath.Join(cgroupRoot, h.Folder, s.Group, "init")
		if err := os.MkdirAll(own, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(own, "cgroup.procs"), []byte("0"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// mountRoot lays a root file system of the node's own over the machine's, which
// stays as it is.
func (s *setUp) mountRoot() (root string, err error) {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "", os.NewSyscallError("mount", err)
	}
	folder := func(name string) string { return filepath.Join(s.Folder, name) }
	root = folder("root")
	for _, name := range []string{"root", "upper", "work", "containerd", "kubelet"} {
		if err := os.MkdirAll(folder(name), 0o755); err != nil {
			return "", err
		}
	}
	mounts := []mount{
		{"overlay", "", "overlay", 0, fmt.Sprintf("lowerdir=/,upperdir=%s,workdir=%s", folder("upper"), folder("work"))},
		{"proc", "proc", "proc", 0, ""},
		{"sysfs", "sys", "sysfs", 0, ""},
		{"/dev", "dev", "", unix.MS_BIND | unix.MS_REC, ""},
		{"tmpfs", "run", "tmpfs", 0, "mode=755"},
		{"tmpfs", "tmp", "tmpfs", 0, "mode=1777"},
		// What the kubelet and containerd mount lies on a real file system.
		{folder("containerd"), "var/lib/containerd", "", unix.MS_BIND, ""},
		{folder("kubelet"), "var/lib/kubelet", "", unix.MS_BIND, ""},
		// etcd waits for the disk at every write, and one disk is all nodes'.
		{"tmpfs", "var/lib/etcd", "tmpfs", 0, "mode=700"},
	}
	for _, m := range append(mounts, s.groupMounts()...) {
		if err := os.MkdirAll(filepath.Join(root, m.target), 0o755); err != nil {
			return "", err
		}
		if err := m.at(root); err != nil {
			return "", err
		}
	}
	// The kubelet writes these, and they are the machine's.
	for _, path := range tunables {
		value, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		copied := folder("tunable" + strings.ReplaceAll(path, "/", "-"))
		if err := os.WriteFile(copied, value, 0o644); err != nil {
			return "", err
		}
		if err := (mount{copied, path, "", unix.MS_BIND, ""}).at(root); err != nil {
			return "", err
		}
	}
	for name, path := range s.Programs {
		// A file can be mounted over a file only.
		target := filepath.Join("usr/local/bin", name)
		if err := os.WriteFile(filepath.Join(root, target), nil, 0o755); err != nil {
			return "", err
		}
		if err := (mount{path, target, "", unix.MS_BIND, ""}).at(root); err != nil {
			return "", err
		}
	}
	return root, nil
}

// tunables are the settings of the kernel that a kubelet changes.
// Source: pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables, of
// Kubernetes 1.37.2.
var tunables = []string{
	"/proc/sys/vm/overcommit_memory",
	"/proc/sys/vm/panic_on_oom",
	"/proc/sys/kernel/panic",
	"/proc/sys/kernel/panic_on_oops",
	"/proc/sys/kernel/keys/root_maxkeys",
	"/proc/sys/kernel/keys/root_maxbytes",
}

// groupMounts are the machine's control groups again, as the node sees them.
func (s *setUp) groupMounts() (mounts []mount) {
	below := strings.TrimPrefix(cgroupRoot, "/")
	if !slices.ContainsFunc(s.Hierarchies, func(h hierarchy) bool { return h.Folder == "" }) {
		mounts = append(mounts, mount{"tmpfs", below, "tmpfs", 0, "mode=755"})
	}
	for _, h := range s.Hierarchies {
		mounts = append(mounts, mount{"cgroup", filepath.Join(below, h.Folder), h.Type, 0, h.Options})
	}
	return mounts
}

type mount struct {
	source, target, kind string
	flags                uintptr
	data                 string
}

func (m mount) at(root string) error {
	target := filepath.Join(root, m.target)
	if err := unix.Mount(m.source, target, m.kind, m.flags, m.data); err != nil {
		return fmt.Errorf("mount %s at %s: %w", m.source, target, err)
	}
	return nil
}

func (s *setUp) writeFiles(root string) error {
	for path, text := range map[string]string{
		"etc/hostname": s.Name + "\n",
		"etc/hosts":    fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", s.Address, s.Name),
		// Nobody answers there: what is not of the cluster has no name here.
		"etc/resolv.conf": "nameserver " + nodeNetwork + "1\noptions timeout:1 attempts:1\n",
	} {
		path = filepath.Join(root, path)
		// It may be a link that leads out.
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pivot makes a folder the root, and lets go of the root before it.
func pivot(root string) error {
	const old = ".machine"
	if err := os.MkdirAll(filepath.Join(root, old), 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, filepath.Join(root, old)); err != nil {
		return os.NewSyscallError("pivot_root", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Unmount("/"+old, unix.MNT_DETACH); err != nil {
		return os.NewSyscallError("umount", err)
	}
	if err := os.Remove("/" + old); err != nil {
		return err
	}
	// The kubelet's and the containers' mounts are to be seen by each other.
	return os.NewSyscallError("mount", unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""))
}
