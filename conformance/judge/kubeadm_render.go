//go:build k8s1.26

package main

import (
	"bytes"
	"os"
	"path/filepath"

	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app/cmd"

	"kubetrace/conformance/judge/api"
)

// phases are those of kubeadm init that write what is judged.
var phases = []struct {
	command []string
	file    string
	into    func(*api.KubeadmAnswer) *string
}{
	{[]string{"etcd", "local"}, "etcd.yaml", func(a *api.KubeadmAnswer) *string { return &a.Etcd }},
	{[]string{"control-plane", "apiserver"}, "kube-apiserver.yaml", func(a *api.KubeadmAnswer) *string { return &a.APIServer }},
	{[]string{"kubelet-start"}, "config.yaml", func(a *api.KubeadmAnswer) *string { return &a.Kubelet }},
}

// render runs "kubeadm config validate", where the release has it, and then the
// phases of a dry init.
func render(config, scratch string, answer *api.KubeadmAnswer) (errs []error) {
	if err := validateConfig(config); err != nil {
		errs = append(errs, err)
	}
	for _, phase := range phases {
		out := filepath.Join(scratch, phase.command[0])
		if err := os.Mkdir(out, 0o700); err != nil {
			return append(errs, err)
		}
		// In place of /etc/kubernetes and /var/lib/kubelet.
		if err := os.Setenv("KUBEADM_INIT_DRYRUN_DIR", out); err != nil {
			return append(errs, err)
		}
		arguments := append([]string{"init", "phase"}, phase.command...)
		arguments = append(arguments, "--dry-run", "--config", config)
		if err := run(arguments...); err != nil {
			errs = append(errs, err)
			continue
		}
		text, err := onlyFile(out, phase.file)
		if err != nil {
			errs = append(errs, err)
		}
		*phase.into(answer) = text
	}
	return errs
}

// run executes a kubeadm command as its program would.
func run(arguments ...string) error {
	var printed bytes.Buffer
	command := kubeadm.NewKubeadmCommand(&bytes.Buffer{}, &printed, &printed)
	command.SetArgs(arguments)
	return command.Execute()
}
