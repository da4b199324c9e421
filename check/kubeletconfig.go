package check

import (
	"fmt"

	"kubetrace/internal/reader"

	tracingv1 "k8s.io/component-base/tracing/api/v1"
)

// KubeletConfig is what decides whether a kubelet is traced, of its configuration. A
// program that has a kubelet's KubeletConfiguration copies the two fields; the type
// itself is not asked for, since one release's cannot hold what another says.
type KubeletConfig struct {
	// Tracing is the field of the same name, or nil where the kubelet is not
	// configured to trace.
	Tracing *tracingv1.TracingConfiguration `json:"tracing,omitempty"`
	// FeatureGates are the gates that are set.
	FeatureGates map[string]bool `json:"featureGates,omitempty"`
}

// configz is Unreadable.What of a kubelet's live configuration.
const configz = "configz"

// AddConfigz adds what a node's kubelet says of its configuration, the answer of
// kubectl get --raw /api/v1/nodes/NODE/proxy/configz. One that cannot be read, such as
// the empty one of a node that is not ready, is put into [State.Unreadable]. The error
// is of the same, for a program that would rather stop.
func (s *State) AddConfigz(node string, text []byte) error {
	config, err := reader.Configz(text)
	if err != nil {
		err = fmt.Errorf("the configz of %s cannot be read: %w", node, err)
		s.cannotRead(configz, node, err)
		return err
	}
	if s.Configz == nil {
		s.Configz = map[string]KubeletConfig{}
	}
	s.Configz[node] = KubeletConfig{Tracing: config.Tracing, FeatureGates: config.FeatureGates}
	return nil
}
