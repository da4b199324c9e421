package tracing

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxGatewayReplicas keeps a slip of the finger from filling a cluster.
const maxGatewayReplicas = 1000

// minGatewayMemory is the least memory limit with which a gateway has room for
// what it sends at a time.
var minGatewayMemory = resource.MustParse("128Mi")

// oldestGateway is the first collector whose wait_for_result was run here.
var oldestGateway = numbers{0, 128}

// resolveGateway puts the gateway between the nodes and where they send to.
func (r *resolver) resolveGateway(path *field.Path) {
	spec := r.spec.Gateway
	switch {
	case spec == nil:
		r.omit(ComponentGateway, path, "the spec names none")
		return
	case r.spec.Collector.Disabled:
		r.omit(ComponentGateway, field.NewPath("collector", "disabled"), "there is no collector that would send to it")
		return
	}
	if spec.Replicas < 1 || spec.Replicas > maxGatewayReplicas {
		r.invalid(path.Child("replicas"), spec.Replicas, "write how many pods to run, from 1 to %d", maxGatewayReplicas)
	}
	r.checkLabel(path.Child("namespace"), spec.Namespace, DefaultGatewayNamespace)
	if spec.Namespace == r.spec.Collector.Namespace {
		r.invalid(path.Child("namespace"), spec.Namespace, "collector.namespace is the same, and its Pod Security level is privileged: write two namespaces, such as %q for the collector and %q for the gateway", DefaultCollectorNamespace, DefaultGatewayNamespace)
	}
	if v := r.collectorVersion; v.text != "" && v.before(oldestGateway) {
		r.invalid(path, v.text, "a gateway needs a collector of %s or later: write collector.version, such as %q", oldestGateway, DefaultCollectorVersion)
	}
	r.checkResources(path.Child("resources"), spec.Resources)
	if limit := spec.Resources.Limits[corev1.ResourceMemory]; limit.Cmp(minGatewayMemory) < 0 {
		r.invalid(path.Child("resources", "limits").Key(string(corev1.ResourceMemory)), limit.String(), "a gateway needs %s at least: write a limit such as 512Mi", minGatewayMemory.String())
	}
	r.checkPlacement(path, spec.Tolerations, spec.NodeSelector)
	if spec.PriorityClassName != "" {
		r.checkName(path.Child("priorityClassName"), spec.PriorityClassName, "system-cluster-critical")
	}
	r.checkGatewayTLS(path)
	r.gateway = r.exporter
	r.exporter = gatewayExporter(*spec, r.spec.Collector.Exporter.Compression)
}

// checkGatewayTLS judges the certificates between the nodes and the gateway.
func (r *resolver) checkGatewayTLS(path *field.Path) {
	tls := r.spec.Gateway.TLS
	if tls == nil {
		r.warn(WarnGatewayPlainText, path.Child("tls"), "every collector release",
			"The nodes send to the gateway in plain text, and whatever reaches its pods may send to it too",
			"Write gateway.tls, and a NetworkPolicy that admits the nodes alone")
		return
	}
	for _, part := range []struct {
		name, what string
		key        *corev1.SecretKeySelector
	}{
		{"cert", "the gateway's certificate", tls.Cert},
		{"key", "the private key of the gateway's certificate", tls.Key},
		{"ca", "the authority that signed the gateway's certificate", tls.CA},
	} {
		if part.key == nil {
			r.required(path.Child("tls", part.name), "write the name and key of the Secret with %s", part.what)
		}
		r.checkSecretKey(path.Child("tls", part.name), part.key)
	}
}

// gatewaySizing returns what follows from the gateway's memory limit. What it
// holds is under way to the backend.
func (s TracingSpec) gatewaySizing() Sizing {
	limit := s.Gateway.Resources.Limits[corev1.ResourceMemory]
	sizing := sizingIn(limit.Value())
	sizing.QueueSize = max(minQueueSize, QueueSpec{}.room(limit.Value()))
	return sizing
}
