//go:build !k8s1.25

package main

import (
	"k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/kubelet"
)

// writeKubeletConfig knows no patches of the kubelet's configuration yet.
func writeKubeletConfig(cfg *kubeadm.InitConfiguration, dir, _ string) error {
	return kubelet.WriteConfigToDisk(&cfg.ClusterConfiguration, dir)
}
