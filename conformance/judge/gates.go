package main

import (
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"

	"kubetrace/conformance/judge/api"
)

// Gates judges by the feature gates that the release registers. All components
// link both packages that do, so that they are the same for all of them.
type Gates struct{}

// Judge looks the gates up.
func (Gates) Judge(request api.GatesRequest, answer *api.GatesAnswer) error {
	one.Lock()
	defer one.Unlock()
	answer.Known = map[string]api.Gate{}
	all := utilfeature.DefaultMutableFeatureGate.GetAll()
	for _, name := range request.Names {
		if gate, ok := all[featuregate.Feature(name)]; ok {
			answer.Known[name] = api.Gate{Default: gate.Default, Locked: gate.LockToDefault}
		}
	}
	return nil
}
