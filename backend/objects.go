package backend

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

// Objects returns the backend's Namespace (only the default one, see
// tracing.BackendSpec), Deployment and Service, in the order to apply them. It
// is empty where the spec names an exporter endpoint or disables the backend or
// the collector. Print it with tracing.MarshalAll. The error is a
// *tracing.InvalidSpecError.
func Objects(spec tracing.TracingSpec) ([]runtime.Object, error) {
	return generate.List(spec, ObjectsFor)
}

// ObjectsFor is Objects of a spec that is resolved already.
func ObjectsFor(r tracing.Resolved) []runtime.Object {
	if r.NotGenerated(tracing.ComponentBackend) != nil {
		return nil
	}
	var objects []runtime.Object
	if namespace := NamespaceFor(r); namespace != nil {
		objects = append(objects, namespace)
	}
	return append(objects, DeploymentFor(r), ServiceFor(r))
}

// Namespace returns the backend's own namespace, labelled with the Pod Security
// level restricted. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where Objects is empty or the spec names another
// namespace, which may be somebody's.
func Namespace(spec tracing.TracingSpec) (*corev1.Namespace, error) {
	return generate.Unless(spec, noNamespace, NamespaceFor)
}

// noNamespace says why there is no namespace, or returns nil.
func noNamespace(r tracing.Resolved) *tracing.NotGeneratedError {
	why := r.NotGenerated(tracing.ComponentBackend)
	if why == nil && r.Spec().Backend.Namespace != tracing.DefaultBackendNamespace {
		return &tracing.NotGeneratedError{Component: tracing.ComponentBackend, Field: "backend.namespace", Reason: "only " + tracing.DefaultBackendNamespace + " is kubetrace's to make"}
	}
	return why
}

// NamespaceFor is Namespace of a spec that is resolved already, or nil.
func NamespaceFor(r tracing.Resolved) *corev1.Namespace {
	if noNamespace(r) != nil {
		return nil
	}
	name, all := r.Spec().Backend.Namespace, labels()
	for _, mode := range []string{"enforce", "audit", "warn"} {
		all["pod-security.kubernetes.io/"+mode] = "restricted"
	}
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: all},
	}
}

// Service returns the Service that collectors send to: OTLP over gRPC and
// nothing else. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where Objects is empty.
func Service(spec tracing.TracingSpec) (*corev1.Service, error) {
	return generate.Object(spec, tracing.ComponentBackend, ServiceFor)
}

// ServiceFor is Service of a spec that is resolved already, or nil.
func ServiceFor(r tracing.Resolved) *corev1.Service {
	if r.NotGenerated(tracing.ComponentBackend) != nil {
		return nil
	}
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: objectMeta(r),
		Spec: corev1.ServiceSpec{
			Selector: selector(),
			Ports: []corev1.ServicePort{{
				Name:       portName,
				Port:       tracing.BackendPort,
				TargetPort: intstr.FromString(portName),
				Protocol:   corev1.ProtocolTCP,
			}},
		},
	}
}

const portName = "otlp-grpc"

func selector() map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":      "jaeger",
		"app.kubernetes.io/instance":  tracing.BackendName,
		"app.kubernetes.io/component": "backend",
	}
}

func labels() map[string]string {
	all := selector()
	all["app.kubernetes.io/part-of"] = "kubetrace"
	all["app.kubernetes.io/managed-by"] = "kubetrace"
	return all
}

func objectMeta(r tracing.Resolved) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: tracing.BackendName, Namespace: r.Spec().Backend.Namespace, Labels: labels()}
}
