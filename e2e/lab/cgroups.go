package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
		if h.Type == "cgroup" {
			// But for what only the first mount may say.
			h.Options = strings.Join(slices.DeleteFunc(strings.Split(what[2], ","), func(option string) bool {
				return option == "rw" || option == "ro" || strings.HasPrefix(option, "release_agent=")
			}), ",")
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no control groups are mounted below %s, which kubelets need", cgroupRoot)
	}
	return all, nil
}

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
		var hand func(from, to string) error
		switch {
		case strings.Contains(h.Options, "cpuset"):
			hand = handCPUs
		case h.Type == "cgroup2" && h.Folder == "":
			hand = handControllers
		default:
			continue
		}
		// From the top down: a group has what the one above it has.
		from := filepath.Join(cgroupRoot, h.Folder)
		for _, name := range strings.Split(g.name, "/") {
			to := filepath.Join(from, name)
			if err := hand(from, to); err != nil {
				return nil, err
			}
			from = to
		}
	}
	return g, nil
}

// handCPUs gives a group of cpuset what the one above it has; a new one has
// neither CPUs nor memory.
func handCPUs(from, to string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(from, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, file), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// handControllers gives the groups below one of cgroup v2 every controller that
// it has.
func handControllers(from, _ string) error {
	controllers, err := os.ReadFile(filepath.Join(from, "cgroup.controllers"))
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(controllers)) {
		if err := os.WriteFile(filepath.Join(from, "cgroup.subtree_control"), []byte("+"+controller), 0o644); err != nil {
			return fmt.Errorf("hand the controller %s of %s down: %w", controller, from, err)
		}
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
	for range 300 {
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
