package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sumFile lists the files of a folder with their hashes, as sha256sum prints
// them. By it a folder is known again.
const sumFile = ".kubetrace.sum"

// WriteFolder writes files as the folder dir, which either holds all of them
// afterwards and nothing else, or is as it was before. A folder that is there
// already is replaced only if it holds nothing but what WriteFolder wrote, as
// it wrote it. Files that were there before are written in place, so that who has
// one of them mounted, as a kind node has, sees its new content.
func WriteFolder(dir string, files fs.FS, more map[string][]byte) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := replaceable(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return writing(dir, err)
	}
	// Beside dir, so that a rename is enough to put it in its place.
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return writing(dir, err)
	}
	keep := false
	defer func() {
		if !keep {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()
	fresh, old := filepath.Join(temporary, "new"), filepath.Join(temporary, "old")
	if err := fill(fresh, files, more); err != nil {
		return writing(dir, err)
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writing(dir, err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		if ignoreMissing(os.Rename(old, dir)) != nil {
			keep = true
			return fmt.Errorf("%w; what was there before is in %s", writing(dir, err), old)
		}
		return writing(dir, err)
	}
	if err := inPlace(old, dir); err != nil {
		return writing(dir, err)
	}
	return nil
}

// inPlace writes the content of dir's files into those of the same name in old and
// puts these into their place. Until then dir holds all of them already.
func inPlace(old, dir string) error {
	err := fs.WalkDir(os.DirFS(old), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		before, after := filepath.Join(old, filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))
		content, err := os.ReadFile(after)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // not written any more
		}
		if err == nil {
			err = os.WriteFile(before, content, 0o644) // which keeps the file
		}
		if err == nil {
			err = os.Rename(before, after)
		}
		return err
	})
	return ignoreMissing(err) // there was no old folder
}

// fill writes all files and the list of them.
func fill(dir string, files fs.FS, more map[string][]byte) error {
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	for name, content := range more {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), content, 0o644); err != nil {
			return err
		}
	}
	var sums strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sum, err := sumOf(dir, name)
		fmt.Fprintf(&sums, "%s  %s\n", sum, name)
		return err
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, sumFile), []byte(sums.String()), 0o644)
}

func sumOf(dir, name string) (string, error) {
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), err
}

// writing says of an error which folder it kept from being written, and not
// which temporary one.
func writing(dir string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("write %s: %w", dir, err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
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
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a link: write the folder that it leads to, or another one", dir)
	case !info.IsDir():
		return fmt.Errorf("%s is there and is no folder: write another name", dir)
	}
	sums, err := readSums(dir)
	if err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." || name == sumFile {
			return err
		}
		return sums.check(dir, name, entry)
	})
}

// sums are the hashes of the files that were written, and an empty one for each
// of their folders.
type sums map[string]string

// readSums reads the list in a folder, or nothing where there is none.
func readSums(dir string) (sums, error) {
	text, err := os.ReadFile(filepath.Join(dir, sumFile))
	if ignoreMissing(err) != nil {
		return nil, err
	}
	written := sums{}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		written[name] = sum
		for at, letter := range name {
			if letter == '/' {
				written[name[:at]] = ""
			}
		}
	}
	return written, lines.Err()
}

// check refuses what was not written, or not like this.
func (s sums) check(dir, name string, entry fs.DirEntry) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	sum, ok := s[name]
	if !ok || entry.IsDir() != (sum == "") || !entry.IsDir() && !entry.Type().IsRegular() {
		return fmt.Errorf("%s was not written by this program: move it away or write another folder", path)
	}
	if entry.IsDir() {
		return nil
	}
	now, err := sumOf(dir, name)
	if err == nil && now != sum {
		return fmt.Errorf("%s was changed since this program wrote it: move it away or write another folder", path)
	}
	return err
}
