package tracing

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

// What a slip of the finger is.
const (
	maxGatewayReplicas = 1000
	maxGatewayNodes    = 100_000
)

var (
	// minGatewayMemory is the least memory limit with which a gateway has room
	// for what it sends at a time.
	minGatewayMemory = resource.MustParse("128Mi")
	// defaultGatewayMemory is the memory limit for a cluster of up to 700 nodes.
	defaultGatewayMemory = resource.MustParse("512Mi")
)

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
	if r.collector.From != "" && !r.collector.Gateway {
		oldest := release.FirstCollector(func(c CollectorRelease) bool { return c.Gateway })
		r.invalid(path, r.collectorVersion.String(), "a gateway needs a collector of %s or later: write collector.version, such as %q", oldest, DefaultCollectorVersion)
	}
	r.checkResources(path.Child("resources"), spec.Resources)
	r.checkGatewayMemory(path)
	r.checkPlacement(path, spec.Tolerations, spec.NodeSelector)
	if spec.PriorityClassName != "" {
		r.checkName(path.Child("priorityClassName"), spec.PriorityClassName, "system-cluster-critical")
	}
	r.checkGatewayTLS(path)
	if r.exporter.Protocol == "http" {
		r.warn(WarnGatewayThrottled, path, "every collector release",
			"A backend that answers 429 for longer than about 15 seconds, or with a longer Retry-After, loses spans: the gateway tells the nodes in gRPC, where that is final",
			"Leave the gateway out where the backend throttles, or write the backend's endpoint for gRPC")
	}
	r.gateway = r.exporter
	r.exporter = gatewayExporter(*spec, r.spec.Collector.Exporter.Compression)
}

// checkGatewayMemory judges whether the connections of the nodes and what is under
// way fit into the memory limit.
func (r *resolver) checkGatewayMemory(path *field.Path) {
	spec := r.spec.Gateway
	if n := spec.Nodes; n < 0 || n > maxGatewayNodes {
		r.invalid(path.Child("nodes"), n, "write how many nodes the cluster has at most, from 1 to %d", maxGatewayNodes)
		return
	}
	at := path.Child("resources", "limits").Key(string(corev1.ResourceMemory))
	limit := spec.Resources.Limits[corev1.ResourceMemory]
	switch {
	case limit.Cmp(minGatewayMemory) < 0:
		r.invalid(at, limit.String(), "a gateway needs %s at least: write a limit such as 512Mi", minGatewayMemory.String())
	case limit.Value() < spec.memory():
		r.invalid(at, limit.String(), "the connections of %d nodes need more: write %s, or leave it out", spec.Nodes, quantity(roundUp(spec.memory(), 1<<20)))
	}
}

// checkGatewayTLS judges the certificates between the nodes and the gateway.
func (r *resolver) checkGatewayTLS(path *field.Path) {
	tls := r.spec.Gateway.TLS
	if tls == nil {
		r.warn(WarnGatewayPlainText, path.Child("tls"), "every collector release",
			"The nodes send to the gateway in plain text, and whatever reaches its pods may send to it too",
			"Write gateway.tls with a client certificate")
		return
	}
	clients := tls.ClientCA != nil || tls.ClientCert != nil || tls.ClientKey != nil
	if !clients {
		r.warn(WarnGatewayOpen, path.Child("tls", "clientCA"), "every collector release",
			"Whatever reaches the gateway's pods may send to it",
			"Write gateway.tls.clientCA, clientCert and clientKey, or a NetworkPolicy that admits the addresses of the nodes alone")
	}
	for _, part := range []struct {
		name, what string
		key        *corev1.SecretKeySelector
		needed     bool
	}{
		{"cert", "the gateway's certificate", tls.Cert, true},
		{"key", "the private key of the gateway's certificate", tls.Key, true},
		{"ca", "the authority that signed the gateway's certificate", tls.CA, true},
		{"clientCA", "the authority that signed the client certificate", tls.ClientCA, clients},
		{"clientCert", "the client certificate of the nodes' collectors", tls.ClientCert, clients},
		{"clientKey", "the private key of the client certificate", tls.ClientKey, clients},
	} {
		if part.key == nil && part.needed {
			r.required(path.Child("tls", part.name), "write the name and key of the Secret with %s", part.what)
		}
		r.checkSecretKey(path.Child("tls", part.name), part.key)
	}
}

// underWay is how many spans a pod of the gateway accepts before the backend has
// answered.
const underWay = gatewayConsumers * batchMin

// held returns the memory that a pod of the gateway takes when as much as may be
// is under way.
func (g GatewaySpec) held() int64 {
	return CollectorMemory + underWay*SpanMemory + int64(min(max(g.Nodes, 0), maxGatewayNodes))*ConnectionMemory
}

// memory returns the memory limit that a pod of the gateway needs.
func (g GatewaySpec) memory() int64 { return g.held() / heldPercent * 100 }

// gatewaySizing returns what follows from the gateway's memory limit. It accepts
// as much as it can send at once where requests are full: a node waits for the
// answer, and what waits here would only wait longer.
func (s TracingSpec) gatewaySizing() Sizing {
	limit := s.Gateway.Resources.Limits[corev1.ResourceMemory]
	sizing := sizingIn(limit.Value())
	sizing.QueueSize, sizing.Consumers = underWay, gatewayConsumers
	sizing.BatchMin, sizing.BatchMax = batchMin, batchMax
	sizing.Nodes = max(0, limit.Value()/100*heldPercent-GatewaySpec{}.held()) / ConnectionMemory
	return sizing
}
