package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
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

// TestWriteFolderInPlace: who has a file of the first run mounted sees what the
// later ones wrote, changed or not.
func TestWriteFolderInPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	name := filepath.Join(dir, "apiserver", "tracing-config.yaml")
	write := func(text string) {
		t.Helper()
		if err := WriteFolder(dir, fstest.MapFS{"apiserver/tracing-config.yaml": {Data: []byte(text)}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	write("first, which is longer")
	mounted, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer mounted.Close()
	for _, text := range []string{"second", "second", "third"} {
		write(text)
		seen, err := io.ReadAll(io.NewSectionReader(mounted, 0, 100))
		if written := listing(t, dir)[name]; string(seen) != text || written != text || err != nil {
			t.Errorf("it sees %q, %v, and the folder has %q; want %q", seen, err, written, text)
		}
	}
	if left := listing(t, filepath.Dir(dir)); len(left) != 5 { // the parent, out, apiserver, the file and the list
		t.Errorf("there is more than the folder: %v", left)
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

// TestWriteFolderRefuses checks that a folder in which anything is not as the
// program wrote it stays as it is.
func TestWriteFolderRefuses(t *testing.T) {
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	remove := func(name string, then func(string) error) func(dir string) error {
		return func(dir string) error { return errors.Join(os.Remove(filepath.Join(dir, name)), then(dir)) }
	}
	for _, test := range []struct {
		name   string
		change func(dir string) error // of a folder that the program wrote
		want   string                 // with DIR for the folder
	}{
		{"a file of the user's", write("notes", ""), "DIR/notes was not written by this program: move it away or write another folder"},
		{"a file of the user's in a folder of ours", write("sub/notes", ""), "DIR/sub/notes was not written"},
		{"a folder of the user's", func(dir string) error { return os.Mkdir(filepath.Join(dir, "notes"), 0o700) }, "DIR/notes was not written"},
		{"a changed file", write("kind.yaml", "mine"), "DIR/kind.yaml was changed since this program wrote it: move it away or write another folder"},
		{"a changed file of a folder", write("sub/file", "mine"), "DIR/sub/file was changed"},
		{"a link in place of a file", remove("kind.yaml", func(dir string) error {
			return errors.Join(write("target", "k")(filepath.Dir(dir)), os.Symlink("../target", filepath.Join(dir, "kind.yaml")))
		}), "DIR/kind.yaml was not written"},
		{"a folder in place of a file", remove("kind.yaml", func(dir string) error { return os.Mkdir(filepath.Join(dir, "kind.yaml"), 0o700) }), "DIR/kind.yaml was not written"},
		{"a README.md and no list", remove(sumFile, write("README.md", "mine")), "DIR/README.md was not written"},
		{"a list that is none", write(sumFile, "mine"), "DIR/README.md was not written"},
		{"an absolute path in the list", write(sumFile, "0  /a\n"), "DIR/README.md was not written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			files := fstest.MapFS{"README.md": {Data: []byte("1")}, "sub/file": {Data: []byte("1")}}
			more := map[string][]byte{"kind.yaml": []byte("k")}
			if err := errors.Join(WriteFolder(dir, files, more), test.change(dir)); err != nil {
				t.Fatal(err)
			}
			before := listing(t, filepath.Dir(dir))
			want := strings.ReplaceAll(test.want, "DIR", dir)
			if err := WriteFolder(dir, files, more); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
			if diff := cmp.Diff(before, listing(t, filepath.Dir(dir))); diff != "" {
				t.Errorf("it changed something (-before +after):\n%s", diff)
			}
		})
	}
}

// listing returns the content of every file below a folder.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			all[path] = "a folder"
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWriteFolderRefusesPlaces(t *testing.T) {
	parent := t.TempDir()
	file, link, real := filepath.Join(parent, "file"), filepath.Join(parent, "link"), filepath.Join(parent, "real")
	if err := errors.Join(os.WriteFile(file, []byte("mine"), 0o600), os.Mkdir(real, 0o700), os.Symlink(real, link)); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "out")
	for dir, message := range map[string]string{
		file:  "is no folder",
		link:  "is a link: write the folder that it leads to",
		".":   "is the folder you are in",
		below: below + ": not a directory",
	} {
		err := WriteFolder(dir, fstest.MapFS{"README.md": {}}, nil)
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: got %v, want %q", dir, err, message)
		}
	}
	if err := WriteFolder(real, fstest.MapFS{"README.md": {}}, nil); err != nil {
		t.Errorf("an empty folder is refused: %v", err)
	}
}

// TestWriteFolderAfterDeletion: a file that the user deleted is nobody's loss.
func TestWriteFolderAfterDeletion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	files := fstest.MapFS{"README.md": {}, "backend.yaml": {}}
	if err := errors.Join(WriteFolder(dir, files, nil), os.Remove(filepath.Join(dir, "README.md")), WriteFolder(dir, files, nil)); err != nil {
		t.Error(err)
	}
}

// TestSumFile checks that the list is one that sha256sum -c reads.
func TestSumFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := WriteFolder(dir, fstest.MapFS{"b/c": {Data: []byte("1")}}, map[string][]byte{"a": nil}); err != nil {
		t.Fatal(err)
	}
	const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n" +
		"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  b/c\n"
	if got := listing(t, dir)[filepath.Join(dir, sumFile)]; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestWriting checks that errors name the folder of the user's.
func TestWriting(t *testing.T) {
	for _, err := range []error{
		&fs.PathError{Op: "mkdir", Path: "/srv/.out-123", Err: fs.ErrPermission},
		&os.LinkError{Op: "rename", Old: "/srv/.out-123/new", New: "/srv/out", Err: fs.ErrPermission},
	} {
		if got := writing("/srv/out", err); got.Error() != "write /srv/out: permission denied" || !errors.Is(got, fs.ErrPermission) {
			t.Errorf("got %v", got)
		}
	}
}
