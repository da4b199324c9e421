//go:build !k8s1.28

package main

import (
	"errors"

	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/configfiles"
	utilfs "k8s.io/kubernetes/pkg/util/filesystem"

	"kubetrace/conformance/judge/api"
)

func load(file string) (*kubeletconfig.KubeletConfiguration, error) {
	loader, err := configfiles.NewFsLoader(&utilfs.DefaultFs{}, file)
	if err != nil {
		return nil, err
	}
	return loader.Load()
}

func merge(*kubeletconfig.KubeletConfiguration, string) error {
	return errors.New("these kubelets have no --config-dir")
}

// DropIn has no kubelet to start: none of these releases links it.
func (Kubelet) DropIn(api.DropInRequest, *api.DropInAnswer) error {
	return errors.New("these kubelets have no --config-dir")
}
