// Package otelcol holds what the configurations and pods of the node's collector
// and of the gateway have in common.
package otelcol

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/tracing"
)

// Paths and names inside the pods.
const (
	ConfigKey    = "config.yaml" // of the ConfigMap
	ConfigFolder = "/etc/kubetrace/collector"
	ConfigVolume = "config"
)

// UserID is that of the official images.
const UserID = int64(10001)

// Section is a part of a collector's configuration, whose keys are those of the
// collector's own documentation.
type Section map[string]any

// Text returns a configuration as YAML.
func Text(config Section) string {
	text, _ := tracing.Marshal(config) // maps of strings, numbers and booleans always marshal
	return string(text)
}

// ConfigMap returns an immutable ConfigMap of a configuration, whose name ends
// in a hash of the content.
func ConfigMap(meta metav1.ObjectMeta, config Section) *corev1.ConfigMap {
	content := Text(config)
	hash := sha256.Sum256([]byte(content))
	meta.Name += "-" + hex.EncodeToString(hash[:4])
	immutable := true
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: meta,
		Immutable:  &immutable,
		Data:       map[string]string{ConfigKey: content},
	}
}

// Mount returns the volume of a ConfigMap and where the container has it.
func Mount(configMap string) (corev1.Volume, corev1.VolumeMount) {
	return corev1.Volume{
		Name: ConfigVolume,
		VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: configMap},
		}},
	}, corev1.VolumeMount{Name: ConfigVolume, MountPath: ConfigFolder, ReadOnly: true}
}

// PodSecurity returns the security context of a pod that is no root.
func PodSecurity() *corev1.PodSecurityContext {
	yes, user := true, UserID
	return &corev1.PodSecurityContext{
		RunAsNonRoot:   &yes,
		RunAsUser:      &user,
		RunAsGroup:     &user,
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

// ContainerSecurity returns the security context of a container without any
// privilege.
func ContainerSecurity() *corev1.SecurityContext {
	no, yes := false, true
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: &no,
		ReadOnlyRootFilesystem:   &yes,
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

// GoMemoryLimit returns the variable that tells Go's runtime how much memory
// there is.
func GoMemoryLimit(s tracing.Sizing) corev1.EnvVar {
	return corev1.EnvVar{Name: "GOMEMLIMIT", Value: fmt.Sprintf("%dMiB", s.GoMemoryLimit>>20)}
}

// MemoryLimiter returns the processor that refuses what there is no memory for.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/processor/memorylimiterprocessor
func MemoryLimiter(s tracing.Sizing) Section {
	return Section{
		"check_interval":         "1s",
		"limit_percentage":       s.CollectPercent,
		"spike_limit_percentage": s.CollectPercent - s.RefusePercent,
	}
}

// Receiver returns how a receiver of OTLP over gRPC listens.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/configgrpc
func Receiver(endpoint string) Section {
	return Section{"endpoint": endpoint, "read_buffer_size": buffer}
}

// Telemetry returns how the collector tells of itself: logs as JSON, and metrics
// for Prometheus.
func Telemetry(host string, port int32) Section {
	return Section{
		"logs": Section{"level": "info", "encoding": "json"},
		"metrics": Section{"readers": []Section{
			{"pull": Section{"exporter": Section{"prometheus": Section{"host": host, "port": port}}}},
		}},
	}
}

// Nothing is a variable that is empty. Behind another variable it makes the two
// a text, where one alone would be read as YAML.
const Nothing = "${env:KUBETRACE_NOTHING:-}"

// Literal keeps the collector from expanding ${…} in a text of the spec.
func Literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// HostPort returns an address.
func HostPort(host string, port int32) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
