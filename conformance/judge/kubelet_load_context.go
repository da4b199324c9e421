//go:build k8s1.34

package main

import (
	"context"
	_ "unsafe" // For go:linkname.

	"github.com/spf13/cobra"
	"k8s.io/kubernetes/cmd/kubelet/app"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

func load(file string) (*kubeletconfig.KubeletConfiguration, error) {
	return loadConfigFile(context.Background(), file)
}

func newCommand() *cobra.Command { return app.NewKubeletCommand(context.Background()) }

//go:linkname loadConfigFile k8s.io/kubernetes/cmd/kubelet/app.loadConfigFile
func loadConfigFile(ctx context.Context, file string) (*kubeletconfig.KubeletConfiguration, error)
