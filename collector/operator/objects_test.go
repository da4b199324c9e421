package operator_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"kubetrace/collector/operator"
	"kubetrace/collector/operator/v1beta1"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

func TestObjects(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{"defaults", specs["minimal"], []string{
			"v1 Namespace /kubetrace-system", "v1 ServiceAccount kubetrace-system/kubetrace-collector",
			"opentelemetry.io/v1beta1 OpenTelemetryCollector kubetrace-system/kubetrace-collector",
		}},
		{"a namespace of others", specs["full"], []string{"v1 ServiceAccount traces/node", "opentelemetry.io/v1beta1 OpenTelemetryCollector traces/node"}},
		{"disabled", disabled, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, object := range operator.ObjectsFor(resolve(t, test.spec)) {
				accessor, err := meta.Accessor(object)
				if err != nil {
					t.Fatal(err)
				}
				version, kind := object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
				got = append(got, fmt.Sprintf("%s %s %s/%s", version, kind, accessor.GetNamespace(), accessor.GetName()))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

// TestServiceAccount says that what the resource has no field for is on its
// account: no token, and the image pull secrets.
func TestServiceAccount(t *testing.T) {
	each(t, func(t *testing.T, g generated) {
		objects := operator.ObjectsFor(g.resolved)
		account, ok := objects[len(objects)-2].(*corev1.ServiceAccount)
		if !ok || account.Name != g.resource.Spec.ServiceAccount {
			t.Fatalf("before the resource is %T, want its account %s", objects[len(objects)-2], g.resource.Spec.ServiceAccount)
		}
		if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
			t.Error("the account mounts a token")
		}
		if diff := cmp.Diff(g.pod.ImagePullSecrets, account.ImagePullSecrets); diff != "" {
			t.Errorf("image pull secrets (-DaemonSet +account):\n%s", diff)
		}
	})
}

// TestReadBack says that what is printed is read as the same, strictly.
func TestReadBack(t *testing.T) {
	each(t, func(t *testing.T, g generated) {
		text, err := tracing.Marshal(g.resource)
		if err != nil {
			t.Fatal(err)
		}
		var read v1beta1.OpenTelemetryCollector
		if err := readback.Into(text, &read); err != nil {
			t.Fatal(err)
		}
		again, err := tracing.Marshal(&read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(again)); diff != "" {
			t.Errorf("printed again (-first +second):\n%s", diff)
		}
	})
}
