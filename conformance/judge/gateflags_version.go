//go:build k8s1.31 && !k8s1.32

package main

import (
	"errors"

	"github.com/spf13/pflag"
	utilversion "k8s.io/apiserver/pkg/util/version"
	"k8s.io/component-base/featuregate"
)

// gateFlags adds the flag --feature-gates of kube-apiserver. The gates are set by the
// function that it returns, once the flags are parsed: this release takes kube: before
// them.
func gateFlags(flags *pflag.FlagSet) (featuregate.MutableFeatureGate, func() error) {
	gates := registered.DeepCopy()
	registry := utilversion.NewComponentGlobalsRegistry()
	if err := registry.Register(utilversion.DefaultKubeComponent, utilversion.DefaultKubeEffectiveVersion(), gates); err != nil {
		panic(err)
	}
	registry.AddFlags(flags)
	return gates, func() error { return errors.Join(append([]error{registry.Set()}, registry.Validate()...)...) }
}
