package gateway

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// Objects returns the gateway's Namespace (only the default one, see
// tracing.GatewaySpec), ServiceAccount, ConfigMap, Service, Deployment and
// PodDisruptionBudget, in the order to apply them. It is empty where the spec
// has no gateway or disables the collector. Print it with tracing.MarshalAll.
// The error is a *tracing.InvalidSpecError.
func Objects(spec tracing.TracingSpec) ([]runtime.Object, error) {
	return generate.List(spec, ObjectsFor)
}

// ObjectsFor is Objects of a spec that is resolved already.
func ObjectsFor(r tracing.Resolved) []runtime.Object {
	if r.NotGenerated(tracing.ComponentGateway) != nil {
		return nil
	}
	var objects []runtime.Object
	if namespace := NamespaceFor(r); namespace != nil {
		objects = append(objects, namespace)
	}
	return append(objects, ServiceAccountFor(r), ConfigMapFor(r), ServiceFor(r), DeploymentFor(r), PodDisruptionBudgetFor(r))
}

// Namespace returns the gateway's own namespace, labelled with the Pod Security
// level restricted. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where Objects is empty or the spec names another
// namespace, which may be somebody's.
func Namespace(spec tracing.TracingSpec) (*corev1.Namespace, error) {
	return generate.Unless(spec, noNamespace, NamespaceFor)
}

// noNamespace says why there is no namespace, or returns nil.
func noNamespace(r tracing.Resolved) *tracing.NotGeneratedError {
	why := r.NotGenerated(tracing.ComponentGateway)
	if why == nil && r.Spec().Gateway.Namespace != tracing.DefaultGatewayNamespace {
		return &tracing.NotGeneratedError{Component: tracing.ComponentGateway, Field: "gateway.namespace", Reason: "only " + tracing.DefaultGatewayNamespace + " is kubetrace's to make"}
	}
	return why
}

// NamespaceFor is Namespace of a spec that is resolved already, or nil.
func NamespaceFor(r tracing.Resolved) *corev1.Namespace {
	if noNamespace(r) != nil {
		return nil
	}
	all := labels(r)
	for _, mode := range []string{"enforce", "audit", "warn"} {
		all["pod-security.kubernetes.io/"+mode] = "restricted"
	}
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: r.Spec().Gateway.Namespace, Labels: all, Annotations: r.Spec().Collector.Annotations},
	}
}

// ServiceAccount returns the pods' account, which has no token and no rights:
// the gateway never asks the API server. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Objects is
// empty.
func ServiceAccount(spec tracing.TracingSpec) (*corev1.ServiceAccount, error) {
	return generate.Object(spec, tracing.ComponentGateway, ServiceAccountFor)
}

// ServiceAccountFor is ServiceAccount of a spec that is resolved already, or
// nil.
func ServiceAccountFor(r tracing.Resolved) *corev1.ServiceAccount {
	if r.NotGenerated(tracing.ComponentGateway) != nil {
		return nil
	}
	no := false
	return &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   objectMeta(r),
		AutomountServiceAccountToken: &no,
	}
}

// ConfigMap returns the gateway's configuration under the key config.yaml. Like
// the collector's it is immutable and named after its content. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Objects is
// empty.
func ConfigMap(spec tracing.TracingSpec) (*corev1.ConfigMap, error) {
	return generate.Object(spec, tracing.ComponentGateway, ConfigMapFor)
}

// ConfigMapFor is ConfigMap of a spec that is resolved already, or nil.
func ConfigMapFor(r tracing.Resolved) *corev1.ConfigMap {
	if r.NotGenerated(tracing.ComponentGateway) != nil {
		return nil
	}
	return otelcol.ConfigMap(objectMeta(r), config(r))
}

// Service returns the headless Service through which the nodes' collectors find
// every replica that is ready. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where Objects is empty.
func Service(spec tracing.TracingSpec) (*corev1.Service, error) {
	return generate.Object(spec, tracing.ComponentGateway, ServiceFor)
}

// ServiceFor is Service of a spec that is resolved already, or nil.
func ServiceFor(r tracing.Resolved) *corev1.Service {
	if r.NotGenerated(tracing.ComponentGateway) != nil {
		return nil
	}
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: objectMeta(r),
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone,
			Selector:  selector(),
			Ports: []corev1.ServicePort{{
				Name:       portName,
				Port:       tracing.GatewayPort,
				TargetPort: intstr.FromString(portName),
				Protocol:   corev1.ProtocolTCP,
			}},
		},
	}
}

// PodDisruptionBudget returns the budget that keeps a drain from taking more
// than one replica at a time. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where Objects is empty.
func PodDisruptionBudget(spec tracing.TracingSpec) (*policyv1.PodDisruptionBudget, error) {
	return generate.Object(spec, tracing.ComponentGateway, PodDisruptionBudgetFor)
}

// PodDisruptionBudgetFor is PodDisruptionBudget of a spec that is resolved
// already, or nil.
func PodDisruptionBudgetFor(r tracing.Resolved) *policyv1.PodDisruptionBudget {
	if r.NotGenerated(tracing.ComponentGateway) != nil {
		return nil
	}
	one := intstr.FromInt(1)
	return &policyv1.PodDisruptionBudget{
		TypeMeta:   metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"},
		ObjectMeta: objectMeta(r),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: &one,
			Selector:       &metav1.LabelSelector{MatchLabels: selector()},
		},
	}
}

const portName = "otlp-grpc"

// selector returns the labels that the Deployment, the Service and the budget
// find the pods by. They can never change, so they hold no version.
func selector() map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":      "kubetrace-gateway",
		"app.kubernetes.io/instance":  tracing.GatewayName,
		"app.kubernetes.io/component": "gateway",
	}
}

// labels returns the labels of every object: the spec's and kubetrace's own.
func labels(r tracing.Resolved) map[string]string {
	all := r.Spec().Collector.Labels
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, selector())
	all["app.kubernetes.io/part-of"] = "kubetrace"
	all["app.kubernetes.io/managed-by"] = "kubetrace"
	return all
}

// objectMeta returns the metadata of an object in the gateway's namespace.
func objectMeta(r tracing.Resolved) metav1.ObjectMeta {
	spec := r.Spec()
	return metav1.ObjectMeta{
		Name:        tracing.GatewayName,
		Namespace:   spec.Gateway.Namespace,
		Labels:      labels(r),
		Annotations: spec.Collector.Annotations,
	}
}
