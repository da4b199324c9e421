package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kubetrace/conformance/judge/api"
)

// Kubeadm judges by the release's kubeadm command.
type Kubeadm struct{}

// Judge validates the configuration and does what the phases of "kubeadm init"
// do that write what is judged.
func (Kubeadm) Judge(request api.KubeadmRequest, answer *api.KubeadmAnswer) error {
	one.Lock()
	defer one.Unlock()
	defer recovered(&answer.Errors)
	logged.take()
	scratch, err := os.MkdirTemp("", "kubetrace-judge-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	config, patches := filepath.Join(scratch, "config.yaml"), filepath.Join(scratch, "patches")
	text := strings.ReplaceAll(request.Config, api.PatchesDir, patches)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.Mkdir(patches, 0o700); err != nil {
		return err
	}
	for name, content := range request.Patches {
		if err := os.WriteFile(filepath.Join(patches, name), []byte(content), 0o600); err != nil {
			return err
		}
	}

	for _, err := range render(config, scratch, answer) {
		answer.Errors = append(answer.Errors, err.Error())
	}
	takeWarnings(answer)
	return nil
}

// takeWarnings moves what was logged into the answer, but for what says nothing
// about the configuration.
func takeWarnings(answer *api.KubeadmAnswer) {
	for _, warning := range warnings() {
		aboutTheMachine := slices.ContainsFunc(machineWarnings, func(text string) bool { return strings.Contains(warning, text) })
		if !aboutTheMachine && !slices.Contains(answer.Warnings, warning) {
			answer.Warnings = append(answer.Warnings, warning)
		}
	}
}

// machineWarnings say nothing about the configuration.
var machineWarnings = []string{
	"could not fetch a Kubernetes version from the internet",
	"falling back to the local client version",
	"cannot determine if systemd-resolved is active",
}

// onlyFile returns the content of the one file of that name below a folder.
// Where exactly it lies differs: older releases add folders of their own.
func onlyFile(dir, name string) (string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == name {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("wrote %d files named %s into KUBEADM_INIT_DRYRUN_DIR, not 1", len(found), name)
	}
	text, err := os.ReadFile(found[0])
	return string(text), err
}
