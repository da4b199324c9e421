package collector

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// DaemonSet returns the collector on every Linux node, in the host's network.
// Where no kubelet is traced it is only on control-plane nodes, as nothing sends
// to it elsewhere.
//
// A rollout replaces a tenth of the nodes' pods at a time, the old one first,
// since both would open the same ports; meanwhile each component keeps 2048
// spans, and drops what it has tried to send for 10 seconds. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where the collector
// is disabled.
func DaemonSet(spec tracing.TracingSpec) (*appsv1.DaemonSet, error) {
	return generate.Object(spec, tracing.ComponentCollector, DaemonSetFor)
}

// DaemonSetFor is DaemonSet of a spec that is resolved already, or nil.
func DaemonSetFor(r tracing.Resolved) *appsv1.DaemonSet {
	config := ConfigMapFor(r)
	if config == nil {
		return nil
	}
	return daemonSet(r, config.Name)
}

// daemonSet returns the DaemonSet whose pods mount a ConfigMap.
func daemonSet(r tracing.Resolved, configMap string) *appsv1.DaemonSet {
	spec := r.Spec().Collector
	unavailable, surge := intstr.FromString("10%"), intstr.FromInt(0)
	template := objectMeta(spec, "")
	template.Namespace = ""
	return &appsv1.DaemonSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "DaemonSet"},
		ObjectMeta: objectMeta(spec, spec.Name),
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: selector(spec)},
			UpdateStrategy: appsv1.DaemonSetUpdateStrategy{
				Type:          appsv1.RollingUpdateDaemonSetStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDaemonSet{MaxUnavailable: &unavailable, MaxSurge: &surge},
			},
			Template: corev1.PodTemplateSpec{ObjectMeta: template, Spec: podSpec(r, configMap)},
		},
	}
}

func podSpec(r tracing.Resolved, configMap string) corev1.PodSpec {
	spec := r.Spec().Collector
	no, grace := false, int64(30)
	config, mount := otelcol.Mount(configMap)
	pod := corev1.PodSpec{
		ServiceAccountName:           spec.Name,
		AutomountServiceAccountToken: &no,
		EnableServiceLinks:           &no,
		ImagePullSecrets:             spec.ImagePullSecrets,
		HostNetwork:                  true,
		// Otherwise a pod in the host's network cannot resolve Services, and the
		// backend may be one.
		DNSPolicy:                     corev1.DNSClusterFirstWithHostNet,
		NodeSelector:                  spec.NodeSelector,
		Tolerations:                   spec.Tolerations,
		PriorityClassName:             spec.PriorityClassName,
		TerminationGracePeriodSeconds: &grace,
		SecurityContext:               otelcol.PodSecurity(),
		Containers:                    []corev1.Container{container(r, mount)},
		Volumes:                       []corev1.Volume{config},
	}
	otelcol.AddTLS(&pod, otelcol.TLSFiles(r.Exporter().TLS))
	addQueue(&pod, r)
	if r.NotGenerated(tracing.ComponentKubelet) != nil {
		pod.Affinity = controlPlaneOnly()
	}
	return pod
}

// controlPlaneOnly returns the affinity to control-plane nodes. They have the
// label since 1.20; kube-apiserver warns of the one before it,
// node-role.kubernetes.io/master, from 1.31 on.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#node-role-kubernetes-io-control-plane
func controlPlaneOnly() *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "node-role.kubernetes.io/control-plane", Operator: corev1.NodeSelectorOpExists}},
		}}},
	}}
}

func container(r tracing.Resolved, config corev1.VolumeMount) corev1.Container {
	spec := r.Spec().Collector
	return corev1.Container{
		Name:         containerName,
		Image:        spec.Image,
		Args:         []string{"--config=" + otelcol.ConfigFolder + "/" + otelcol.ConfigKey},
		Env:          environment(r),
		Ports:        ports(r),
		Resources:    spec.Resources,
		VolumeMounts: []corev1.VolumeMount{config},
		// A collector that cannot start has ten minutes of the kubelet's
		// back-off before it matters; one that starts does so in a second.
		StartupProbe:    probe(r, 2, 30),
		LivenessProbe:   probe(r, 10, 6),
		ReadinessProbe:  probe(r, 10, 3),
		SecurityContext: otelcol.ContainerSecurity(),
	}
}

// environment returns the variables that the configuration refers to, and the
// Go runtime's memory limit.
func environment(r tracing.Resolved) []corev1.EnvVar {
	return append([]corev1.EnvVar{
		{Name: nodeNameEnv, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "spec.nodeName"}}},
		otelcol.GoMemoryLimit(r.Sizing()),
		// Go lets garbage grow to as much as what is in use. A node's collector has
		// little to do most of the time, and every node has one: less garbage costs
		// no CPU that could be measured there.
		{Name: "GOGC", Value: "60"},
	}, otelcol.HeaderEnv(r.Exporter())...)
}

// ports returns the ports that the pod takes on its node. hostPort and hostIP
// are what the API server fills in for the host's network; they are written out
// so that the scheduler sees a collision and an applied object shows no drift.
func ports(r tracing.Resolved) []corev1.ContainerPort {
	spec := r.Spec().Collector
	var list []corev1.ContainerPort
	add := func(name string, port int32, host string) {
		list = append(list, corev1.ContainerPort{Name: name, ContainerPort: port, HostPort: port, HostIP: host, Protocol: corev1.ProtocolTCP})
	}
	if port := r.ListenerPort(); port != 0 {
		add("otlp-grpc", port, r.ListenerHost())
	}
	add("health", spec.HealthPort, r.LoopbackHost())
	add("metrics", spec.MetricsPort, r.LoopbackHost())
	return list
}

// probe asks the health check on the node's loopback address, which the kubelet
// shares with a pod in the host's network.
func probe(r tracing.Resolved, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Host: r.LoopbackHost(),
			Path: "/",
			Port: intstr.FromInt(int(r.Spec().Collector.HealthPort)),
		}},
		PeriodSeconds:    period,
		TimeoutSeconds:   3,
		FailureThreshold: failures,
	}
}
