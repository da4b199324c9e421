package v1beta1

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OpenTelemetryCollector is the resource of that name in opentelemetry.io/v1beta1,
// with the fields that kubetrace sets. What the operator reports, its status, is
// not among them.
//
// Upstream: apis/v1beta1/opentelemetrycollector_types.go
//
// +k8s:deepcopy-gen=true
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object
type OpenTelemetryCollector struct {
	metav1.TypeMeta `json:",inline"`
	// ObjectMeta are the name and namespace of the resource. The operator copies
	// its labels and annotations to all that it makes.
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// Spec says which collector the operator runs.
	Spec OpenTelemetryCollectorSpec `json:"spec,omitempty"`
}

// OpenTelemetryCollectorSpec says which collector the operator runs, and how.
// Fields that say nothing else are those of the pods or of their container. The
// operator fills in none of them but the image and the account.
//
// Upstream: apis/v1beta1/common.go
//
// +k8s:deepcopy-gen=true
type OpenTelemetryCollectorSpec struct {
	// Mode is the kind of workload: daemonset. The operator's default is
	// deployment, and it refuses a change.
	Mode string `json:"mode,omitempty"`
	// ManagementState says that the operator acts on the resource: managed, which
	// is the default too.
	ManagementState string `json:"managementState,omitempty"`
	// UpgradeStrategy keeps an operator that is upgraded from rewriting the
	// configuration: none. The operator's default is automatic.
	UpgradeStrategy string `json:"upgradeStrategy,omitempty"`

	// Image is the collector's. The operator's default is the core distribution
	// of its own release.
	Image string `json:"image,omitempty"`
	// ServiceAccount is the account of the pods. The operator makes one, which
	// mounts a token, where it is empty.
	ServiceAccount string `json:"serviceAccount,omitempty"`
	// HostNetwork puts the pods into the network of their node. The operator sets
	// the DNS policy ClusterFirstWithHostNet with it, so dnsPolicy, which is known
	// from 0.137 on, is not needed.
	HostNetwork                   bool                        `json:"hostNetwork,omitempty"`
	NodeSelector                  map[string]string           `json:"nodeSelector,omitempty"`
	Tolerations                   []corev1.Toleration         `json:"tolerations,omitempty"`
	Affinity                      *corev1.Affinity            `json:"affinity,omitempty"`
	PriorityClassName             string                      `json:"priorityClassName,omitempty"`
	TerminationGracePeriodSeconds *int64                      `json:"terminationGracePeriodSeconds,omitempty"`
	PodSecurityContext            *corev1.PodSecurityContext  `json:"podSecurityContext,omitempty"`
	SecurityContext               *corev1.SecurityContext     `json:"securityContext,omitempty"`
	Resources                     corev1.ResourceRequirements `json:"resources,omitempty"`
	Volumes                       []corev1.Volume             `json:"volumes,omitempty"`
	VolumeMounts                  []corev1.VolumeMount        `json:"volumeMounts,omitempty"`
	// Env are variables of the container. They win over those that the operator
	// adds.
	Env []corev1.EnvVar `json:"env,omitempty"`

	// DaemonSetUpdateStrategy is how pods are replaced.
	DaemonSetUpdateStrategy appsv1.DaemonSetUpdateStrategy `json:"daemonSetUpdateStrategy,omitempty"`
	// NetworkPolicy says whether the operator makes a NetworkPolicy.
	NetworkPolicy NetworkPolicy `json:"networkPolicy,omitempty"`
	// Observability says what the operator does about the collector's metrics.
	Observability Observability `json:"observability,omitempty"`

	// Config is the collector's configuration.
	Config Config `json:"config"`
}

// NetworkPolicy says whether the operator makes a NetworkPolicy for the pods.
//
// Upstream: apis/v1beta1/networkpolicy.go, from 0.132 on
//
// +k8s:deepcopy-gen=true
type NetworkPolicy struct {
	// Enabled is what nil leaves to the operator, which makes one by default in
	// newer releases.
	Enabled *bool `json:"enabled,omitempty"`
}

// Observability says what the operator does about the collector's own metrics.
//
// +k8s:deepcopy-gen=true
type Observability struct {
	// Metrics are those of the collector itself.
	Metrics Metrics `json:"metrics,omitempty"`
}

// Metrics says what the operator does for Prometheus.
//
// +k8s:deepcopy-gen=true
type Metrics struct {
	// DisablePrometheusAnnotations leaves out the annotations prometheus.io/scrape,
	// port and path, which the operator puts on the pods by default.
	DisablePrometheusAnnotations bool `json:"disablePrometheusAnnotations,omitempty"`
}

// Config is the collector's configuration, of which the operator makes the
// collector's file. Each section holds the settings of components by their names.
//
// Upstream: apis/v1beta1/config.go
//
// +k8s:deepcopy-gen=true
type Config struct {
	Receivers  Section `json:"receivers"`
	Processors Section `json:"processors,omitempty"`
	Connectors Section `json:"connectors,omitempty"`
	Exporters  Section `json:"exporters"`
	Extensions Section `json:"extensions,omitempty"`
	Service    Service `json:"service"`
}

// Service says which of the configured components run.
//
// +k8s:deepcopy-gen=true
type Service struct {
	// Extensions are the names of those that run.
	Extensions []string `json:"extensions,omitempty"`
	// Telemetry is what the collector tells of itself.
	Telemetry Section `json:"telemetry,omitempty"`
	// Pipelines are named by what goes through them, such as traces.
	Pipelines map[string]Pipeline `json:"pipelines"`
}

// Pipeline names the components that spans go through: what takes them in, what
// changes them, in this order, and what sends them on.
//
// +k8s:deepcopy-gen=true
type Pipeline struct {
	Receivers  []string `json:"receivers"`
	Processors []string `json:"processors,omitempty"`
	Exporters  []string `json:"exporters"`
}
