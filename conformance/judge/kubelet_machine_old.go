//go:build !k8s1.31

package main

import kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"

func ignoreMachine(*kubeletconfig.KubeletConfiguration) {}
