package lab

import (
	"archive/tar"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImage(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!"), 0o700); err != nil {
		t.Fatal(err)
	}
	image := Image{
		Entrypoint: []string{"/usr/bin/program"},
		Files:      map[string]string{"/usr/bin/program": program, "/usr/bin/again": program},
		Links:      map[string]string{"/sbin/link": "../usr/bin/program"},
	}
	built, err := image.Build()
	if err != nil {
		t.Fatal(err)
	}
	again, err := image.Build()
	if err != nil {
		t.Fatal(err)
	}
	one, err := built.Digest()
	two, err2 := again.Digest()
	if one != two || errors.Join(err, err2) != nil {
		t.Errorf("the image is %v and then %v: %v", one, two, errors.Join(err, err2))
	}
	layers, err := built.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers: %v", len(layers), err)
	}
	layer, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for archive := tar.NewReader(layer); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		got[header.Name] = string(header.Typeflag) + header.Linkname + string(text)
	}
	want := map[string]string{
		"usr/": "5", "usr/bin/": "5", "usr/bin/program": "0#!", "usr/bin/again": "0#!",
		"sbin/": "5", "sbin/link": "2../usr/bin/program", "tmp/": "5",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the layer (-want +got):\n%s", diff)
	}
	config, err := built.ConfigFile()
	if err != nil || !slices.Equal(config.Config.Entrypoint, image.Entrypoint) {
		t.Errorf("the entrypoint is %v: %v", config.Config.Entrypoint, err)
	}

	image.Files["/gone"] = filepath.Join(t.TempDir(), "gone")
	if _, err := image.Build(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an image of a file that is not there: %v", err)
	}
}

func TestAddSystemProgram(t *testing.T) {
	image := Image{Files: map[string]string{}}
	if _, err := image.AddSystemProgram("mount"); err != nil {
		t.Fatal(err)
	}
	// The program, its dynamic linker and libc at least.
	if files := slices.Sorted(maps.Keys(image.Files)); len(files) < 3 {
		t.Errorf("mount needs only %v", files)
	}
	if _, err := image.AddSystemProgram("no-such-program"); err == nil {
		t.Error("a program that is not there is put into an image")
	}
	if _, err := image.AddSystemProgram("mount", "/no/such/*.so"); err == nil {
		t.Error("libraries that are not there are put into an image")
	}
}
