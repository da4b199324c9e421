// Package readback reads generated files as their consumers do, for tests:
// strictly, with the real types, or with the shapes that kubeadm reads.
package readback

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	apiserverv1beta1 "k8s.io/apiserver/pkg/apis/apiserver/v1beta1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Into reads one YAML document. A field that is unknown, written twice or in
// the wrong case is an error.
func Into(document []byte, into any) error {
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return err
	}
	problems, err := kjson.UnmarshalStrict(text, into)
	return errors.Join(append(problems, err)...)
}

// Documents splits a stream of YAML documents.
func Documents(stream []byte) ([][]byte, error) {
	var documents [][]byte
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
}

// typeOf returns an empty object for an apiVersion and kind.
func typeOf(meta metav1.TypeMeta) any {
	switch meta.APIVersion + " " + meta.Kind {
	case "apiserver.config.k8s.io/v1alpha1 TracingConfiguration", "apiserver.config.k8s.io/v1beta1 TracingConfiguration":
		return &apiserverv1beta1.TracingConfiguration{}
	case "kubelet.config.k8s.io/v1beta1 KubeletConfiguration", " KubeletConfiguration": // the latter for kind
		return &kubeletv1beta1.KubeletConfiguration{}
	case "kubeadm.k8s.io/v1beta3 ClusterConfiguration", " ClusterConfiguration":
		return &ClusterConfigurationMaps{}
	case "kubeadm.k8s.io/v1beta4 ClusterConfiguration":
		return &ClusterConfigurationLists{}
	case "v1 Namespace":
		return &corev1.Namespace{}
	case "v1 ServiceAccount":
		return &corev1.ServiceAccount{}
	case "v1 ConfigMap":
		return &corev1.ConfigMap{}
	case "v1 Service":
		return &corev1.Service{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "apps/v1 DaemonSet":
		return &appsv1.DaemonSet{}
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	}
	return nil
}

// Objects reads a stream of documents of any kind that kubetrace generates.
func Objects(stream []byte) ([]any, error) {
	documents, err := Documents(stream)
	if err != nil {
		return nil, err
	}
	var objects []any
	for i, document := range documents {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal(document, &meta); err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		object := typeOf(meta)
		if object == nil {
			return nil, fmt.Errorf("document %d: %s %s is none of the kinds that kubetrace generates", i, meta.APIVersion, meta.Kind)
		}
		if err := errors.Join(Into(document, object), noNull(document)); err != nil {
			return nil, fmt.Errorf("document %d, %s: %w", i, meta.Kind, err)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// noNull refuses null, which a merge patch would read as "delete".
func noNull(document []byte) error {
	var tree any
	if err := yaml.Unmarshal(document, &tree); err != nil {
		return err
	}
	return walk(tree)
}

func walk(tree any) error {
	var errs []error
	switch tree := tree.(type) {
	case nil:
		errs = append(errs, errors.New("there is a null"))
	case []any:
		for i, element := range tree {
			if err := walk(element); err != nil {
				errs = append(errs, fmt.Errorf("[%d]: %w", i, err))
			}
		}
	case map[string]any:
		for key, value := range tree {
			if err := walk(value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", key, err))
			}
		}
	}
	return errors.Join(errs...)
}

// Bundle reads all files of a bundle but its README.md, by name.
func Bundle(files fs.FS) (map[string][]any, error) {
	all := map[string][]any{}
	return all, fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "README.md" {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		objects, err := read(name, content)
		if err == nil && (len(objects) == 0 || !bytes.HasSuffix(content, []byte("\n"))) {
			err = errors.New("it is empty or does not end in a line")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[name] = objects
		return nil
	})
}

// read reads a file of a bundle, which is YAML but for those of container runtimes.
func read(name string, content []byte) ([]any, error) {
	folder, _, _ := strings.Cut(name, "/")
	switch {
	case folder == "containerd" && strings.HasSuffix(name, ".conf"):
		return unit(string(content))
	case folder == "containerd", folder == "crio":
		var tree map[string]any
		err := toml.Unmarshal(content, &tree)
		return []any{tree}, err
	}
	return Objects(content)
}

// environment is an assignment of a systemd unit, without what systemd would expand.
var environment = regexp.MustCompile(`^Environment="([A-Z_]+)=([^"\\%]*)"$`)

// unit reads a drop-in of a systemd service that sets variables alone.
func unit(text string) ([]any, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != "[Service]" {
		return nil, fmt.Errorf("%q is not the section of a service", lines[0])
	}
	variables := map[string]string{}
	for _, line := range lines[1:] {
		match := environment.FindStringSubmatch(line)
		if match == nil || variables[match[1]] != "" {
			return nil, fmt.Errorf("%q sets no variable, or one again", line)
		}
		variables[match[1]] = match[2]
	}
	return []any{variables}, nil
}
