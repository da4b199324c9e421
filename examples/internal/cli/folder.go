package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// WriteFolder writes files as the folder dir, which either holds all of them
// afterwards and nothing else, or is as it was before. A folder that is there
// already is replaced only if it holds nothing but what a bundle may hold.
func WriteFolder(dir string, files fs.FS, more map[string][]byte) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := replaceable(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	// Beside dir, so that a rename is enough to put it in its place.
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	fresh, old := filepath.Join(temporary, "new"), filepath.Join(temporary, "old")
	if err := os.CopyFS(fresh, files); err != nil {
		return err
	}
	for name, content := range more {
		if err := os.WriteFile(filepath.Join(fresh, filepath.FromSlash(name)), content, 0o644); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, ignoreMissing(os.Rename(old, dir)))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// written are the files and folders that the examples write.
var written = []string{
	"README.md", "apiserver", "apiserver/tracing-config.yaml", "backend.yaml", "collector.yaml", "kind.yaml",
	"kubeadm", "kubeadm/config.yaml", "kubelet", "kubelet/90-tracing.conf",
}

// replaceable refuses a folder in which somebody else keeps something.
func replaceable(dir string) error {
	if here, err := os.Getwd(); err == nil && here == dir {
		return fmt.Errorf("%s is the folder you are in: write another one", dir)
	}
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is there and is no folder: write another name", dir)
	}
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && name != "." && !slices.Contains(written, name) {
			return fmt.Errorf("%s holds %s, which this program did not write: write another folder", dir, name)
		}
		return err
	})
}
