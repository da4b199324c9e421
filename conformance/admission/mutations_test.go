package admission

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// mutations are changes of the objects of a bundle that a server must not take.
var mutations = []struct {
	name   string
	kind   string
	mutate func(*testing.T, *unstructured.Unstructured)
	create string // in what comes of create
	apply  string // in what comes of apply
	old    string // in what comes of create in a release without strict validation
}{
	{"an unknown field", "DaemonSet", set(true, "spec", "template", "spec", "hostNetwrk"), `unknown field "spec.template.spec.hostNetwrk"`, ".spec.template.spec.hostNetwrk: field not declared in schema", ".spec.template.spec.hostNetwrk is lost"},
	{"a mount of no volume", "DaemonSet", set("missing", "spec", "template", "spec", "containers", "volumeMounts", "name"), `volumeMounts[0].name: Not found: "missing"`, `volumeMounts[0].name: Not found: "missing"`, ""},
	{"a host port that is not the container's", "DaemonSet", set(int64(1), "spec", "template", "spec", "containers", "ports", "hostPort"), "when `hostNetwork` is true", "when `hostNetwork` is true", ""},
	{"pods that the selector does not find", "DaemonSet", set("other", "spec", "template", "metadata", "labels", "app.kubernetes.io/instance"), "`selector` does not match template `labels`", "`selector` does not match template `labels`", ""},
	{"a label that is too long", "ServiceAccount", set(strings.Repeat("a", 64), "metadata", "labels", "team"), "must be no more than 63", "must be no more than 63", ""},
	{"a name with capitals", "ConfigMap", set("Config", "metadata", "name"), "RFC 1123 subdomain", "RFC 1123 subdomain", ""},
	{"a port that there is not", "Service", set(int64(70000), "spec", "ports", "port"), "must be between 1 and 65535", "must be between 1 and 65535", ""},
	{"an API that is gone", "Deployment", set("extensions/v1beta1", "apiVersion"), "no matches for kind", "no matches for kind", ""},
	{"a deprecated node label", "Deployment", set("linux", "spec", "template", "spec", "nodeSelector", "beta.kubernetes.io/os"), "the server warns", "the server warns", ""},
	{"a quantity that is not as the server writes it", "Deployment", set("1024Mi", "spec", "template", "spec", "containers", "resources", "limits", "memory"), "was sent as 1024Mi and came back as 1Gi", "was sent as 1024Mi and came back as 1Gi", ""},
}

// testMutations gives each mutation to the judges, in a namespace where nothing
// is yet.
func testMutations(t *testing.T, r *release, client *Client, of generated) {
	const privileged, baseline, warning = "mutations", "mutations-baseline", "mutations-warn"
	for namespace, labels := range map[string]map[string]string{
		privileged: {"pod-security.kubernetes.io/enforce": "privileged"},
		baseline:   {"pod-security.kubernetes.io/enforce": "baseline"},
		warning:    {"pod-security.kubernetes.io/warn": "baseline"},
	} {
		if _, err := client.Apply(t.Context(), namespaceOf(namespace, labels)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Apply(t.Context(), defaultAccountOf(namespace)); err != nil {
			t.Fatal(err)
		}
	}
	in := func(t *testing.T, kind, namespace string) *unstructured.Unstructured {
		t.Helper()
		for _, object := range of.objects {
			if object.GetKind() == kind {
				moved := object.DeepCopy()
				moved.SetNamespace(namespace)
				return moved
			}
		}
		t.Fatalf("%s: no %s", of.name, kind)
		return nil
	}

	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			object := in(t, m.kind, privileged)
			if err := dryRun(t.Context(), client, object); err != nil {
				t.Fatalf("without the mutation: %v", err)
			}
			m.mutate(t, object)
			create := m.create
			if m.old != "" && number(r.minor) < 25 {
				create = m.old
			}
			expect(t, client.DryCreate(t.Context(), object), create)
			expect(t, client.DryApply(t.Context(), object), m.apply)
		})
	}
	t.Run("pods of the collector in a namespace with the level baseline", func(t *testing.T) {
		account := in(t, "ServiceAccount", baseline)
		if _, err := client.Apply(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		daemonSet := in(t, "DaemonSet", baseline)
		err := client.DryPod(t.Context(), daemonSet)
		expect(t, err, `violates PodSecurity "baseline:latest"`)
		template, templateErr := Template(daemonSet)
		if templateErr != nil {
			t.Fatal(templateErr)
		}
		for _, reason := range documented("baseline", r.minor, *template) {
			expect(t, err, reason)
		}
		// The same namespace takes pods without the host's network.
		deployment := in(t, "Deployment", baseline)
		if err := client.DryPod(t.Context(), deployment); err != nil {
			t.Error(err)
		}
		set(true, "spec", "template", "spec", "containers", "securityContext", "privileged")(t, deployment)
		unstructured.RemoveNestedField(deployment.Object, "spec", "template", "spec", "containers", "securityContext", "allowPrivilegeEscalation")
		expect(t, client.DryPod(t.Context(), deployment), "privileged")
	})
	t.Run("a collector in a namespace that warns", func(t *testing.T) {
		expect(t, client.DryCreate(t.Context(), in(t, "DaemonSet", warning)), "the server warns: would violate PodSecurity")
	})
	t.Run("another second apply", func(t *testing.T) {
		object := in(t, "ConfigMap", privileged)
		applied, err := client.Apply(t.Context(), object)
		if err != nil {
			t.Fatal(err)
		}
		object.SetAnnotations(map[string]string{"changed": "yes"})
		expect(t, client.ApplyAgain(t.Context(), object, applied), "the second apply changed it")
	})
}

// expect fails where an error does not say this.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("want an error that holds %q, got: %v", want, err)
	}
}

// set returns a mutation that sets a field. Of a list on the way it takes the
// first element.
func set(value any, path ...string) func(*testing.T, *unstructured.Unstructured) {
	return func(t *testing.T, object *unstructured.Unstructured) {
		t.Helper()
		at := object.Object
		for _, key := range path[:len(path)-1] {
			next := at[key]
			if list, ok := next.([]any); ok && len(list) > 0 {
				next = list[0]
			}
			inner, ok := next.(map[string]any)
			if !ok {
				t.Fatalf("there is no %q on the way to %q", key, path)
			}
			at = inner
		}
		at[path[len(path)-1]] = value
	}
}
