package check

import (
	"bytes"
	"errors"
	"fmt"

	tracingv1 "k8s.io/component-base/tracing/api/v1"
	"sigs.k8s.io/yaml"
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

// kubeletConfig reads a KubeletConfiguration in YAML or JSON for what is asked of it.
func kubeletConfig(text []byte) (config KubeletConfig, err error) {
	if text, err = yaml.YAMLToJSON(text); err == nil {
		err = unmarshal(text, &config)
	}
	return config, err
}

// configz is Unreadable.What of a kubelet's live configuration.
const configz = "configz"

// AddConfigz adds what a node's kubelet says of its configuration, the answer of
// kubectl get --raw /api/v1/nodes/NODE/proxy/configz. One that cannot be read, such as
// the empty one of a node that is not ready, is put into [State.Unreadable]. The error
// is of the same, for a program that would rather stop.
func (s *State) AddConfigz(node string, text []byte) error {
	config, err := readConfigz(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		err = fmt.Errorf("the configz of %s cannot be read: %w", node, err)
		s.cannotRead(configz, node, err)
		return err
	}
	if s.Configz == nil {
		s.Configz = map[string]KubeletConfig{}
	}
	s.Configz[node] = config
	return nil
}

func readConfigz(text []byte) (KubeletConfig, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return KubeletConfig{}, errors.New("it is empty: the kubelet did not answer")
	}
	var answer struct {
		Config  *KubeletConfig `json:"kubeletconfig"`
		Kind    string         `json:"kind"`
		Message string         `json:"message"`
	}
	switch err := unmarshal(text, &answer); {
	case err != nil:
		return KubeletConfig{}, err
	case answer.Config != nil:
		return *answer.Config, nil
	case answer.Kind == "Status":
		return KubeletConfig{}, refused(answer.Message)
	}
	return KubeletConfig{}, errors.New("it has no kubeletconfig")
}
