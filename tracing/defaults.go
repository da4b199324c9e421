package tracing

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Defaults that WithDefaults writes into the empty fields of a spec. They are
// part of the contract: a program may rely on them.
const (
	// DefaultEndpoint is the default of TracingSpec.Endpoint: IPv4 loopback, as
	// localhost may be ::1, and OTLP's port for gRPC.
	DefaultEndpoint = "127.0.0.1:4317"
	// DefaultSamplingRatePerMillion is the default of
	// TracingSpec.SamplingRatePerMillion, 1 %.
	DefaultSamplingRatePerMillion int32 = 10_000
	// DefaultEtcdServiceName is the default of EtcdSpec.ServiceName.
	DefaultEtcdServiceName = "etcd"
	// DefaultConfigFile is the default of APIServerSpec.ConfigFile.
	DefaultConfigFile = "/etc/kubernetes/tracing-config.yaml"
	// DefaultCollectorNamespace is the default of CollectorSpec.Namespace.
	DefaultCollectorNamespace = "kubetrace-system"
	// DefaultCollectorName is the default of CollectorSpec.Name.
	DefaultCollectorName = "kubetrace-collector"
	// DefaultCollectorVersion is the collector's version without Image and
	// Version: the one that the conformance tests run.
	DefaultCollectorVersion = "0.165.0"
	// DefaultCollectorDistribution is the distribution without Image: the
	// official one for Kubernetes, the smallest that also holds a persistent
	// queue.
	DefaultCollectorDistribution = "k8s"
	// DefaultPriorityClassName is the default of
	// CollectorSpec.PriorityClassName.
	DefaultPriorityClassName = "system-node-critical"
	// DefaultQueueSize is the default of QueueSpec.Size, in spans, where nothing
	// is known of the load.
	DefaultQueueSize int64 = 20_000
	// DefaultHealthPort is the default of CollectorSpec.HealthPort.
	DefaultHealthPort int32 = 18133
	// DefaultMetricsPort is the default of CollectorSpec.MetricsPort.
	DefaultMetricsPort int32 = 18889
	// DefaultProtocol is the default of ExporterSpec.Protocol.
	DefaultProtocol = "grpc"
	// DefaultCompression is the default of ExporterSpec.Compression.
	DefaultCompression = "gzip"
	// DefaultGatewayNamespace is the default of GatewaySpec.Namespace.
	DefaultGatewayNamespace = "kubetrace-gateway"
	// DefaultGatewayReplicas is the default of GatewaySpec.Replicas.
	DefaultGatewayReplicas int32 = 2
	// DefaultBackendNamespace is the default of BackendSpec.Namespace.
	DefaultBackendNamespace = "kubetrace-backend"
	// DefaultBackendImage is the default of BackendSpec.Image: the newest Jaeger
	// that the conformance tests run.
	DefaultBackendImage = "jaegertracing/jaeger:2.13.0"
)

// Where the collector's queue is: the values of QueueSpec.Storage.
const (
	StorageMemory   = "memory"
	StorageEmptyDir = "emptyDir"
	StorageHostPath = "hostPath"
)

// WithDefaults returns a deep copy of the spec with every empty field that has
// a default filled in. The spec itself is not changed. Calling it twice is the
// same as calling it once, and a default never changes what is generated:
// Resolve(s) and Resolve(s.WithDefaults()) give equal outputs.
//
// Keep the spec as it was written, not its defaulted copy: what is filled in, the
// collector's image or KubeletVersion, no longer follows the field that it was
// derived from.
//
// It leaves alone what follows from other fields when resolved: the rates of
// the components, which follow SamplingRatePerMillion; the versions that image
// tags name; the exporter's endpoint, which follows the backend.
func (s TracingSpec) WithDefaults() TracingSpec {
	d := *s.DeepCopy()
	setDefault(&d.KubeletVersion, d.KubernetesVersion)
	setDefault(&d.Endpoint, DefaultEndpoint)
	if d.SamplingRatePerMillion == nil {
		d.SamplingRatePerMillion = ptr(DefaultSamplingRatePerMillion)
	}
	setDefault(&d.Etcd.ServiceName, DefaultEtcdServiceName)
	setDefault(&d.APIServer.ConfigFile, DefaultConfigFile)
	d.Collector.setDefaults()
	d.setSizes()
	if d.Gateway != nil {
		d.Gateway.setDefaults()
	}
	setDefault(&d.Backend.Namespace, DefaultBackendNamespace)
	setDefault(&d.Backend.Image, DefaultBackendImage)
	return d
}

func (c *CollectorSpec) setDefaults() {
	setDefault(&c.Namespace, DefaultCollectorNamespace)
	if c.ManageNamespace == nil {
		c.ManageNamespace = ptr(c.Namespace == DefaultCollectorNamespace)
	}
	setDefault(&c.Name, DefaultCollectorName)
	if c.Image == "" {
		setDefault(&c.Distribution, DefaultCollectorDistribution)
		c.Image = officialImage(c.Distribution, c.Version)
	}
	if len(c.Tolerations) == 0 {
		c.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
	}
	if _, ok := c.NodeSelector[corev1.LabelOSStable]; !ok {
		c.NodeSelector = withKey(c.NodeSelector, corev1.LabelOSStable, "linux")
	}
	setDefault(&c.PriorityClassName, DefaultPriorityClassName)
	setDefault(&c.Queue.Storage, StorageMemory)
	if c.Queue.Storage == StorageHostPath {
		setDefault(&c.Queue.Path, "/var/lib/"+c.Name)
	}
	setDefault(&c.HealthPort, DefaultHealthPort)
	setDefault(&c.MetricsPort, DefaultMetricsPort)
	setDefault(&c.Exporter.Protocol, DefaultProtocol)
	setDefault(&c.Exporter.Compression, DefaultCompression)
}

func (g *GatewaySpec) setDefaults() {
	setDefault(&g.Replicas, DefaultGatewayReplicas)
	setDefault(&g.Namespace, DefaultGatewayNamespace)
	if _, ok := g.NodeSelector[corev1.LabelOSStable]; !ok {
		g.NodeSelector = withKey(g.NodeSelector, corev1.LabelOSStable, "linux")
	}
	limit := quantity(max(defaultGatewayMemory.Value(), roundUp(g.memory(), 32<<20)))
	setQuantity(&g.Resources.Limits, corev1.ResourceMemory, limit)
	setRequest(&g.Resources, corev1.ResourceCPU, resource.NewMilliQuantity(100, resource.DecimalSI))
	setRequest(&g.Resources, corev1.ResourceMemory, quantity(max(minGatewayMemory.Value(), roundUp(g.held(), 32<<20))))
}

// setRequest fills in what is requested, once the limits are there. A default may
// not be above a limit that somebody wrote.
func setRequest(r *corev1.ResourceRequirements, name corev1.ResourceName, value *resource.Quantity) {
	if limit, ok := r.Limits[name]; ok && limit.Cmp(*value) < 0 {
		value = &limit
	}
	setQuantity(&r.Requests, name, value)
}

// setDefault writes value where the field is still zero.
func setDefault[T comparable](fieldValue *T, value T) {
	var zero T
	if *fieldValue == zero {
		*fieldValue = value
	}
}

func setQuantity(list *corev1.ResourceList, name corev1.ResourceName, value *resource.Quantity) {
	if _, ok := (*list)[name]; ok {
		return
	}
	*list = withKey(*list, name, value.DeepCopy())
}

// withKey writes into a map of the deep copy, which may still be nil.
func withKey[M ~map[K]V, K comparable, V any](m M, key K, value V) M {
	if m == nil {
		m = M{}
	}
	m[key] = value
	return m
}

func ptr[T any](value T) *T { return &value }
