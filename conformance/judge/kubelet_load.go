//go:build k8s1.28 && !k8s1.34

package main

import (
	_ "unsafe" // For go:linkname.

	"github.com/spf13/cobra"
	"k8s.io/kubernetes/cmd/kubelet/app"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

func load(file string) (*kubeletconfig.KubeletConfiguration, error) { return loadConfigFile(file) }

func newCommand() *cobra.Command { return app.NewKubeletCommand() }

//go:linkname loadConfigFile k8s.io/kubernetes/cmd/kubelet/app.loadConfigFile
func loadConfigFile(file string) (*kubeletconfig.KubeletConfiguration, error)
