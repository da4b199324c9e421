package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// groups is the control group of all labs of a machine.
const groups = "kubetrace-lab"

// Lab is some nodes with one network.
type Lab struct {
	parent string
	folder string
	group  string
	lock   *os.File
	fabric *fabric
	nodes  []*Node
	// namespaces are those of the nodes that were closed, and kernel the
	// machine's settings before there was any; see Left.
	namespaces []string
	kernel     map[string]string
}

// New makes a lab whose nodes write below a folder, which must be on a file
// system that a root file system can be laid over, such as ext4 or xfs. It first
// removes what earlier labs there have left behind.
func New(folder string) (*Lab, error) {
	if err := Missing(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var system unix.Statfs_t
	if err := unix.Statfs(folder, &system); err != nil {
		return nil, err
	}
	if system.Type == unix.OVERLAYFS_SUPER_MAGIC {
		return nil, fmt.Errorf("%s is on an overlay, which no other can be laid over; name a folder on ext4 or xfs", folder)
	}
	unlock, err := exclusive(folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := cleanUp(folder); err != nil {
		return nil, err
	}
	l := &Lab{parent: folder}
	if l.folder, err = os.MkdirTemp(folder, "lab-"); err != nil {
		return nil, err
	}
	l.group = filepath.Join(groups, filepath.Base(l.folder))
	if err := errors.Join(os.Chmod(l.folder, 0o755), l.open()); err != nil {
		return nil, errors.Join(fmt.Errorf("make a lab: %w", err), l.close())
	}
	return l, nil
}

// exclusive waits until no other lab of a folder is being made or removed.
func exclusive(folder string) (unlock func(), err error) {
	lock, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		lock.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return func() { lock.Close() }, nil
}

func (l *Lab) open() (err error) {
	if l.kernel, err = kernel(); err != nil {
		return err
	}
	// Whoever has the lock is alive; see cleanUp.
	if l.lock, err = os.Create(filepath.Join(l.folder, lockFile)); err != nil {
		return err
	}
	if err := unix.Flock(int(l.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	l.fabric, err = newFabric()
	return err
}

const lockFile = "lock"

// Nodes are the lab's, in the order in which they were added.
func (l *Lab) Nodes() []*Node { return l.nodes }

// Close ends the nodes with all that runs on them, and removes what they wrote.
func (l *Lab) Close() error {
	unlock, err := exclusive(l.parent)
	if err != nil {
		return err
	}
	defer unlock()
	return l.close()
}

func (l *Lab) close() error {
	var errs []error
	for _, n := range l.nodes {
		l.namespaces = append(l.namespaces, n.namespaces...)
		errs = append(errs, n.close())
	}
	l.nodes = nil
	if l.fabric != nil {
		errs = append(errs, l.fabric.close())
		l.fabric = nil
	}
	errs = append(errs, removeLab(l.folder))
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
		l.lock = nil
	}
	return errors.Join(errs...)
}

// CleanUp removes what labs below a folder have left behind that ended without
// being closed. Their processes, mounts and networks have ended with them.
func CleanUp(folder string) error {
	unlock, err := exclusive(folder)
	if err != nil {
		return err
	}
	defer unlock()
	return cleanUp(folder)
}

func cleanUp(folder string) error {
	labs, err := filepath.Glob(filepath.Join(folder, "lab-*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, lab := range labs {
		lock, err := os.Open(filepath.Join(lab, lockFile))
		if err == nil {
			err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
			if errors.Is(err, unix.EWOULDBLOCK) { // alive
				lock.Close()
				continue
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, removeLab(lab))
		if lock != nil {
			lock.Close()
		}
	}
	return errors.Join(errs...)
}

// removeLab removes a lab's control groups and files.
func removeLab(folder string) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	errs := []error{}
	g := group{name: filepath.Join(groups, filepath.Base(folder)), hierarchies: all}
	errs = append(errs, g.remove())
	for _, h := range all {
		// Only if it was the last lab.
		_ = unix.Rmdir(filepath.Join(cgroupRoot, h.Folder, groups))
	}
	return errors.Join(append(errs, os.RemoveAll(folder))...)
}
