package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cgroupRoot is where the machine mounts its control groups, and the nodes
// theirs.
const cgroupRoot = "/sys/fs/cgroup"

// hierarchy is one tree of control groups: the only one of cgroup v2, or one of
// a controller or two of cgroup v1.
type hierarchy struct {
	Folder  string // below cgroupRoot, "" for cgroup v2
	Type    string // of its file system
	Options string // to mount it again
}

// hierarchies are those that the machine has mounted.
func hierarchies() ([]hierarchy, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []hierarchy
	for lines := bufio.NewScanner(file); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		where, what := strings.Fields(before), strings.Fields(after)
		if len(where) < 5 || len(what) < 3 || !strings.HasPrefix(what[0], "cgroup") {
			continue
		}
		folder, below := strings.CutPrefix(where[4], cgroupRoot)
		if !below {
			continue
		}
		h := hierarchy{Folder: strings.TrimPrefix(folder, "/"), Type: what[0]}
		for _, option := range strings.Split(what[2], ",") {
			// What only the first mount may say.
			if option != "rw" && option != "ro" && !strings.HasPrefix(option, "release_agent=") && what[0] == "cgroup" {
				h.Options = strings.Join(append(strings.FieldsFunc(h.Options, isComma), option), ",")
			}
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no control groups are mounted below %s, which kubelets need", cgroupRoot)
	}
	return all, nil
}

func isComma(r rune) bool { return r == ',' }

// group is a control group of the same name in every hierarchy.
type group struct {
	name        string
	hierarchies []hierarchy
}

// newGroup makes the group, so that what runs in it may use every CPU and every
// controller.
func newGroup(name string) (*group, error) {
	all, err := hierarchies()
	if err != nil {
		return nil, err
	}
	g := &group{name: name, hierarchies: all}
	for _, h := range all {
		folder := g.folder(h)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		// A new group of cpuset has neither CPUs nor memory until somebody says,
		// from the top down.
		if strings.Contains(h.Options, "cpuset") {
			for path := filepath.Join(cgroupRoot, h.Folder); ; {
				rest, _ := filepath.Rel(path, folder)
				next, _, _ := strings.Cut(rest, "/")
				if next == "." {
					break
				}
				for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
					value, err := os.ReadFile(filepath.Join(path, file))
					if err != nil {
						return nil, err
					}
					if err := os.WriteFile(filepath.Join(path, next, file), value, 0o644); err != nil {
						return nil, err
					}
				}
				path = filepath.Join(path, next)
			}
		}
		if h.Type == "cgroup2" && h.Folder == "" {
			if err := delegate(cgroupRoot, folder); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// delegate hands every controller of cgroup v2 down to a group.
func delegate(root, folder string) error {
	for path := root; path != folder; {
		controllers, err := os.ReadFile(filepath.Join(path, "cgroup.controllers"))
		if err != nil {
			return err
		}
		for _, controller := range strings.Fields(string(controllers)) {
			if err := os.WriteFile(filepath.Join(path, "cgroup.subtree_control"), []byte("+"+controller), 0o644); err != nil {
				return fmt.Errorf("hand the controller %s of %s down: %w", controller, path, err)
			}
		}
		rest, _ := filepath.Rel(path, folder)
		next, _, _ := strings.Cut(rest, "/")
		path = filepath.Join(path, next)
	}
	return nil
}

func (g *group) folder(h hierarchy) string { return filepath.Join(cgroupRoot, h.Folder, g.name) }

// remove removes the group and all below, once their processes are gone.
func (g *group) remove() error {
	var errs []error
	for _, h := range g.hierarchies {
		errs = append(errs, removeGroups(g.folder(h)))
	}
	return errors.Join(errs...)
}

func removeGroups(folder string) error {
	var last error
	// A process that has been killed takes a moment to leave its group.
	for range 50 {
		var folders []string
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				folders = append(folders, path)
			}
			return nil // It may go away meanwhile.
		})
		if err != nil {
			return err
		}
		last = nil
		for i := len(folders) - 1; i >= 0; i-- {
			if err := unix.Rmdir(folders[i]); err != nil && !errors.Is(err, unix.ENOENT) {
				last = &fs.PathError{Op: "rmdir", Path: folders[i], Err: err}
			}
		}
		if last == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return last
}
