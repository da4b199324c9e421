//go:build k8s1.32 && !k8s1.33

package main

import (
	"errors"

	"github.com/spf13/pflag"
	"k8s.io/component-base/featuregate"
	utilversion "k8s.io/component-base/version"
)

// gateFlags adds the flag --feature-gates of kube-apiserver. The gates are set by the
// function that it returns, once the flags are parsed: this release takes kube: before
// them.
func gateFlags(flags *pflag.FlagSet) (featuregate.MutableFeatureGate, func() error) {
	gates := registered.DeepCopy()
	registry := featuregate.NewComponentGlobalsRegistry()
	if err := registry.Register(featuregate.DefaultKubeComponent, utilversion.DefaultKubeEffectiveVersion(), gates); err != nil {
		panic(err)
	}
	registry.AddFlags(flags)
	return gates, func() error { return errors.Join(append([]error{registry.Set()}, registry.Validate()...)...) }
}
