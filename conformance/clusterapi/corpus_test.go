package clusterapi

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/tracing"
)

// edited is a document of the corpus, and what it becomes.
type edited struct {
	name, apiVersion, kind string
	before, after          []byte
}

// corpus returns the documents of Cluster API that people write. Each is edited alone, for
// the release that it names, or for 1.36.
func corpus(t *testing.T) (all []edited) {
	t.Helper()
	files, err := filepath.Glob("../../apply/testdata/corpus/clusterapi/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(text, []byte("\n---\n")) {
			object := unstructured.Unstructured{}
			if err := yaml.Unmarshal(document, &object.Object); err != nil || object.GetKind() == "" {
				continue // the index
			}
			spec := tracing.TracingSpec{KubernetesVersion: "1.36"}
			if version, found, _ := unstructured.NestedString(object.Object, "spec", "version"); found {
				spec.KubernetesVersion = version
			}
			switch filepath.Base(file) {
			case "external-etcd.yaml":
				spec.Etcd = tracing.EtcdSpec{External: true, Version: "3.6.5"}
			case "ignition.yaml":
				spec.Etcd.ImageTag = "3.5.21-0"
			case "runtime.yaml":
				spec.Containerd = &tracing.ContainerdSpec{Version: "2.3.4"}
			}
			switch object.GetKind() {
			case "KubeadmControlPlane", "KubeadmControlPlaneTemplate", "KubeadmConfig", "KubeadmConfigTemplate":
			default:
				continue
			}
			result, err := apply.Documents(spec, document, apply.Options{})
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all = append(all, edited{filepath.Base(file), object.GetAPIVersion(), object.GetKind(), document, result.Text})
		}
	}
	if len(all) < 18 {
		t.Fatalf("there are only %d documents", len(all))
	}
	return all
}
