package memfs_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"kubetrace/internal/memfs"
)

func TestFS(t *testing.T) {
	if err := fstest.TestFS(memfs.FS{"a": []byte("1"), "b/c/d": nil, "b/e": []byte("22")}, "a", "b/c/d", "b/e"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(memfs.FS{}); err != nil {
		t.Errorf("an empty one: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	files := memfs.FS{"a/b": nil}
	for name, want := range map[string]error{"a/": fs.ErrInvalid, "c": fs.ErrNotExist, "a/b/c": fs.ErrNotExist} {
		if _, err := files.Open(name); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if _, err := fs.ReadFile(files, "a"); err == nil {
		t.Error("a folder can be read as a file")
	}
}

// TestModes says what os.CopyFS makes of them.
func TestModes(t *testing.T) {
	for name, want := range map[string]fs.FileMode{"a": fs.ModeDir | 0o755, "a/b": 0o644} {
		info, err := fs.Stat(memfs.FS{"a/b": nil}, name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: got %v, %v, want %v", name, info, err, want)
		}
	}
}
