package clusterapi

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"kubetrace/conformance"
	"kubetrace/conformance/admission"
	"kubetrace/conformance/etcd"
)

// TestDefinitions has a kube-apiserver judge what people write before and after it is
// edited, by the published CustomResourceDefinitions: what it takes before, it takes
// afterwards, whole and without a warning. Each version has a server of its own, since
// there is no webhook here that converts one into the other.
func TestDefinitions(t *testing.T) {
	documents := corpus(t)
	for version, least := range map[string]int{"v1beta1": 10, "v1beta2": 8} {
		t.Run(version, func(t *testing.T) {
			client := serve(t, version)
			took := 0
			for _, document := range documents {
				if !strings.HasSuffix(document.apiVersion, "/"+version) {
					continue
				}
				t.Run(document.name+" "+document.kind, func(t *testing.T) {
					if err := client.DryCreate(t.Context(), objectOf(t, document.before)); err != nil {
						t.Logf("refused before: %v", err)
						return
					}
					took++
					if err := client.DryCreate(t.Context(), objectOf(t, document.after)); err != nil {
						t.Errorf("%v\n%s", err, document.after)
					}
				})
			}
			if took < least {
				t.Errorf("the server took only %d documents before", took)
			}
			if version == "v1beta2" {
				refuses(t, client)
			}
		})
	}
}

// refuses shows that the server refuses what it should.
func refuses(t *testing.T, client *admission.Client) {
	for name, text := range map[string]string{
		"an empty list":    `spec: {template: {spec: {files: []}}}`,
		"a flag twice":     `spec: {template: {spec: {clusterConfiguration: {apiServer: {extraArgs: [{name: v, value: "1"}, {name: v, value: "2"}]}}}}}`,
		"an unknown field": `spec: {template: {spec: {joinConfiguration: {patches: {folder: /a}}}}}`,
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			text := "apiVersion: bootstrap.cluster.x-k8s.io/v1beta2\nkind: KubeadmConfigTemplate\nmetadata: {name: wrong}\n" + text
			if err := client.DryCreate(t.Context(), objectOf(t, []byte(text))); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

func objectOf(t *testing.T, text []byte) *unstructured.Unstructured {
	t.Helper()
	json, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(json); err != nil {
		t.Fatal(err)
	}
	object.SetNamespace("default")
	return object
}

// serve starts a kube-apiserver that knows Cluster API's objects of a version.
func serve(t *testing.T, version string) *admission.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	store, err := etcd.Build(ctx, "../etcd", "3.7.3")
	if err != nil {
		t.Fatal(err)
	}
	program, err := admission.Build(ctx, "../judge", "1.37")
	if err != nil {
		t.Fatal(err)
	}
	started, err := store.Start(ctx, t.TempDir(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = started.Stop() })
	server, err := program.Start(ctx, t.TempDir(), started.Address, "clusterapi")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	objects, err := dynamic.NewForConfig(server.Config)
	if err != nil {
		t.Fatal(err)
	}
	definitions := objects.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	for _, definition := range published(t, version) {
		if _, err := definitions.Create(ctx, definition, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	// They are served, and the namespace is there, some time later.
	for {
		client, err := admission.NewClient(server.Config)
		if err != nil {
			t.Fatal(err)
		}
		err = nil
		for _, definition := range published(t, version) {
			kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
			group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
			probe := &unstructured.Unstructured{Object: map[string]any{"apiVersion": group + "/" + version, "kind": kind, "metadata": map[string]any{"name": "probe", "namespace": "default"}}}
			if probed := client.DryCreate(ctx, probe); probed != nil && !strings.Contains(probed.Error(), "is invalid") {
				err = probed
			}
		}
		if err == nil {
			return client
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// published are the definitions that Cluster API's module carries, with one version alone.
// That it is deprecated is not what is judged.
func published(t *testing.T, version string) (all []*unstructured.Unstructured) {
	t.Helper()
	dir, err := conformance.Download(t.Context(), ".", "sigs.k8s.io/cluster-api")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "kubeadm", "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%v: the definitions are %q", err, files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		definition := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(text, &definition.Object); err != nil {
			t.Fatal(err)
		}
		unstructured.RemoveNestedField(definition.Object, "spec", "conversion")
		versions, _, err := unstructured.NestedSlice(definition.Object, "spec", "versions")
		if err != nil {
			t.Fatal(err)
		}
		versions = slices.DeleteFunc(versions, func(v any) bool { return v.(map[string]any)["name"] != version })
		for _, v := range versions {
			fields := v.(map[string]any)
			delete(fields, "deprecated")
			delete(fields, "deprecationWarning")
			fields["served"], fields["storage"] = true, true
		}
		if err := unstructured.SetNestedSlice(definition.Object, versions, "spec", "versions"); err != nil {
			t.Fatal(err)
		}
		all = append(all, definition)
	}
	return all
}
