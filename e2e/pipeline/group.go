package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// memoryGroup is a control group that bounds the memory of what runs in it, as a
// container's does: the collector's memory limiter reads the bound.
type memoryGroup struct{ folder string }

// groupName is the control group of all rigs of a machine.
const groupName = "kubetrace-pipeline"

func newMemoryGroup(limit int64) (*memoryGroup, error) {
	root, file := memoryHierarchy()
	parent := filepath.Join(root, groupName)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("a control group for the collector's memory: run this as root, with %s mounted: %w", root, err)
	}
	if file == "memory.max" {
		if err := errors.Join(
			os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+memory"), 0o644),
			os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+memory"), 0o644),
		); err != nil {
			return nil, fmt.Errorf("hand the memory controller down: %w", err)
		}
	}
	if err := removeLeft(parent); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, fmt.Sprintf("%d-", os.Getpid()))
	if err != nil {
		return nil, err
	}
	g := &memoryGroup{folder: folder}
	if err := os.WriteFile(filepath.Join(folder, file), []byte(strconv.FormatInt(limit, 10)), 0o644); err != nil {
		return nil, errors.Join(fmt.Errorf("bound the memory: %w", err), g.remove())
	}
	return g, nil
}

// removeLeft removes the groups of rigs that were killed.
func removeLeft(parent string) error {
	groups, err := filepath.Glob(filepath.Join(parent, "[0-9]*-*"))
	if err != nil {
		return err
	}
	for _, group := range groups {
		pid, _, _ := strings.Cut(filepath.Base(group), "-")
		if _, err := os.Stat(filepath.Join("/proc", pid)); !errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := unix.Rmdir(group); err != nil && !errors.Is(err, unix.ENOENT) {
			return &os.PathError{Op: "rmdir", Path: group, Err: err}
		}
	}
	return nil
}

// command is a command that runs another within the group: a process that moved
// there later would have read its bound before.
func (g *memoryGroup) command(args []string) []string {
	const script = `echo $$ > "$0"/cgroup.procs && exec "$@"`
	return append([]string{"/bin/sh", "-c", script, g.folder}, args...)
}

func (g *memoryGroup) remove() error {
	var err error
	// A process that has ended takes a moment to leave its group.
	for range 50 {
		if err = unix.Rmdir(g.folder); err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return &os.PathError{Op: "rmdir", Path: g.folder, Err: err}
}

// removeGroups removes the group of all rigs where there is none below it.
func removeGroups() error {
	root, _ := memoryHierarchy()
	err := unix.Rmdir(filepath.Join(root, groupName))
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EBUSY) || errors.Is(err, unix.ENOTEMPTY) {
		return nil
	}
	return os.NewSyscallError("rmdir", err)
}

// memoryHierarchy is where the machine has the control groups of memory, and the
// file that bounds it.
func memoryHierarchy() (root, file string) {
	const mounted = "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(mounted, "cgroup.controllers")); err == nil {
		return mounted, "memory.max"
	}
	return filepath.Join(mounted, "memory"), "memory.limit_in_bytes"
}
