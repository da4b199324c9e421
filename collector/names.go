package collector

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/tracing"
)

// Paths and names inside the pod.
const (
	containerName = "collector"
	queueFolder   = "/var/lib/kubetrace/queue"
	nodeNameEnv   = "K8S_NODE_NAME"
)

// selector returns the labels that the DaemonSet finds its pods by. They can
// never change, so they hold no version.
func selector(spec tracing.CollectorSpec) map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":      "kubetrace-collector",
		"app.kubernetes.io/instance":  spec.Name,
		"app.kubernetes.io/component": "collector",
	}
}

// labels returns the labels of every object: the spec's and kubetrace's own.
func labels(spec tracing.CollectorSpec) map[string]string {
	all := maps.Clone(spec.Labels)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, selector(spec))
	all["app.kubernetes.io/part-of"] = "kubetrace"
	all["app.kubernetes.io/managed-by"] = "kubetrace"
	return all
}

// objectMeta returns the metadata of an object in the collector's namespace.
func objectMeta(spec tracing.CollectorSpec, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:        name,
		Namespace:   spec.Namespace,
		Labels:      labels(spec),
		Annotations: maps.Clone(spec.Annotations),
	}
}
