package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestWriteFolderReplaces(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "out")
	first := fstest.MapFS{"README.md": {Data: []byte("1")}, "backend.yaml": {Data: []byte("1")}}
	second := fstest.MapFS{"README.md": {Data: []byte("2")}}
	for _, files := range []fs.FS{first, second} {
		if err := WriteFolder(dir, files, map[string][]byte{"kind.yaml": []byte("k")}); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "README.md")); string(text) != "2" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "backend.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file of the first run is still there: %v", err)
	}
}

// brokenFS fails after its first file.
type brokenFS struct{ fstest.MapFS }

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == "z" {
		return nil, errors.New("broken")
	}
	return b.MapFS.Open(name)
}

func TestWriteFolderLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	files := brokenFS{fstest.MapFS{"a": {Data: []byte("1")}, "z": {Data: []byte("1")}}}
	if err := WriteFolder(dir, files, nil); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Fatalf("got %v, want the error of the file system", err)
	}
	if left, err := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestWriteFolderRefuses(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	foreign := filepath.Join(parent, "foreign")
	if err := errors.Join(os.WriteFile(file, []byte("mine"), 0o600), os.Mkdir(foreign, 0o700), os.WriteFile(filepath.Join(foreign, "mine"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for dir, message := range map[string]string{
		file:    "is no folder",
		foreign: "holds mine, which this program did not write",
		".":     "is the folder you are in",
	} {
		err := WriteFolder(dir, fstest.MapFS{"README.md": {}}, nil)
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: got %v, want %q", dir, err, message)
		}
	}
	if _, err := os.Stat(filepath.Join(foreign, "mine")); err != nil {
		t.Errorf("the file of somebody else is gone: %v", err)
	}
}
