package reader

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	tracingv1 "k8s.io/component-base/tracing/api/v1"
	kjson "sigs.k8s.io/json"
)

// KubeletSettings is what tracing asks of a kubelet's configuration.
type KubeletSettings struct {
	// APIVersion and Kind may be empty in what an older kubelet runs with.
	APIVersion, Kind string
	// Tracing is nil where there is none. One without fields is one: the kubelet
	// then sends to the default endpoint, and starts no trace itself.
	Tracing *tracingv1.TracingConfiguration
	// FeatureGates are the gates that are set.
	FeatureGates map[string]bool
}

// Kubelet reads what tracing asks of a KubeletConfiguration, of any release: other
// fields may be of any type. As for the kubelet, a field in another case is none. The
// error is a *[Problem].
//
// The kubelet reads its file strictly, and where that fails it logs it and reads it
// again without: pkg/kubelet/kubeletconfig/util/codec/codec.go of k8s.io/kubernetes.
func Kubelet(text []byte) (KubeletSettings, error) {
	o, problem := readObject(text)
	if problem != nil {
		return KubeletSettings{}, problem
	}
	s, problem := o.kubelet(o.fields, "")
	if problem != nil {
		return KubeletSettings{}, problem
	}
	s.APIVersion, s.Kind = o.apiVersion, o.kind
	return s, nil
}

// Configz reads what tracing asks of the configuration that a kubelet runs with, the
// answer of kubectl get --raw /api/v1/nodes/NODE/proxy/configz, of any release. The
// error is a *[Problem].
func Configz(text []byte) (KubeletSettings, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	const path = "kubectl get --raw /api/v1/nodes/NODE/proxy/configz"
	if len(bytes.TrimSpace(text)) == 0 {
		return KubeletSettings{}, &Problem{Message: "it is empty, as where the kubelet did not answer: ask again when the node is ready, with " + path}
	}
	var value any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &value); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		return KubeletSettings{}, &Problem{Line: 1, Message: fmt.Sprintf("it is no JSON but %q: give what %s prints", shortened(line), path)}
	}
	fields, _ := value.(map[string]any)
	answer, isConfig := fields["kubeletconfig"].(map[string]any)
	switch {
	case isConfig:
	case fields["kind"] == "Status":
		return KubeletSettings{}, &Problem{Line: 1, Message: fmt.Sprintf("the API server did not ask the kubelet: %v: ask again with %s", fields["message"], path)}
	default:
		there := described(value)
		if len(fields) > 0 {
			there = strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
		}
		return KubeletSettings{}, &Problem{Line: 1, Field: "kubeletconfig", Message: fmt.Sprintf("it is missing, there is %s: give what %s prints", shortened(there), path)}
	}
	o := &object{places: places(text)}
	s, problem := o.kubelet(answer, "kubeletconfig.")
	if problem != nil {
		return KubeletSettings{}, problem
	}
	s.APIVersion, _ = answer["apiVersion"].(string)
	s.Kind, _ = answer["kind"].(string)
	return s, nil
}

// shortened is the beginning of a long text.
func shortened(text string) string {
	if letters := []rune(text); len(letters) > 60 {
		return string(letters[:60]) + "…"
	}
	return text
}

// kubelet reads the fields of a KubeletConfiguration.
func (o *object) kubelet(fields map[string]any, prefix string) (s KubeletSettings, problem *Problem) {
	tracing, problem := o.mapping(fields, "tracing", prefix+"tracing")
	if problem != nil {
		return s, problem
	}
	if tracing != nil {
		s.Tracing = &tracingv1.TracingConfiguration{}
		if s.Tracing.Endpoint, problem = o.text(tracing, "endpoint", prefix+"tracing.endpoint"); problem != nil {
			return s, problem
		}
		if s.Tracing.SamplingRatePerMillion, problem = o.number(tracing, "samplingRatePerMillion", prefix+"tracing.samplingRatePerMillion"); problem != nil {
			return s, problem
		}
	}
	gates, problem := o.mapping(fields, "featureGates", prefix+"featureGates")
	if problem != nil {
		return s, problem
	}
	for _, gate := range slices.Sorted(maps.Keys(gates)) {
		on, isBool := gates[gate].(bool)
		if !isBool && gates[gate] != nil { // of null JSON makes false
			return s, o.wrong(prefix+"featureGates."+gate, gates[gate], "true or false")
		}
		if s.FeatureGates == nil {
			s.FeatureGates = map[string]bool{}
		}
		s.FeatureGates[gate] = on
	}
	return s, nil
}
