//go:build k8s1.31

package main

import kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"

// ignoreMachine takes out what depends on this machine: the validation refuses
// to run where it has cgroup v1, from 1.35 on by default.
func ignoreMachine(config *kubeletconfig.KubeletConfiguration) { config.FailCgroupV1 = false }
