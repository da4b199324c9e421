//go:build k8s1.25 && !k8s1.26

package main

import (
	"os"

	"k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/kubelet"
)

func writeKubeletConfig(cfg *kubeadm.InitConfiguration, dir, patches string) error {
	return kubelet.WriteConfigToDisk(&cfg.ClusterConfiguration, dir, patches, os.Stdout)
}
