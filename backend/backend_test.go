package backend_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/backend"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

func ptr[T any](value T) *T { return &value }

func specOf(image, namespace string) tracing.TracingSpec {
	return tracing.TracingSpec{KubernetesVersion: "1.34", Backend: tracing.BackendSpec{Image: image, Namespace: namespace}}
}

func podOf(t *testing.T, spec tracing.TracingSpec) corev1.PodSpec {
	t.Helper()
	deployment, err := backend.Deployment(spec)
	if err != nil {
		t.Fatal(err)
	}
	return deployment.Spec.Template.Spec
}

func kinds(objects []runtime.Object) []string {
	var all []string
	for _, object := range objects {
		all = append(all, object.GetObjectKind().GroupVersionKind().Kind)
	}
	return all
}

func TestObjects(t *testing.T) {
	exporter := tracing.TracingSpec{KubernetesVersion: "1.34"}
	exporter.Collector.Exporter.Endpoint = "otlp.example.com:4317"
	disabled := exporter
	disabled.Backend.Disabled = true
	noCollector := tracing.TracingSpec{KubernetesVersion: "1.34", Collector: tracing.CollectorSpec{Disabled: true}}
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want []string
	}{
		{"defaults", specOf("", ""), []string{"Namespace", "Deployment", "Service"}},
		{"its default namespace, written out", specOf("", "kubetrace-backend"), []string{"Namespace", "Deployment", "Service"}},
		{"a namespace of others", specOf("", "jaeger"), []string{"Deployment", "Service"}},
		{"an exporter's endpoint", exporter, nil},
		{"disabled", disabled, nil},
		{"no collector", noCollector, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := backend.Objects(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, kinds(objects)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			text, err := tracing.MarshalAll(objects)
			if err != nil {
				t.Fatal(err)
			}
			if read, err := readback.Objects(text); err != nil || len(read) != len(test.want) {
				t.Errorf("%d of %d objects read back: %v", len(read), len(test.want), err)
			}
		})
	}
}

// TestDeploymentVersions covers the two Jaegers, which are bounded differently.
func TestDeploymentVersions(t *testing.T) {
	type settings struct {
		Args, Env []string
		Health    intstr.IntOrString
		Path      string
		Ports     map[string]int32
	}
	second := settings{
		Args:   []string{"--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000"},
		Env:    []string{"JAEGER_LISTEN_HOST=0.0.0.0", "GOMEMLIMIT=409MiB", "OTEL_TRACES_SAMPLER=always_off"},
		Health: intstr.FromString("health"),
		Path:   "/status",
		Ports:  map[string]int32{"otlp-grpc": 4317, "query": 16686, "health": 13133},
	}
	first := settings{
		Env:    []string{"SPAN_STORAGE_TYPE=memory", "MEMORY_MAX_TRACES=10000", "COLLECTOR_OTLP_ENABLED=true", "GOMEMLIMIT=409MiB", "OTEL_TRACES_SAMPLER=always_off"},
		Health: intstr.FromString("health"),
		Path:   "/",
		Ports:  map[string]int32{"otlp-grpc": 4317, "query": 16686, "health": 14269},
	}
	for image, want := range map[string]settings{
		"":                                  second,
		"jaegertracing/jaeger:2.0.0":        second,
		"mirror.example.com/jaeger:v2.20.1": second,
		"jaegertracing/all-in-one:1.76.0":   first,
		"jaegertracing/all-in-one:1.35.0":   first,
	} {
		container := podOf(t, specOf(image, "")).Containers[0]
		got := settings{
			Args:   container.Args,
			Health: container.ReadinessProbe.HTTPGet.Port,
			Path:   container.ReadinessProbe.HTTPGet.Path,
			Ports:  map[string]int32{},
		}
		for _, variable := range container.Env {
			got.Env = append(got.Env, variable.Name+"="+variable.Value)
		}
		for _, port := range container.Ports {
			got.Ports[port.Name] = port.ContainerPort
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", image, diff)
		}
		for name, probe := range map[string]*corev1.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe} {
			if diff := cmp.Diff(container.ReadinessProbe.ProbeHandler, probe.ProbeHandler); diff != "" {
				t.Errorf("%q: the %s probe asks something else (-readiness +%s):\n%s", image, name, name, diff)
			}
		}
		if image != "" && container.Image != image {
			t.Errorf("the image is %s, want %s", container.Image, image)
		}
	}
}

// TestDeploymentRestricted checks what the Pod Security level "restricted" asks
// for. https://kubernetes.io/docs/concepts/security/pod-security-standards/
func TestDeploymentRestricted(t *testing.T) {
	for _, image := range []string{"", "jaegertracing/all-in-one:1.76.0"} {
		pod := podOf(t, specOf(image, ""))
		wantPod := &corev1.PodSecurityContext{
			RunAsNonRoot:   ptr(true),
			RunAsUser:      ptr(int64(10001)),
			RunAsGroup:     ptr(int64(10001)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}
		if diff := cmp.Diff(wantPod, pod.SecurityContext); diff != "" {
			t.Errorf("security of the pod (-want +got):\n%s", diff)
		}
		wantContainer := &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr(false),
			ReadOnlyRootFilesystem:   ptr(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}
		if diff := cmp.Diff(wantContainer, pod.Containers[0].SecurityContext); diff != "" {
			t.Errorf("security of the container (-want +got):\n%s", diff)
		}
		got := []any{pod.HostNetwork, pod.HostPID, pod.HostIPC, pod.AutomountServiceAccountToken, len(pod.Containers), len(pod.InitContainers)}
		if diff := cmp.Diff([]any{false, false, false, ptr(false), 1, 0}, got); diff != "" {
			t.Errorf("pod (-want +got):\n%s", diff)
		}
		for _, volume := range pod.Volumes {
			if volume.EmptyDir == nil {
				t.Errorf("volume %s is not an empty folder", volume.Name)
			}
		}
		for _, port := range pod.Containers[0].Ports {
			if port.HostPort != 0 {
				t.Errorf("port %s is one of the node", port.Name)
			}
		}
	}
}

func TestNamespace(t *testing.T) {
	objects, err := backend.Objects(specOf("", ""))
	if err != nil {
		t.Fatal(err)
	}
	namespace, ok := objects[0].(*corev1.Namespace)
	if !ok || namespace.Name != tracing.DefaultBackendNamespace {
		t.Fatalf("got %#v, want the default namespace first", objects[0])
	}
	for _, mode := range []string{"enforce", "audit", "warn"} {
		if got := namespace.Labels["pod-security.kubernetes.io/"+mode]; got != "restricted" {
			t.Errorf("%s is %q, want restricted", mode, got)
		}
	}
}

// TestService says that the Service has OTLP and nothing else, finds the pods,
// and is what the collector sends to.
func TestService(t *testing.T) {
	for _, namespace := range []string{"", "jaeger"} {
		spec := specOf("", namespace)
		service, err := backend.Service(spec)
		if err != nil {
			t.Fatal(err)
		}
		want := []corev1.ServicePort{{Name: "otlp-grpc", Port: 4317, TargetPort: intstr.FromString("otlp-grpc"), Protocol: corev1.ProtocolTCP}}
		if diff := cmp.Diff(want, service.Spec.Ports); diff != "" {
			t.Errorf("ports (-want +got):\n%s", diff)
		}
		deployment, err := backend.Deployment(spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(deployment.Spec.Selector.MatchLabels, service.Spec.Selector); diff != "" {
			t.Errorf("the Deployment and the Service select differently (-Deployment +Service):\n%s", diff)
		}
		for key, value := range service.Spec.Selector {
			if deployment.Spec.Template.Labels[key] != value {
				t.Errorf("the pods have no label %s=%s", key, value)
			}
		}
		resolved, err := tracing.Resolve(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := resolved.Exporter().Endpoint, "dns:///"+service.Name+"."+service.Namespace+".svc:4317"; got != want {
			t.Errorf("the collector sends to %s, not to %s", got, want)
		}
	}
}
