//go:build !k8s1.25

package main

import (
	"k8s.io/component-base/featuregate"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"

	"kubetrace/conformance/judge/api"
)

func validate(config *kubeletconfig.KubeletConfiguration, _ featuregate.FeatureGate) error {
	return validation.ValidateKubeletConfiguration(config)
}

// tryTracing has nothing to try: these kubelets do not trace.
func tryTracing(*kubeletconfig.KubeletConfiguration, featuregate.FeatureGate, bool, *api.Tracing) error {
	return nil
}
