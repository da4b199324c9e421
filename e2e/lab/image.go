package lab

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is a container image that holds a few files and nothing else.
type Image struct {
	// Entrypoint is what a container without a command runs.
	Entrypoint []string
	// Files are files of the machine by their path in the image. All may be
	// executed.
	Files map[string]string
	// Links are symbolic links by their path in the image.
	Links map[string]string
}

// Build makes the image. Same files, same image.
func (i Image) Build() (v1.Image, error) {
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	folders := map[string]bool{"/": true}
	for _, path := range slices.Sorted(maps.Keys(i.Files)) {
		if err := addFolders(archive, folders, filepath.Dir(path)); err != nil {
			return nil, err
		}
		if err := addFile(archive, path, i.Files[path]); err != nil {
			return nil, fmt.Errorf("put %s into an image: %w", i.Files[path], err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(i.Links)) {
		if err := addFolders(archive, folders, filepath.Dir(path)); err != nil {
			return nil, err
		}
		if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: path[1:], Linkname: i.Links[path], Mode: 0o777}); err != nil {
			return nil, err
		}
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, static.NewLayer(layer.Bytes(), types.DockerUncompressedLayer))
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, withConfig(image, v1.Config{
		Entrypoint: i.Entrypoint,
		Env:        []string{"PATH=" + searchPath},
	}))
}

func withConfig(image v1.Image, config v1.Config) *v1.ConfigFile {
	file, err := image.ConfigFile()
	if err != nil {
		panic(err) // of an image in memory
	}
	file = file.DeepCopy()
	file.Architecture, file.OS, file.Config = runtime.GOARCH, "linux", config
	return file
}

func addFolders(archive *tar.Writer, made map[string]bool, path string) error {
	if made[path] {
		return nil
	}
	if err := addFolders(archive, made, filepath.Dir(path)); err != nil {
		return err
	}
	made[path] = true
	return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: path[1:] + "/", Mode: 0o755})
}

func addFile(archive *tar.Writer, path, source string) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path[1:], Size: info.Size(), Mode: 0o755}); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// AddSystemProgram adds a program of the machine, whose path it returns, with the
// libraries that it is linked with, and further ones that it loads by itself.
func (i *Image) AddSystemProgram(name string, folders ...string) (string, error) {
	program, err := lookUp(name)
	if err != nil {
		return "", err
	}
	waiting := []string{program}
	for _, pattern := range folders {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		if len(files) == 0 {
			return "", fmt.Errorf("%s needs %s, which is not there", name, pattern)
		}
		for _, file := range files {
			same, err := sameMachine(program, file)
			if err != nil {
				return "", err
			}
			if same {
				waiting = append(waiting, file)
			}
		}
	}
	for len(waiting) > 0 {
		var path string
		path, waiting = waiting[0], waiting[1:]
		if _, there := i.Files[path]; there {
			continue
		}
		i.Files[path] = path
		needed, err := libraries(path)
		if err != nil {
			return "", err
		}
		waiting = append(waiting, needed...)
	}
	return program, nil
}

// libraries are the files that the dynamic linker needs for another.
func libraries(path string) (paths []string, err error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer file.Close()
	for _, section := range file.Progs {
		if section.Type != elf.PT_INTERP {
			continue
		}
		text, err := io.ReadAll(section.Open())
		if err != nil {
			return nil, err
		}
		paths = append(paths, strings.TrimRight(string(text), "\x00"))
	}
	names, err := file.ImportedLibraries()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		found := false
		for _, pattern := range []string{"/lib/*-linux-gnu*", "/usr/lib/*-linux-gnu*", "/lib64", "/usr/lib64", "/lib", "/usr/lib"} {
			files, _ := filepath.Glob(filepath.Join(pattern, name))
			for _, candidate := range files {
				if same, err := sameMachine(path, candidate); err == nil && same && !found {
					paths, found = append(paths, candidate), true
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("%s needs %s, which is in no folder of libraries", path, name)
		}
	}
	return paths, nil
}

// sameMachine says whether two files are for one kind of machine: there may be
// libraries for several.
func sameMachine(a, b string) (bool, error) {
	var machines []elf.Machine
	for _, path := range []string{a, b} {
		file, err := elf.Open(path)
		if err != nil {
			return false, fmt.Errorf("read %s: %w", path, err)
		}
		machines = append(machines, file.Machine)
		file.Close()
	}
	return machines[0] == machines[1], nil
}
