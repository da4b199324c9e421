// Command pin writes the mod file of a Kubernetes release's judge,
// judge/v1.38.mod, which pins the release and all modules it is released with.
// Other programs of the release, which something else builds with the same mod
// file, are named after the version:
//
//	go run ./cmd/pin 1.38.0
//	go run ./cmd/pin 1.38.0 k8s.io/kubernetes/cmd/kube-apiserver
//
// Where a module or a checksum of a patch is not published, try a neighbour.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"kubetrace/conformance/kubernetes"
)

const folder = "judge"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pin:", err)
		os.Exit(1)
	}
}

var versionPattern = regexp.MustCompile(`^v?(1\.(\d+))\.\d+$`)

func run(arguments []string) error {
	var numbers []string
	if len(arguments) > 0 {
		numbers = versionPattern.FindStringSubmatch(arguments[0])
	}
	if numbers == nil {
		return fmt.Errorf("usage: go run ./cmd/pin VERSION [PROGRAM...], with a version such as 1.38.0")
	}
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("run this in the folder conformance: %w", err)
	}
	version, minor := "v"+strings.TrimPrefix(arguments[0], "v"), numbers[1]
	staging, err := stagingModules(version)
	if err != nil {
		return err
	}

	var text strings.Builder
	fmt.Fprintf(&text, "module kubetrace/conformance/judge\n\ngo 1.26.0\n\nrequire k8s.io/kubernetes %s\n\nreplace (\n", version)
	for _, module := range staging {
		fmt.Fprintf(&text, "\t%s => %[1]s v0.%s\n", module, strings.TrimPrefix(version, "v1."))
	}
	text.WriteString(")\n")
	name := "v" + minor + ".mod"
	programs, err := pinnedPrograms(name)
	if err != nil {
		return err
	}
	programs = append(programs, arguments[1:]...)
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text.String()), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(folder, "v"+minor+".sum")); err != nil {
		return err
	}
	for _, program := range programs {
		if _, err := goCommand("get", "-modfile="+name, "-tool", program+"@"+version); err != nil {
			return err
		}
	}
	// Not "go mod tidy", which asks for what Kubernetes' own tests need.
	tags, err := kubernetes.Tags(minor)
	if err != nil {
		return err
	}
	if _, err := goCommand("get", "-modfile="+name, "-tags="+strings.Join(tags, ","), "."); err != nil {
		return err
	}
	fmt.Printf("written: conformance/judge/%s; now: make conformance MINOR=%s\n", name, minor)
	return nil
}

// pinnedPrograms are those that a mod file already names.
func pinnedPrograms(name string) (programs []string, err error) {
	if _, err := os.Stat(filepath.Join(folder, name)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	edited, err := goCommand("mod", "edit", "-json", name)
	if err != nil {
		return nil, err
	}
	var file struct{ Tool []struct{ Path string } }
	err = json.Unmarshal(edited, &file)
	for _, tool := range file.Tool {
		programs = append(programs, tool.Path)
	}
	return programs, err
}

// stagingModules are those that the go.mod of a release takes from its own tree.
func stagingModules(version string) (modules []string, err error) {
	downloaded, downloadErr := goCommand("mod", "download", "-json", "k8s.io/kubernetes@"+version)
	// It says in its answer why it has failed.
	var module struct{ GoMod, Error string }
	if err := json.Unmarshal(downloaded, &module); err != nil {
		return nil, errors.Join(downloadErr, err)
	}
	if module.Error != "" {
		return nil, fmt.Errorf("k8s.io/kubernetes %s cannot be had; try another patch of this minor: %s", version, module.Error)
	}
	edited, err := goCommand("mod", "edit", "-json", module.GoMod)
	if err != nil {
		return nil, err
	}
	var file struct {
		Replace []struct{ Old, New struct{ Path string } }
	}
	if err := json.Unmarshal(edited, &file); err != nil {
		return nil, err
	}
	for _, replace := range file.Replace {
		if strings.HasPrefix(replace.New.Path, "./staging/") {
			modules = append(modules, replace.Old.Path)
		}
	}
	if len(modules) == 0 {
		// From the release on that has a go.work they stand nowhere else.
		return nil, fmt.Errorf("the go.mod of k8s.io/kubernetes %s replaces no module by one of its own tree: see how the release does it now", version)
	}
	return modules, nil
}

func goCommand(arguments ...string) ([]byte, error) {
	command := exec.Command("go", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return output, fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, stderr.Bytes())
	}
	return output, nil
}
