package tracing

import (
	"fmt"
	"strings"
)

// CheckFeatureGate says what is wrong with a feature gate of tracing that
// somebody else sets for a component of this cluster, or nil: a gate that the
// release does not know or has locked keeps the component from starting, and one
// that is switched off, by its name or with AllBeta, keeps it from tracing; the
// kubelet does not start then either. Other gates are not judged.
func (r Resolved) CheckFeatureGate(name string, on bool) error {
	if r.facts == nil {
		return nil
	}
	release, component := r.facts.controlPlane, ComponentAPIServer
	state := release.APIServerTracing
	// Newer releases also take the name with the component before it.
	switch strings.TrimPrefix(name, "kube:") {
	case "AllBeta":
		return r.checkAllBeta(on)
	case GateNameAPIServer:
	case GateNameKubelet:
		component, state = ComponentKubelet, release.KubeletTracing
	default:
		return nil
	}
	switch {
	case state == GateUnknown:
		return fmt.Errorf("the gate %s is not known to Kubernetes %s, whose components would not start: take it out", name, release.Kubernetes)
	case !on && state == GateLocked:
		return fmt.Errorf("the gate %s is locked in Kubernetes %s, whose components would not start: take it out", name, release.Kubernetes)
	case !on && r.NotGenerated(component) == nil:
		return fmt.Errorf("without the gate %s nothing of %s is traced: take it out, or disable %s in the spec", name, component, component)
	}
	return nil
}

// checkAllBeta says whether switching off all beta gates takes ours with them.
func (r Resolved) checkAllBeta(on bool) error {
	for _, gate := range []struct {
		state     Gate
		component Component
	}{
		{r.facts.controlPlane.APIServerTracing, ComponentAPIServer},
		{r.facts.oldestKubelet.KubeletTracing, ComponentKubelet},
	} {
		if !on && gate.state == GateOptional && r.NotGenerated(gate.component) == nil {
			return fmt.Errorf("AllBeta=false switches off the tracing of %s: take it out, or disable %s in the spec", gate.component, gate.component)
		}
	}
	return nil
}
