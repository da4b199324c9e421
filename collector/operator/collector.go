package operator

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/collector/operator/v1beta1"
	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// OpenTelemetryCollector returns the resource from which the operator makes the
// collector on every Linux node, as collector.DaemonSet does without it. Every
// operator from 0.132 on takes it; older ones do not know spec.networkPolicy.
// Whatever the operator's release, the collector is the one that the spec names.
// Print it with tracing.Marshal, and read [Warnings].
//
// The error is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where
// the collector is disabled.
func OpenTelemetryCollector(spec tracing.TracingSpec) (*v1beta1.OpenTelemetryCollector, error) {
	return generate.Object(spec, tracing.ComponentCollector, OpenTelemetryCollectorFor)
}

// OpenTelemetryCollectorFor is OpenTelemetryCollector of a spec that is resolved
// already, or nil.
func OpenTelemetryCollectorFor(r tracing.Resolved) *v1beta1.OpenTelemetryCollector {
	daemonSet, file := collector.DaemonSetFor(r), collector.ConfigMapFor(r)
	if daemonSet == nil || file == nil {
		return nil
	}
	pod := daemonSet.Spec.Template.Spec
	container := pod.Containers[0]
	volumes, mounts := withoutConfig(pod.Volumes, container.VolumeMounts, file.Name)
	makeNetworkPolicy := false
	return &v1beta1.OpenTelemetryCollector{
		TypeMeta:   metav1.TypeMeta{APIVersion: "opentelemetry.io/v1beta1", Kind: "OpenTelemetryCollector"},
		ObjectMeta: daemonSet.ObjectMeta,
		Spec: v1beta1.OpenTelemetryCollectorSpec{
			Mode:                          "daemonset",
			ManagementState:               "managed",
			UpgradeStrategy:               "none",
			Image:                         container.Image,
			ServiceAccount:                pod.ServiceAccountName,
			HostNetwork:                   pod.HostNetwork,
			NodeSelector:                  pod.NodeSelector,
			Tolerations:                   pod.Tolerations,
			Affinity:                      pod.Affinity,
			PriorityClassName:             pod.PriorityClassName,
			TerminationGracePeriodSeconds: pod.TerminationGracePeriodSeconds,
			PodSecurityContext:            pod.SecurityContext,
			SecurityContext:               container.SecurityContext,
			Resources:                     container.Resources,
			Volumes:                       volumes,
			VolumeMounts:                  mounts,
			Env:                           container.Env,
			DaemonSetUpdateStrategy:       daemonSet.Spec.UpdateStrategy,
			// Policies do not apply to pods in the host's network.
			NetworkPolicy: v1beta1.NetworkPolicy{Enabled: &makeNetworkPolicy},
			// Nobody can scrape a loopback address.
			Observability: v1beta1.Observability{Metrics: v1beta1.Metrics{DisablePrometheusAnnotations: true}},
			Config:        config(r, file),
		},
	}
}

// withoutConfig returns volumes and mounts without those of the ConfigMap, since
// the operator makes and mounts one of its own.
func withoutConfig(volumes []corev1.Volume, mounts []corev1.VolumeMount, configMap string) ([]corev1.Volume, []corev1.VolumeMount) {
	of := func(volume corev1.Volume) bool { return volume.ConfigMap != nil && volume.ConfigMap.Name == configMap }
	mounts = slices.DeleteFunc(mounts, func(mount corev1.VolumeMount) bool {
		return slices.ContainsFunc(volumes, func(volume corev1.Volume) bool { return of(volume) && volume.Name == mount.Name })
	})
	return slices.DeleteFunc(volumes, of), mounts
}

// healthCheck is the extension that the operator would probe at the node's own
// address: its probes have no host.
// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/components/extensions/healthcheckv1.go
const healthCheck = "health_check"

// config returns the configuration of the generated ConfigMap as the operator
// takes it.
func config(r tracing.Resolved, file *corev1.ConfigMap) v1beta1.Config {
	var c v1beta1.Config
	for _, text := range file.Data {
		_ = yaml.Unmarshal([]byte(text), &c) // kubetrace's own: a test reads it strictly
	}
	delete(c.Extensions, healthCheck)
	c.Service.Extensions = slices.DeleteFunc(c.Service.Extensions, func(name string) bool { return name == healthCheck })
	if transport, endpoint := r.Listener(); transport != "tcp" {
		// The operator writes 0.0.0.0: before an endpoint without a colon. For the
		// collector the variable is nothing.
		// https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/internal/components/single_endpoint.go
		_ = unstructured.SetNestedField(c.Receivers, otelcol.Nothing+endpoint, "otlp", "protocols", "grpc", "endpoint")
	}
	return c
}
