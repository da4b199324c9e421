package tracing

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// What a span and a connection cost, and what kube-apiserver and etcd make of
// them: what the sizes are derived from. The figures are measured by make pipeline
// with the spans that a real control plane sent, and what something takes is twice
// the measured or more, since spans of others are larger. docs/pipeline.md has
// both side by side.
const (
	// SpansPerCPUSecond is how many spans kube-apiserver and etcd make with one
	// CPU at a rate of a million.
	SpansPerCPUSecond = 3000
	// SpanMemory is how many bytes of heap a span in the queue takes.
	SpanMemory = 2 << 10
	// SpanDisk is how many bytes a span takes in the queue's file.
	SpanDisk = 1 << 10
	// CollectorMemory is how many bytes of heap a collector takes that holds no
	// span.
	CollectorMemory = 24 << 20
	// ConnectionMemory is how many bytes each node's connection takes in each pod
	// of the gateway.
	ConnectionMemory = 256 << 10
)

// fileGrowth is how much bbolt, which keeps the queue's file, adds to it at a
// time, so that the last of it is never used.
// https://github.com/etcd-io/bbolt/blob/v1.5.0/internal/common/types.go
const fileGrowth = 16 << 20

// How the memory limit is shared out, in percent of it. Go collects its garbage
// more and more eagerly as GOMEMLIMIT comes near, so spans may take half of the
// limit, what remains below the next two is garbage, and the limiter refuses only
// what is more than the queue may hold.
const (
	heldPercent    = 50 // the collector's own heap and the queue
	goMemPercent   = 60 // GOMEMLIMIT
	refusePercent  = 70 // from here on the memory limiter refuses
	collectPercent = 80 // from here on it also collects garbage at every check
)

// What is sent at a time, in spans. The components batch themselves: up to 512,
// or what there is after 5 seconds. A node's collector passes that on as it is: it
// has three of them, whose requests hardly ever meet, and to wait for more costs
// CPU, memory and time. A gateway has those of many nodes, and joins the small
// ones. Many backends refuse a request of more than 4 MiB, the default of gRPC, and
// what is refused for that is lost: 2048 spans may then have 2 KiB each.
// https://github.com/open-telemetry/opentelemetry-go/blob/main/sdk/trace/batch_span_processor.go
const (
	requestMax = 512
	batchMin   = requestMax
	batchMax   = 2048
	// minConsumers is how many requests a node's collector has under way at a time,
	// or more where the load needs them, and gatewayConsumers a gateway: what it
	// accepts in full requests is on its way at once. They count as queued.
	minConsumers     = 10
	gatewayConsumers = 40
)

// componentQueue is how many spans a component keeps while it cannot send.
const componentQueue = 2048

// How long it takes until a backend that is there again is found: gRPC pauses as
// long as it was away, but at most 120 seconds and up to a fifth more, and a try to
// connect that nobody answers takes as long again; then comes the rest of the
// exporter's own pause, 30 seconds and up to half more.
// https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
const (
	exporterPause = 45 * time.Second
	mostRecovery  = 2*144*time.Second + exporterPause
)

// defaultOutage is how long the backend may be away where Load says nothing and
// neither memory nor disk is bounded.
const defaultOutage = 5 * time.Minute

// Sizing is what follows from CollectorSpec's Load, Queue and Resources. All of
// it is in the generated objects too.
type Sizing struct {
	// SpansPerSecond is the load: LoadSpec.SpansPerSecond or what follows from
	// LoadSpec.CPUs and the rates, and 0 where the spec says neither.
	SpansPerSecond int64
	// QueueSize is how many spans the queue holds.
	QueueSize int64
	// Outage is how long the backend may be away at SpansPerSecond, the time until
	// it is found again not counted, and 0 where that is not known.
	Outage time.Duration
	// MemoryLimit is that of the container, in bytes.
	MemoryLimit int64
	// GoMemoryLimit is GOMEMLIMIT, in bytes: 60 % of MemoryLimit.
	GoMemoryLimit int64
	// RefusePercent is the share of MemoryLimit from which on the memory limiter
	// refuses spans, and CollectPercent the one from which on it collects
	// garbage every second.
	RefusePercent, CollectPercent int
	// Disk bounds the file of the queue, in bytes. It is 0 for one in memory.
	Disk int64
	// BatchMin and BatchMax are how many spans one request of a gateway to the
	// backend holds: fewer than BatchMin only when no more come. They are 0 for the
	// collectors on the nodes, which pass on what a component sent at a time, up to
	// 512.
	BatchMin, BatchMax int64
	// Consumers is how many requests to the backend are under way at a time.
	Consumers int64
	// Nodes is of how many nodes a pod of the gateway has room for the
	// connections. It is 0 for the collectors on the nodes.
	Nodes int64
}

// sizingIn is what every collector has in a memory limit.
func sizingIn(limit int64) Sizing {
	return Sizing{
		MemoryLimit:    limit,
		GoMemoryLimit:  limit / 100 * goMemPercent,
		RefusePercent:  refusePercent,
		CollectPercent: collectPercent,
	}
}

// Sizing returns what follows from the load, the queue and the resources.
func (r Resolved) Sizing() Sizing {
	spec := r.known().spec
	c := spec.Collector
	limit := c.Resources.Limits[corev1.ResourceMemory]
	s := sizingIn(limit.Value())
	s.Consumers = spec.consumers()
	s.SpansPerSecond, s.QueueSize = spec.spansPerSecond(), c.Queue.Size
	if s.SpansPerSecond > 0 {
		lasts := time.Duration(float64(s.QueueSize) / float64(s.SpansPerSecond) * float64(time.Second))
		s.Outage = outageOf(lasts).Truncate(time.Second)
	}
	if c.Queue.onDisk() {
		s.Disk = c.Queue.Disk.Value()
	}
	return s
}

// GatewaySizing returns what follows from the memory limit of each of the
// gateway's pods: QueueSize is how many spans a pod has under way to the backend
// before it refuses more. It is empty where no gateway is generated.
func (r Resolved) GatewaySizing() Sizing {
	if r.NotGenerated(ComponentGateway) != nil {
		return Sizing{}
	}
	return r.known().spec.gatewaySizing()
}

// onDisk says whether the queue is a file.
func (q QueueSpec) onDisk() bool { return q.Storage == StorageEmptyDir || q.Storage == StorageHostPath }

// spansPerSecond returns the load of a defaulted spec, or 0 where it says none.
func (s TracingSpec) spansPerSecond() int64 {
	load := s.Collector.Load
	if load.SpansPerSecond != 0 || load.CPUs == 0 {
		return load.SpansPerSecond
	}
	var highest int32
	if !s.Etcd.Disabled {
		highest = rate(s.Etcd.SamplingRatePerMillion, s)
	}
	if !s.APIServer.Disabled {
		highest = max(highest, rate(s.APIServer.SamplingRatePerMillion, s))
	}
	// At rate 0 there is still what a sampled parent asks for.
	return max(1, int64(load.CPUs)*SpansPerCPUSecond*int64(highest)/1_000_000)
}

// consumers returns how many requests a node's collector has under way at a time:
// so many that it keeps up with a backend that takes a second to answer.
func (s TracingSpec) consumers() int64 {
	return max(minConsumers, (min(s.spansPerSecond(), maxSpansPerSecond)+requestMax-1)/requestMax)
}

// setSizes fills in the sizes that follow from each other: what the spec says
// decides what it leaves open. It never fails; resolveSizes judges the result.
func (s *TracingSpec) setSizes() {
	c := &s.Collector
	limit, limited := c.Resources.Limits[corev1.ResourceMemory]
	bounded := limited
	if c.Queue.onDisk() {
		bounded = c.Queue.Disk != nil
	}
	if c.Queue.Size == 0 {
		c.Queue.Size = DefaultQueueSize
		room := c.Queue.room(limit.Value())
		switch spans := s.spansPerSecond(); {
		case spans > 0 && c.Load.Outage != nil:
			c.Queue.Size = queueFor(spans, c.Load.Outage.Duration)
		case spans > 0 && bounded:
			c.Queue.Size = room
		case spans > 0:
			c.Queue.Size = queueFor(spans, defaultOutage)
		case bounded:
			c.Queue.Size = min(DefaultQueueSize, room)
		}
		c.Queue.Size = min(max(c.Queue.Size, minQueueSize), c.Queue.most())
	}
	if c.Queue.onDisk() && c.Queue.Disk == nil {
		c.Queue.Disk = quantity(max(minDisk.Value(), roundUp(diskFor(c.Queue.Size), 16<<20)))
	}
	if !limited {
		need := roundUp(s.memory(), 32<<20)
		setQuantity(&c.Resources.Limits, corev1.ResourceMemory, quantity(max(defaultMemory.Value(), need)))
	}
	// What is requested is what the collector takes while nothing waits: it is
	// requested on every node, and only the busiest ever fills its queue.
	setRequest(&c.Resources, corev1.ResourceCPU, resource.NewMilliQuantity(50, resource.DecimalSI))
	setRequest(&c.Resources, corev1.ResourceMemory, &minMemory)
	if c.Queue.Storage == StorageEmptyDir {
		setRequest(&c.Resources, corev1.ResourceEphemeralStorage, c.Queue.Disk)
	}
}

// queueFor returns the length of a queue that lasts for an outage, and until the
// backend is found again.
func queueFor(spansPerSecond int64, outage time.Duration) int64 {
	lasts := outage + min(outage+exporterPause, mostRecovery)
	return int64(min(math.Ceil(float64(spansPerSecond)*lasts.Seconds()), math.MaxInt32))
}

// outageOf returns for which outage a queue is that lasts so long.
func outageOf(lasts time.Duration) time.Duration {
	return max(0, lasts-min((lasts+exporterPause)/2, mostRecovery))
}

// memory returns the memory limit that the collector needs whose queue is full.
func (s TracingSpec) memory() int64 {
	held := s.Collector.Queue.Size
	if s.Collector.Queue.onDisk() {
		held = s.consumers() * requestMax // what is being sent
	}
	return (CollectorMemory + clamp(held)*SpanMemory) / heldPercent * 100
}

// diskFor returns the bytes that the file of a queue takes.
func diskFor(size int64) int64 { return clamp(size)*SpanDisk + fileGrowth }

// room returns how many spans fit into the disk of a queue, or into a memory
// limit.
func (q QueueSpec) room(memory int64) int64 {
	if q.onDisk() {
		if q.Disk == nil {
			return 0
		}
		return (q.Disk.Value() - fileGrowth) / SpanDisk
	}
	return (memory/100*heldPercent - CollectorMemory) / SpanMemory
}

// most returns how many spans a queue may hold.
func (q QueueSpec) most() int64 {
	if q.onDisk() {
		return maxQueueOnDisk
	}
	return maxQueueInMemory
}

// clamp keeps a length that validation will refuse from overflowing.
func clamp(size int64) int64 { return min(max(size, 0), math.MaxInt32) }

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }

func quantity(bytes int64) *resource.Quantity { return resource.NewQuantity(bytes, resource.BinarySI) }
