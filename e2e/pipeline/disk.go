package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// diskOf says on which file system a folder is, and on which device: "ext4 on
// /dev/vda".
func diskOf(folder string) (string, error) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return "", err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	disk, longest := "", -1
	for _, line := range strings.Split(string(mounts), "\n") {
		// 36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw
		// https://www.kernel.org/doc/html/latest/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts
		before, after, _ := strings.Cut(line, " - ")
		place, what := strings.Fields(before), strings.Fields(after)
		if len(place) < 5 || len(what) < 2 {
			continue
		}
		at := place[4]
		within := at == "/" || folder == at || strings.HasPrefix(folder, at+"/")
		if within && len(at) >= longest { // a later mount lies over an earlier one
			disk, longest = what[0]+" on "+what[1], len(at)
		}
	}
	if disk == "" {
		return "", fmt.Errorf("/proc/self/mountinfo does not say where %s is", folder)
	}
	return disk, nil
}

// onRealDisk refuses to run a queue on disk in memory, where it would cost nothing
// and count against the collector's own bound.
func (r *Rig) onRealDisk() error {
	var system unix.Statfs_t
	if err := unix.Statfs(r.folder, &system); err != nil {
		return &os.PathError{Op: "statfs", Path: r.folder, Err: err}
	}
	if system.Type == unix.TMPFS_MAGIC || system.Type == unix.RAMFS_MAGIC {
		return fmt.Errorf("%s is in memory, where a queue on disk costs nothing: set TMPDIR to a folder on a disk", r.folder)
	}
	return nil
}
