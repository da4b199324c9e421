package admission

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// testObjects lets a server judge every object of every spec: first alone and
// without keeping it, then one spec after the other, as somebody who changes it.
func testObjects(t *testing.T, r *release) {
	server := r.mustStart(t, nil)
	client, err := NewClient(server.Config)
	if err != nil {
		t.Fatal(err)
	}
	all := generateAll(t, r.minor)

	t.Run("dry run", func(t *testing.T) {
		for _, g := range all { // while no namespace is there yet
			for _, object := range g.objects {
				if isNamespace(object) {
					g.check(t, dryRun(t.Context(), client, object))
				}
			}
		}
		for _, g := range all {
			g.makeNamespaces(t, client)
			for _, object := range g.objects {
				if !isNamespace(object) {
					g.check(t, dryRun(t.Context(), client, object))
				}
			}
		}
	})
	t.Run("apply twice", func(t *testing.T) {
		for _, g := range all {
			for _, object := range g.objects {
				applied, err := client.Apply(t.Context(), object)
				if err == nil {
					err = client.ApplyAgain(t.Context(), object, applied)
				}
				g.check(t, err)
			}
		}
	})
	// Pod Security judges in the server itself here, and the ServiceAccounts and
	// priority classes have to be there.
	t.Run("pods", func(t *testing.T) {
		for _, g := range all {
			for _, object := range g.objects {
				if isWorkload(object) {
					g.check(t, client.DryPod(t.Context(), object))
				}
			}
		}
	})
	t.Run("mutations", func(t *testing.T) { testMutations(t, r, client, all[0]) })
}

func (g generated) check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", g.name, err)
	}
}

// makeNamespaces applies the namespaces of a bundle: its own, and those that a
// person has to make.
func (g generated) makeNamespaces(t *testing.T, client *Client) {
	t.Helper()
	made := map[string]bool{"": true} // a Namespace is in none
	for _, object := range g.objects {
		namespace := object.GetNamespace()
		if made[namespace] {
			continue
		}
		made[namespace] = true
		labels, err := g.labelsOf(namespace)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Apply(t.Context(), namespaceOf(namespace, labels))
		g.check(t, err)
		_, err = client.Apply(t.Context(), defaultAccountOf(namespace))
		g.check(t, err)
	}
}

func namespaceOf(name string, labels map[string]string) *unstructured.Unstructured {
	namespace := &unstructured.Unstructured{}
	namespace.SetAPIVersion("v1")
	namespace.SetKind("Namespace")
	namespace.SetName(name)
	namespace.SetLabels(labels)
	return namespace
}

// defaultAccountOf is the ServiceAccount that kube-controller-manager makes in
// every namespace.
func defaultAccountOf(namespace string) *unstructured.Unstructured {
	account := &unstructured.Unstructured{}
	account.SetAPIVersion("v1")
	account.SetKind("ServiceAccount")
	account.SetNamespace(namespace)
	account.SetName("default")
	return account
}

// dryRun lets the server judge an object in both ways.
func dryRun(ctx context.Context, client *Client, object *unstructured.Unstructured) error {
	return errors.Join(client.DryCreate(ctx, object), client.DryApply(ctx, object))
}

func isWorkload(object *unstructured.Unstructured) bool {
	return object.GetKind() == "DaemonSet" || object.GetKind() == "Deployment"
}
