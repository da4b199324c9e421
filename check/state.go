package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kjson "sigs.k8s.io/json"

	"gopkg.in/yaml.v3"
)

// State is what was found in a cluster. Fill it with [State.Add] and
// [State.AddConfigz], or from a client.
type State struct {
	// Nodes are all of the cluster's.
	Nodes []corev1.Node
	// Pods are all of the cluster's, or at least those of kube-system and of the
	// collector's namespace. With those of the others a port that one of them has
	// taken is found too.
	Pods []corev1.Pod
	// ConfigMaps are at least those of kube-system and the collector's namespace.
	ConfigMaps []corev1.ConfigMap
	// DaemonSets are at least those of the collector's namespace.
	DaemonSets []appsv1.DaemonSet
	// Configz is each kubelet's live configuration, by the name of its node.
	Configz map[string]kubeletv1beta1.KubeletConfiguration
	// TracingFiles are the contents of kube-apiserver's tracing file by node, where
	// somebody can read them. They are optional.
	TracingFiles map[string][]byte
	// Containerd are the contents of containerd's config.toml by node. They are
	// optional.
	Containerd map[string][]byte
}

// Read returns the state of texts that kubectl get -o yaml or -o json has printed:
// lists or single objects, several documents in one text or not. Kinds that are not
// needed are passed over. The error names the text by its number and the place in
// it.
func Read(texts ...[]byte) (State, error) {
	var s State
	for i, text := range texts {
		if err := s.Add(text); err != nil {
			return State{}, fmt.Errorf("text %d: %w", i+1, err)
		}
	}
	return s, nil
}

// Add adds what kubectl get -o yaml or -o json has printed; see [Read].
func (s *State) Add(text []byte) error {
	decode := yaml.NewDecoder(strings.NewReader(string(text))).Decode
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && json.Valid(text) {
		decode = json.NewDecoder(bytes.NewReader(text)).Decode // which has more ways to write a character
	}
	for {
		var document any
		switch err := decode(&document); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("it is neither YAML nor JSON: %w", err)
		}
		if document == nil {
			continue
		}
		object, ok := document.(map[string]any)
		if !ok {
			return errors.New("it is no object: give what kubectl get -o yaml prints")
		}
		if err := s.add(object); err != nil {
			return err
		}
	}
}

func (s *State) add(object map[string]any) error {
	kind, _ := object["kind"].(string)
	if items, ok := object["items"].([]any); ok && strings.HasSuffix(kind, "List") {
		for _, item := range items {
			fields, _ := item.(map[string]any)
			if fields == nil {
				return fmt.Errorf("an item of a %s is no object", kind)
			}
			if _, named := fields["kind"]; !named { // as the API answers, and not kubectl
				fields["kind"] = strings.TrimSuffix(kind, "List")
			}
			if err := s.add(fields); err != nil {
				return err
			}
		}
		return nil
	}
	switch kind {
	case "Node":
		return decode(object, &s.Nodes)
	case "Pod":
		return decode(object, &s.Pods)
	case "ConfigMap":
		return decode(object, &s.ConfigMaps)
	case "DaemonSet":
		return decode(object, &s.DaemonSets)
	case "Status":
		return fmt.Errorf("kubectl was refused: %v", object["message"])
	case "KubeletConfiguration":
		return errors.New("this is a kubelet's file, and what it runs with may be another: give its configz with the node's name")
	case "TracingConfiguration":
		return errors.New("this is kube-apiserver's file, which does not say its node: give it with the node's name")
	case "":
		if _, ok := object["kubeletconfig"]; ok {
			return errors.New("this is a kubelet's configz, which does not say its node: give it with the node's name")
		}
		return errors.New("an object has no kind: give what kubectl get -o yaml prints")
	}
	return nil
}

// decode appends an object to those of its kind.
func decode[T any](object map[string]any, list *[]T) error {
	var typed T
	text, err := json.Marshal(object)
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(text, &typed)
	}
	if err != nil {
		return fmt.Errorf("a %v cannot be read: %w", object["kind"], err)
	}
	*list = append(*list, typed)
	return nil
}

// AddConfigz adds what a node's kubelet says of its configuration, the answer of
// kubectl get --raw /api/v1/nodes/NODE/proxy/configz.
func (s *State) AddConfigz(node string, text []byte) error {
	var answer struct {
		Config *kubeletv1beta1.KubeletConfiguration `json:"kubeletconfig"`
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &answer); err != nil {
		return fmt.Errorf("the configz of %s cannot be read: %w", node, err)
	}
	if answer.Config == nil {
		return fmt.Errorf("the configz of %s has no kubeletconfig: give what /api/v1/nodes/%s/proxy/configz answers", node, node)
	}
	if s.Configz == nil {
		s.Configz = map[string]kubeletv1beta1.KubeletConfiguration{}
	}
	s.Configz[node] = *answer.Config
	return nil
}
