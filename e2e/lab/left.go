package lab

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Left says what of a closed lab is still on the machine: processes, control
// groups, namespaces, mounts, files, or settings of the kernel.
func (l *Lab) Left() (err error) {
	// A process that was killed may take a moment to be gone.
	for range 300 {
		if err = l.left(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func (l *Lab) left() error {
	var errs []error
	found := func(what, where string) {
		errs = append(errs, fmt.Errorf("the lab has left a %s: %s", what, where))
	}
	// Threads, since each may have namespaces of its own.
	threads, err := filepath.Glob("/proc/[0-9]*/task/[0-9]*")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		if text, err := os.ReadFile(thread + "/cgroup"); err == nil && strings.Contains(string(text), l.group+"/") {
			found("process", thread)
		}
		if text, err := os.ReadFile(thread + "/mountinfo"); err == nil && strings.Contains(string(text), l.folder+"/") {
			found("mount, seen by", thread)
		}
		spaces, err := namespacesOf(thread)
		if err != nil {
			continue // it has ended
		}
		for _, space := range l.namespaces {
			if slices.Contains(spaces, space) {
				found("namespace, which has", thread+" "+space)
			}
		}
	}
	// A descriptor holds a namespace without a process in it.
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/[0-9]*")
	if err != nil {
		return err
	}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil && slices.Contains(l.namespaces, target) {
			found("namespace, held by", descriptor+" "+target)
		}
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		folder := filepath.Join(cgroupRoot, h.Folder, l.group)
		if _, err := os.Stat(folder); err == nil {
			found("control group", folder)
		}
	}
	if _, err := os.Stat(l.folder); err == nil {
		found("folder", l.folder)
	}
	now, err := kernel()
	if err != nil {
		return err
	}
	if l.kernel != nil && !maps.Equal(now, l.kernel) {
		errs = append(errs, fmt.Errorf("the lab has changed the kernel's settings: they were %v and are %v", l.kernel, now))
	}
	return errors.Join(errs...)
}

// namespacesOf are those of a process or a thread that a node has of its own,
// "net:[4026532000]".
func namespacesOf(process string) (all []string, err error) {
	for _, kind := range []string{"mnt", "net", "pid", "uts", "ipc", "cgroup"} {
		space, err := os.Readlink(filepath.Join(process, "ns", kind))
		if err != nil {
			return nil, err
		}
		all = append(all, space)
	}
	return all, nil
}

// kernel are the machine's settings that a kubelet would change.
func kernel() (map[string]string, error) {
	settings := map[string]string{}
	for _, path := range tunables {
		value, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		settings[path] = strings.TrimSpace(string(value))
	}
	return settings, nil
}
