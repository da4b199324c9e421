package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Left says what of a closed lab is still on the machine: processes, control
// groups, mounts or files. Its networks had no names and are gone with the
// processes.
func (l *Lab) Left() (err error) {
	// A process that was killed may take a moment to be gone.
	for range 50 {
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
	memberships, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		return err
	}
	for _, membership := range memberships {
		text, err := os.ReadFile(membership)
		if err == nil && strings.Contains(string(text), l.group) {
			found("process", filepath.Dir(membership))
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
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, l.folder) {
			found("mount", strings.TrimSpace(line))
		}
	}
	if _, err := os.Stat(l.folder); err == nil {
		found("folder", l.folder)
	}
	return errors.Join(errs...)
}
