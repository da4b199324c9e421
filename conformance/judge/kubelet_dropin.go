//go:build k8s1.28

package main

import (
	"os"
	"strings"

	"kubetrace/conformance/judge/api"
)

// DropIn starts a whole kubelet, which does not come far.
func (Kubelet) DropIn(request api.DropInRequest, answer *api.DropInAnswer) error {
	one.Lock()
	defer one.Unlock()
	for _, variable := range request.Env {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
		defer func() { _ = os.Unsetenv(name) }()
	}
	command := newCommand()
	command.SetArgs([]string{"--config-dir=/kubetrace-no-such-folder"})
	command.SilenceErrors = true
	if err := command.Execute(); err != nil {
		answer.Error = err.Error()
	}
	return nil
}
