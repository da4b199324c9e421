package collector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/collector"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

func objects(t *testing.T, spec tracing.TracingSpec) []runtime.Object {
	t.Helper()
	return must[[]runtime.Object](t)(collector.Objects(spec))
}

// describe returns apiVersion, kind, namespace and name of objects, a line
// each.
func describe(t *testing.T, list []runtime.Object) []string {
	t.Helper()
	var lines []string
	for _, object := range list {
		accessor, err := meta.Accessor(object)
		if err != nil {
			t.Fatal(err)
		}
		version, kind := object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
		name := accessor.GetName()
		if kind == "ConfigMap" {
			name = name[:strings.LastIndexByte(name, '-')] // without the hash
		}
		lines = append(lines, fmt.Sprintf("%s %s %s/%s", version, kind, accessor.GetNamespace(), name))
	}
	return lines
}

func TestObjects(t *testing.T) {
	own := func(manage *bool) tracing.TracingSpec {
		return collectorOf(func(c *tracing.CollectorSpec) { c.Namespace, c.Name, c.ManageNamespace = "obs", "node", manage })
	}
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want []string
	}{
		{"defaults", specOf(nil), []string{
			"v1 Namespace /kubetrace-system",
			"v1 ServiceAccount kubetrace-system/kubetrace-collector",
			"v1 ConfigMap kubetrace-system/kubetrace-collector",
			"apps/v1 DaemonSet kubetrace-system/kubetrace-collector",
		}},
		{"a namespace of others", own(nil), []string{"v1 ServiceAccount obs/node", "v1 ConfigMap obs/node", "apps/v1 DaemonSet obs/node"}},
		{"a namespace to manage", own(ptr(true)), []string{"v1 Namespace /obs", "v1 ServiceAccount obs/node", "v1 ConfigMap obs/node", "apps/v1 DaemonSet obs/node"}},
		{"the default namespace, not to manage", collectorOf(func(c *tracing.CollectorSpec) { c.ManageNamespace = ptr(false) }), []string{
			"v1 ServiceAccount kubetrace-system/kubetrace-collector",
			"v1 ConfigMap kubetrace-system/kubetrace-collector",
			"apps/v1 DaemonSet kubetrace-system/kubetrace-collector",
		}},
		{"disabled", collectorOf(func(c *tracing.CollectorSpec) { c.Disabled = true }), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := objects(t, test.spec)
			if diff := cmp.Diff(test.want, describe(t, list)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			text, err := tracing.MarshalAll(list)
			if err != nil {
				t.Fatal(err)
			}
			if read, err := readback.Objects(text); err != nil || len(read) != len(test.want) {
				t.Errorf("%d of %d objects read back: %v", len(read), len(test.want), err)
			}
		})
	}
}

// TestObjectsReleases says that no object depends on the release of Kubernetes
// but for the nodes that the pods are on.
func TestObjectsReleases(t *testing.T) {
	want := objects(t, specOf(nil))
	for _, release := range tracing.Releases() {
		if !release.KubeletTraced {
			continue
		}
		got := objects(t, specOf(func(s *tracing.TracingSpec) { s.KubernetesVersion = release.Kubernetes }))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", release.Kubernetes, diff)
		}
	}
}

func TestObjectsMetadata(t *testing.T) {
	spec := collectorOf(func(c *tracing.CollectorSpec) {
		c.Labels, c.Annotations = map[string]string{"team": "a"}, map[string]string{"example.com/owner": "b"}
	})
	wantLabels := map[string]string{
		"team":                         "a",
		"app.kubernetes.io/name":       "kubetrace-collector",
		"app.kubernetes.io/instance":   "kubetrace-collector",
		"app.kubernetes.io/component":  "collector",
		"app.kubernetes.io/part-of":    "kubetrace",
		"app.kubernetes.io/managed-by": "kubetrace",
	}
	check := func(of string, labels, annotations map[string]string) {
		t.Helper()
		if diff := cmp.Diff(wantLabels, labels); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", of, diff)
		}
		if diff := cmp.Diff(map[string]string{"example.com/owner": "b"}, annotations); diff != "" {
			t.Errorf("%s: annotations (-want +got):\n%s", of, diff)
		}
	}
	for _, object := range objects(t, spec)[1:] {
		accessor, err := meta.Accessor(object)
		if err != nil {
			t.Fatal(err)
		}
		check(object.GetObjectKind().GroupVersionKind().Kind, accessor.GetLabels(), accessor.GetAnnotations())
	}
	template := daemonSet(t, spec).Spec.Template
	check("the pods", template.Labels, template.Annotations)
	namespace := must[*corev1.Namespace](t)(collector.Namespace(spec))
	for _, mode := range []string{"enforce", "audit", "warn"} {
		wantLabels["pod-security.kubernetes.io/"+mode] = "privileged"
	}
	check("Namespace", namespace.Labels, namespace.Annotations)
}

func TestServiceAccount(t *testing.T) {
	account := must[*corev1.ServiceAccount](t)(collector.ServiceAccount(specOf(nil)))
	if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
		t.Error("the account mounts a token, which the collector does not need")
	}
	if got := podOf(t, specOf(nil)).ServiceAccountName; got != account.Name {
		t.Errorf("the pods have the account %s, not %s", got, account.Name)
	}
}
