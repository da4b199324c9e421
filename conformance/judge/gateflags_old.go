//go:build !k8s1.31

package main

import (
	"github.com/spf13/pflag"
	"k8s.io/component-base/featuregate"
)

// gateFlags adds the flag --feature-gates of kube-apiserver, which sets the gates as it
// is parsed.
func gateFlags(flags *pflag.FlagSet) (featuregate.MutableFeatureGate, func() error) {
	gates := registered.DeepCopy()
	gates.AddFlag(flags)
	return gates, func() error { return nil }
}
