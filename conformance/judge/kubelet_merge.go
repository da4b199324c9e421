//go:build k8s1.28 && !k8s1.36

package main

import (
	_ "unsafe" // For go:linkname.

	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

func merge(config *kubeletconfig.KubeletConfiguration, dir string) error {
	return mergeKubeletConfigurations(config, dir)
}

//go:linkname mergeKubeletConfigurations k8s.io/kubernetes/cmd/kubelet/app.mergeKubeletConfigurations
func mergeKubeletConfigurations(config *kubeletconfig.KubeletConfiguration, dir string) error
