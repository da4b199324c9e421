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

	"gopkg.in/yaml.v3"
)

// State is what was found in a cluster. Fill it with [State.Add] and
// [State.AddConfigz], or from a client. All fields are optional; what is needed to
// judge and is not there is a finding.
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
	// Namespaces hold at least the collector's. Its labels say whether pod security
	// admission forbids the collector's pods. Nobody misses them.
	Namespaces []corev1.Namespace
	// Events are those of the collector's namespace. They say why the DaemonSet makes
	// no pods. Nobody misses them.
	Events []corev1.Event
	// Configz is what each kubelet runs with, by the name of its node.
	Configz map[string]KubeletConfig
	// TracingFiles are the contents of kube-apiserver's tracing file by node, where
	// somebody can read them. Nobody misses them.
	TracingFiles map[string][]byte
	// Processes are kube-apiserver and etcd by node where they are not pods, as on Talos
	// and k0s. They are judged in place of pods, on any node. Nobody misses them where
	// Options.HiddenControlPlane is set, nor those of etcd where the spec says
	// etcd.external.
	Processes map[string][]Process
	// EtcdFiles are the contents of the file that etcd's flag --config-file names, by
	// node. They are missed only where the flag is set.
	EtcdFiles map[string][]byte
	// EgressSelectors are the contents of the file that kube-apiserver's flag
	// --egress-selector-config-file names, by node. They are missed only where
	// the flag is set.
	EgressSelectors map[string][]byte
	// Containerd are the configurations of containerd by node, as containerd config
	// dump prints them. They are missed only where the spec names containerd and the
	// node's release is traced by them.
	Containerd map[string][]byte
	// ContainerdEnvironment are the environments of containerd by node, with a variable
	// NAME=value on each line or as /proc/PID/environ has them. Those that begin with
	// OTEL_ are enough, but an empty one counts as one that could not be read. They are
	// missed only where the spec names containerd and the node's release goes by them.
	ContainerdEnvironment map[string][]byte
	// CRIO are the configurations of CRI-O by node, as crio status config prints them,
	// or crio-status config before 1.28. They are missed only where the spec names CRI-O.
	CRIO map[string][]byte
	// Unreadable is what was given and could not be read. Each is a finding.
	Unreadable []Unreadable
}

// Unreadable is something that was given and could not be read: a kubelet that did
// not answer, an answer that kubectl was refused, an object with a field of another
// type than ours.
type Unreadable struct {
	// Source is where it comes from, such as the name of a file. It is optional and
	// only printed.
	Source string
	// What it is: "configz", an object as "Pod kube-system/etcd-a", or "text".
	What string
	// Node is whose it is, or empty.
	Node string
	// Err is why it could not be read.
	Err error
}

// Read returns the state of texts that kubectl get -o yaml or -o json has printed:
// lists or single objects, several documents in one text or not. Kinds that are not
// needed are passed over. The state holds all that could be read, also beside an
// error. The error names each text that could not, by its number.
func Read(texts ...[]byte) (State, error) {
	var s State
	var errs []error
	for i, text := range texts {
		if err := s.Add(text); err != nil {
			errs = append(errs, fmt.Errorf("text %d: %w", i+1, err))
		}
	}
	return s, errors.Join(errs...)
}

// Add adds what kubectl get -o yaml or -o json has printed; see [Read]. What cannot
// be read is put into [State.Unreadable] and the rest is added. The error is of the
// same, for a program that would rather stop.
func (s *State) Add(text []byte) error {
	before := len(s.Unreadable)
	s.addDocuments(text)
	var errs []error
	for _, u := range s.Unreadable[before:] {
		errs = append(errs, u.Err)
	}
	return errors.Join(errs...)
}

// cannotRead puts into the state that something cannot be read.
func (s *State) cannotRead(what, node string, err error) {
	s.Unreadable = append(s.Unreadable, Unreadable{What: what, Node: node, Err: err})
}

func (s *State) addDocuments(text []byte) {
	decode := yaml.NewDecoder(bytes.NewReader(text)).Decode
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && json.Valid(text) {
		decode = json.NewDecoder(bytes.NewReader(text)).Decode // which has more ways to write a character
	}
	for {
		var document any
		switch err := decode(&document); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			s.cannotRead(unknownText, "", fmt.Errorf("it is neither YAML nor JSON: %w", err))
			return
		}
		if document == nil {
			continue
		}
		if object, ok := document.(map[string]any); ok {
			s.addObject(object)
			continue
		}
		s.cannotRead(unknownText, "", errors.New("it is no object: give what kubectl get -o yaml prints"))
	}
}

// unknownText is Unreadable.What of a text that says no kind.
const unknownText = "text"

func (s *State) addObject(object map[string]any) {
	kind, _ := object["kind"].(string)
	if items, ok := object["items"].([]any); ok && strings.HasSuffix(kind, "List") {
		for _, item := range items {
			fields, _ := item.(map[string]any)
			if fields == nil {
				s.cannotRead(unknownText, "", fmt.Errorf("an item of a %s is no object: give what kubectl get -o yaml prints", kind))
				continue
			}
			if _, named := fields["kind"]; !named { // as the API answers, and not kubectl
				fields["kind"] = strings.TrimSuffix(kind, "List")
			}
			s.addObject(fields)
		}
		return
	}
	switch kind {
	case "Node":
		add(s, object, &s.Nodes)
	case "Pod":
		add(s, object, &s.Pods)
	case "ConfigMap":
		add(s, object, &s.ConfigMaps)
	case "DaemonSet":
		add(s, object, &s.DaemonSets)
	case "Namespace":
		add(s, object, &s.Namespaces)
	case "Event":
		add(s, object, &s.Events)
	case "Status":
		s.cannotRead(unknownText, "", refused(object["message"]))
	case "KubeletConfiguration":
		s.cannotRead(unknownText, "", errors.New("this is a kubelet's file, and what it runs with may be another: give its configz with the node's name"))
	case "TracingConfiguration", "EgressSelectorConfiguration":
		s.cannotRead(unknownText, "", errors.New("this is a file of kube-apiserver, which does not say its node: give it with the node's name"))
	case "":
		if _, ok := object["kubeletconfig"]; ok {
			s.cannotRead(unknownText, "", errors.New("this is a kubelet's configz, which does not say its node: give it with the node's name"))
			return
		}
		s.cannotRead(unknownText, "", errors.New("an object has no kind: give what kubectl get -o yaml prints"))
	}
}

// refused is the error of an answer that is a Status.
func refused(message any) error { return fmt.Errorf("kubectl was refused: %v", message) }

// add adds an object to those of its kind.
func add[T any](s *State, object map[string]any, list *[]T) {
	var typed T
	if err := decodeAsked(object, &typed); err != nil {
		what, node := describe(object)
		s.cannotRead(what, node, fmt.Errorf("the %s cannot be read: %w", what, err))
		return
	}
	*list = append(*list, typed)
}
