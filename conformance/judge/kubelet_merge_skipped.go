//go:build k8s1.36

package main

import (
	"fmt"
	_ "unsafe" // For go:linkname.

	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

func merge(config *kubeletconfig.KubeletConfiguration, dir string) error {
	skipped, err := mergeKubeletConfigurations(config, dir)
	if err == nil && len(skipped) > 0 {
		err = fmt.Errorf("the kubelet skips %v", skipped)
	}
	return err
}

//go:linkname mergeKubeletConfigurations k8s.io/kubernetes/cmd/kubelet/app.mergeKubeletConfigurations
func mergeKubeletConfigurations(config *kubeletconfig.KubeletConfiguration, dir string) (skipped []string, err error)
