//go:build k8s1.25

package main

import (
	"k8s.io/component-base/featuregate"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
)

func validate(config *kubeletconfig.KubeletConfiguration, gates featuregate.FeatureGate) error {
	return validation.ValidateKubeletConfiguration(config, gates)
}
