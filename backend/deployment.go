package backend

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/internal/generate"
	"kubetrace/tracing"
)

const (
	// MaxTraces is how many traces Jaeger keeps; the oldest go first. A request to
	// kube-apiserver is about a dozen spans, so this stays well below the
	// memory limit. Jaeger 2 refuses a query with a higher limit.
	MaxTraces = 10_000
	// QueryPort is the port of Jaeger's query page and API in the pod.
	QueryPort = int32(16686)
	userID    = int64(10001) // of the official images
)

// Deployment returns Jaeger as one pod without privileges. 1.x images are
// bounded by an environment variable, 2.x images by an argument. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Objects is
// empty.
func Deployment(spec tracing.TracingSpec) (*appsv1.Deployment, error) {
	return generate.Object(spec, tracing.ComponentBackend, DeploymentFor)
}

// DeploymentFor is Deployment of a spec that is resolved already, or nil.
func DeploymentFor(r tracing.Resolved) *appsv1.Deployment {
	if r.NotGenerated(tracing.ComponentBackend) != nil {
		return nil
	}
	one := int32(1)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: objectMeta(r),
		Spec: appsv1.DeploymentSpec{
			Replicas: &one,
			Selector: &metav1.LabelSelector{MatchLabels: selector()},
			// Two pods would each get half of the traces.
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels()},
				Spec:       podSpec(r),
			},
		},
	}
}

func podSpec(r tracing.Resolved) corev1.PodSpec {
	no, yes, user := false, true, userID
	return corev1.PodSpec{
		AutomountServiceAccountToken: &no,
		EnableServiceLinks:           &no,
		NodeSelector:                 map[string]string{corev1.LabelOSStable: "linux"},
		// A cluster for a first look is often a single control-plane node.
		Tolerations: []corev1.Toleration{
			{Key: "node-role.kubernetes.io/control-plane", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
			{Key: "node-role.kubernetes.io/master", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
		},
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot:   &yes,
			RunAsUser:      &user,
			RunAsGroup:     &user,
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{container(r)},
		Volumes:    []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
	}
}

func container(r tracing.Resolved) corev1.Container {
	no, yes := false, true
	settings := settingsOf(r.BackendMajor())
	return corev1.Container{
		Name:  "jaeger",
		Image: r.Spec().Backend.Image,
		Args:  settings.args,
		Env: append(settings.env,
			corev1.EnvVar{Name: "GOMEMLIMIT", Value: "409MiB"}, // 80 % of the limit
			// Or Jaeger traces those who ask it, and what it keeps fills with that.
			// Source: internal/jtracer of v1.76.0.
			corev1.EnvVar{Name: "OTEL_TRACES_SAMPLER", Value: "always_off"},
		),
		Ports: []corev1.ContainerPort{
			{Name: portName, ContainerPort: tracing.BackendPort, Protocol: corev1.ProtocolTCP},
			{Name: "query", ContainerPort: QueryPort, Protocol: corev1.ProtocolTCP},
			{Name: "health", ContainerPort: settings.healthPort, Protocol: corev1.ProtocolTCP},
		},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
		},
		VolumeMounts:   []corev1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}},
		StartupProbe:   settings.probe(2, 60),
		LivenessProbe:  settings.probe(10, 6),
		ReadinessProbe: settings.probe(10, 3),
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no,
			ReadOnlyRootFilesystem:   &yes,
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

// settings are what differs between the two Jaegers.
type settings struct {
	args       []string
	env        []corev1.EnvVar
	healthPort int32
	healthPath string
}

// Source, 1.x: cmd/all-in-one/main.go and internal/storage/v1/memory/options.go
// (--memory.max-traces, by default unbounded) of jaegertracing/jaeger v1.76.0.
// Source, 2.x: cmd/jaeger/internal/all-in-one.yaml (max_traces, 100000 by
// default; listeners on JAEGER_LISTEN_HOST) of v1.76.0, which is v2.13.0 too, and
// of v2.20.0.
func settingsOf(major uint) settings {
	limit := strconv.Itoa(MaxTraces)
	if major == 1 {
		return settings{
			env: []corev1.EnvVar{
				{Name: "SPAN_STORAGE_TYPE", Value: "memory"},
				{Name: "MEMORY_MAX_TRACES", Value: limit},
				{Name: "COLLECTOR_OTLP_ENABLED", Value: "true"},
			},
			healthPort: 14269,
			healthPath: "/",
		}
	}
	return settings{
		args:       []string{"--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=" + limit},
		env:        []corev1.EnvVar{{Name: "JAEGER_LISTEN_HOST", Value: "0.0.0.0"}},
		healthPort: 13133,
		healthPath: "/status",
	}
}

func (s settings) probe(period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: s.healthPath, Port: intstr.FromString("health")}},
		PeriodSeconds:    period,
		TimeoutSeconds:   3,
		FailureThreshold: failures,
	}
}
