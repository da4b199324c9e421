//go:build k8s1.28 && !k8s1.34

package main

import (
	_ "unsafe" // For go:linkname.

	// Its unexported functions are called below.
	_ "k8s.io/kubernetes/cmd/kubelet/app"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

func load(file string) (*kubeletconfig.KubeletConfiguration, error) { return loadConfigFile(file) }

//go:linkname loadConfigFile k8s.io/kubernetes/cmd/kubelet/app.loadConfigFile
func loadConfigFile(file string) (*kubeletconfig.KubeletConfiguration, error)
