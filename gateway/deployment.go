package gateway

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// Deployment returns the gateway's pods: without privileges, in the pod network,
// spread over zones and nodes, and replaced one by one, the new one first. The error is
// a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Objects is
// empty.
func Deployment(spec tracing.TracingSpec) (*appsv1.Deployment, error) {
	return generate.Object(spec, tracing.ComponentGateway, DeploymentFor)
}

// DeploymentFor is Deployment of a spec that is resolved already, or nil.
func DeploymentFor(r tracing.Resolved) *appsv1.Deployment {
	config := ConfigMapFor(r)
	if config == nil {
		return nil
	}
	replicas := r.Spec().Gateway.Replicas
	unavailable, surge := intstr.FromInt(0), intstr.FromInt(1)
	template := objectMeta(r)
	template.Name, template.Namespace = "", ""
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: objectMeta(r),
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: selector()},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &unavailable, MaxSurge: &surge},
			},
			Template: corev1.PodTemplateSpec{ObjectMeta: template, Spec: podSpec(r, config.Name)},
		},
	}
}

func podSpec(r tracing.Resolved, configMap string) corev1.PodSpec {
	spec, collector := r.Spec().Gateway, r.Spec().Collector
	no, grace := false, int64(30)
	config, mount := otelcol.Mount(configMap)
	pod := corev1.PodSpec{
		ServiceAccountName:            tracing.GatewayName,
		AutomountServiceAccountToken:  &no,
		EnableServiceLinks:            &no,
		ImagePullSecrets:              collector.ImagePullSecrets,
		NodeSelector:                  spec.NodeSelector,
		Tolerations:                   spec.Tolerations,
		PriorityClassName:             spec.PriorityClassName,
		TerminationGracePeriodSeconds: &grace,
		SecurityContext:               otelcol.PodSecurity(),
		TopologySpreadConstraints:     []corev1.TopologySpreadConstraint{spread(corev1.LabelTopologyZone), spread(corev1.LabelHostname)},
		Containers: []corev1.Container{{
			Name:  "gateway",
			Image: collector.Image,
			Args:  []string{"--config=" + otelcol.ConfigFolder + "/" + otelcol.ConfigKey},
			Env:   append([]corev1.EnvVar{otelcol.GoMemoryLimit(r.GatewaySizing())}, otelcol.HeaderEnv(r.GatewayExporter())...),
			Ports: []corev1.ContainerPort{
				{Name: portName, ContainerPort: tracing.GatewayPort, Protocol: corev1.ProtocolTCP},
				{Name: "health", ContainerPort: healthPort, Protocol: corev1.ProtocolTCP},
			},
			Resources:       spec.Resources,
			VolumeMounts:    []corev1.VolumeMount{mount},
			StartupProbe:    probe(2, 30),
			LivenessProbe:   probe(10, 6),
			ReadinessProbe:  probe(5, 2),
			SecurityContext: otelcol.ContainerSecurity(),
		}},
		Volumes: []corev1.Volume{config},
	}
	files := append(otelcol.ServerTLSFiles(spec.TLS), otelcol.TLSFiles(r.GatewayExporter().TLS)...)
	otelcol.AddTLS(&pod, files)
	return pod
}

// spread keeps the pods from meeting in one zone or on one node while there are
// others.
func spread(over string) corev1.TopologySpreadConstraint {
	return corev1.TopologySpreadConstraint{
		MaxSkew:           1,
		TopologyKey:       over,
		WhenUnsatisfiable: corev1.ScheduleAnyway,
		LabelSelector:     &metav1.LabelSelector{MatchLabels: selector()},
	}
}

func probe(period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromString("health")}},
		PeriodSeconds:    period,
		TimeoutSeconds:   3,
		FailureThreshold: failures,
	}
}
