// Command pin writes the mod file of a Kubernetes release's judge,
// judge/v1.38.mod, which pins the release and all modules it is released with.
// Other programs of the release, which something else builds with the same mod
// file, are named after the version:
//
//	go run ./cmd/pin 1.38.0
//	go run ./cmd/pin 1.38.0 k8s.io/kubernetes/cmd/kube-apiserver
//
// Where a module or a checksum of a patch is not published, try a neighbour. A
// release that needs a newer Go than this module is pinned with the Go that runs this
// program, and is built with it:
//
//	GOTOOLCHAIN=go1.27.2 go run ./cmd/pin 1.38.0-beta.0
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	goversion "go/version"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
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

var versionPattern = regexp.MustCompile(`^v?(1\.(\d+))\.\d+(-(alpha|beta|rc)\.\d+)?$`)

func run(arguments []string) error {
	var numbers []string
	if len(arguments) > 0 {
		numbers = versionPattern.FindStringSubmatch(arguments[0])
	}
	if numbers == nil {
		return fmt.Errorf("usage: go run ./cmd/pin VERSION [PROGRAM...], with a version such as 1.38.0 or 1.38.0-rc.1")
	}
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("run this in the folder conformance: %w", err)
	}
	version, minor := "v"+strings.TrimPrefix(arguments[0], "v"), numbers[1]
	release, err := modFileOf(version)
	if err != nil {
		return err
	}

	var text strings.Builder
	fmt.Fprintf(&text, "module kubetrace/conformance/judge\n\n%s\n\nrequire k8s.io/kubernetes %s\n\nreplace (\n", goLines(release.Go), version)
	for _, module := range release.staging() {
		taken := module + " v0." + strings.TrimPrefix(version, "v1.")
		if instead, ok := notServed[taken]; ok {
			taken = instead
		}
		fmt.Fprintf(&text, "\t%s => %s\n", module, taken)
	}
	for _, r := range release.Require {
		if instead, ok := notServed[r.Path+" "+r.Version]; ok {
			fmt.Fprintf(&text, "\t%s => %s\n", r.Path, instead)
		}
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

// notServed are modules that a release is made with and the module proxy does not
// serve, and what takes their place: a neighbour, or a folder below judge.
var notServed = map[string]string{
	"k8s.io/kube-proxy v0.31.14":                  "k8s.io/kube-proxy v0.31.11",
	"k8s.io/kube-scheduler v0.31.14":              "k8s.io/kube-scheduler v0.31.13",
	"k8s.io/legacy-cloud-providers v0.29.6":       "k8s.io/legacy-cloud-providers v0.29.1",
	"sigs.k8s.io/structured-merge-diff/v7 v7.0.1": "sigs.k8s.io/structured-merge-diff/v7 v7.0.0",
	"sigs.k8s.io/iptables-wrappers v1.0.0":        "./iptables-wrappers",
}

// ownGo is the line go of this module.
const ownGo = "1.26.0"

// goLines are the lines of a mod file that say which Go builds it.
func goLines(released string) string {
	if goversion.Compare("go"+released, "go"+ownGo) <= 0 {
		return "go " + ownGo
	}
	return fmt.Sprintf("go %s\n\ntoolchain %s", released, runtime.Version())
}

// releaseFile is what is asked of the go.mod of a release.
type releaseFile struct {
	Go      string
	Require []struct{ Path, Version string }
	Replace []struct{ Old, New struct{ Path string } }
}

// modFileOf reads the go.mod of a release, which has to replace modules by those of
// its own tree.
func modFileOf(version string) (file releaseFile, err error) {
	downloaded, downloadErr := goCommand("mod", "download", "-json", "k8s.io/kubernetes@"+version)
	// It says in its answer why it has failed.
	var module struct{ GoMod, Error string }
	if err := json.Unmarshal(downloaded, &module); err != nil {
		return file, errors.Join(downloadErr, err)
	}
	if module.Error != "" {
		return file, fmt.Errorf("k8s.io/kubernetes %s cannot be had; try another patch of this minor, or where it needs a newer Go, set GOTOOLCHAIN to it: %s", version, module.Error)
	}
	edited, err := goCommand("mod", "edit", "-json", module.GoMod)
	if err != nil {
		return file, err
	}
	if err := json.Unmarshal(edited, &file); err != nil {
		return file, err
	}
	if len(file.staging()) == 0 {
		// From the release on that has a go.work they stand nowhere else.
		return file, fmt.Errorf("the go.mod of k8s.io/kubernetes %s replaces no module by one of its own tree: see how the release does it now", version)
	}
	return file, nil
}

// staging are the modules that a release takes from its own tree.
func (f releaseFile) staging() (modules []string) {
	for _, replace := range f.Replace {
		if strings.HasPrefix(replace.New.Path, "./staging/") {
			modules = append(modules, replace.Old.Path)
		}
	}
	return modules
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
