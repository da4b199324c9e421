package admission

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"kubetrace"
)

// The files of a bundle that hold objects.
const (
	collectorFile = "collector.yaml"
	gatewayFile   = "gateway.yaml"
	backendFile   = "backend.yaml"
)

// Objects returns the objects of a bundle as its files hold them, the backend's
// first and the nodes' last: applied in this order, nothing waits for another.
func Objects(bundle *kubetrace.Bundle) ([]*unstructured.Unstructured, error) {
	files, err := bundle.FS()
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, name := range []string{backendFile, gatewayFile, collectorFile} {
		text, err := fs.ReadFile(files, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the spec disables it
		}
		if err != nil {
			return nil, err
		}
		read, err := readObjects(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		objects = append(objects, read...)
	}
	return objects, nil
}

func readObjects(text []byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		asJSON, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(asJSON); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

// Template returns the pod template of a DaemonSet or Deployment, or nil of
// another object.
func Template(object *unstructured.Unstructured) (*corev1.PodTemplateSpec, error) {
	switch object.GetKind() {
	case "DaemonSet", "Deployment":
	default:
		return nil, nil
	}
	content, found, err := unstructured.NestedMap(object.Object, "spec", "template")
	if err != nil || !found {
		return nil, errors.Join(fmt.Errorf("%s %s has no pod template", object.GetKind(), object.GetName()), err)
	}
	template := &corev1.PodTemplateSpec{}
	const strict = true
	return template, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, template, strict)
}
