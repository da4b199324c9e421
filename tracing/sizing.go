package tracing

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// What a span costs, and what kube-apiserver and etcd make of them. The figures
// are measured by make pipeline with the spans that a real control plane sent.
// What a span takes is twice the measured, since others are larger.
// docs/pipeline.md has them side by side.
const (
	// spansPerCPUSecond is how many spans kube-apiserver and etcd make with one
	// CPU at a rate of a million.
	spansPerCPUSecond = 3000
	// spanMemory is the heap that a span in the queue takes.
	spanMemory = 2 << 10
	// spanDisk is what a span takes in the queue's file.
	spanDisk = 1 << 10
	// collectorMemory is the heap of a collector that holds no span.
	collectorMemory = 24 << 20
)

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

// The exporter's batches, in spans. The components send 512 at a time when they
// are busy; those go on as they are, since to join them costs more than it saves,
// and smaller ones are joined. Many backends refuse a request of more than 4 MiB,
// the default of gRPC, and what is refused for that is lost: 2048 spans may then
// have 2 KiB each.
// https://github.com/open-telemetry/opentelemetry-go/blob/main/sdk/trace/batch_span_processor.go
const (
	batchMin = 512
	batchMax = 2048
	// exports is how many batches are under way at a time, the collector's
	// default. They count as queued.
	exports = 10
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
	// Outage is how long the queue takes to fill at SpansPerSecond, and 0 where
	// that is not known.
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
	// BatchMin and BatchMax are how many spans one request to the backend holds:
	// fewer than BatchMin only when no more come.
	BatchMin, BatchMax int64
}

// sizingIn is what every collector has in a memory limit.
func sizingIn(limit int64) Sizing {
	return Sizing{
		MemoryLimit:    limit,
		GoMemoryLimit:  limit / 100 * goMemPercent,
		RefusePercent:  refusePercent,
		CollectPercent: collectPercent,
		BatchMin:       batchMin,
		BatchMax:       batchMax,
	}
}

// Sizing returns what follows from the load, the queue and the resources.
func (r Resolved) Sizing() Sizing {
	spec := r.known().spec
	c := spec.Collector
	limit := c.Resources.Limits[corev1.ResourceMemory]
	s := sizingIn(limit.Value())
	s.SpansPerSecond, s.QueueSize = spec.spansPerSecond(), c.Queue.Size
	if s.SpansPerSecond > 0 {
		s.Outage = time.Duration(float64(s.QueueSize) / float64(s.SpansPerSecond) * float64(time.Second)).Truncate(time.Second)
	}
	if c.Queue.onDisk() {
		s.Disk = c.Queue.Disk.Value()
	}
	return s
}

// GatewaySizing returns what follows from the memory limit of each of the
// gateway's pods: QueueSize is how many spans a pod has under way to the backend
// before it refuses more. It is empty where there is no gateway.
func (r Resolved) GatewaySizing() Sizing {
	if spec := r.known().spec; spec.Gateway != nil {
		return spec.gatewaySizing()
	}
	return Sizing{}
}

// onDisk says whether the queue is a file.
func (q QueueSpec) onDisk() bool { return q.Storage == StorageEmptyDir || q.Storage == StorageHostPath }

// spansPerSecond returns the load of a defaulted spec, or 0 where it says none.
func (s TracingSpec) spansPerSecond() int64 {
	load := s.Collector.Load
	if load.SpansPerSecond != 0 || load.CPUs == 0 {
		return load.SpansPerSecond
	}
	highest := rate(s.APIServer.SamplingRatePerMillion, s)
	highest = max(highest, rate(s.Etcd.SamplingRatePerMillion, s), rate(s.Kubelet.SamplingRatePerMillion, s))
	// At rate 0 there is still what a sampled parent asks for.
	return max(1, int64(load.CPUs)*spansPerCPUSecond*int64(highest)/1_000_000)
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
		c.Queue.Size = min(max(c.Queue.Size, minQueueSize), maxQueueSize)
	}
	if c.Queue.onDisk() && c.Queue.Disk == nil {
		c.Queue.Disk = quantity(max(minDisk.Value(), roundUp(diskFor(c.Queue.Size), 16<<20)))
	}
	if !limited {
		need := roundUp(memoryFor(c.Queue), 32<<20)
		setQuantity(&c.Resources.Limits, corev1.ResourceMemory, quantity(max(defaultMemory.Value(), need)).String())
	}
}

// queueFor returns the length of a queue that lasts for an outage.
func queueFor(spansPerSecond int64, outage time.Duration) int64 {
	return int64(min(math.Ceil(float64(spansPerSecond)*outage.Seconds()), math.MaxInt32))
}

// memoryFor returns the memory limit that a queue needs.
func memoryFor(q QueueSpec) int64 {
	held := q.Size
	if q.onDisk() {
		held = exports * batchMax // what is being sent
	}
	return (collectorMemory + clamp(held)*spanMemory) / heldPercent * 100
}

// diskFor returns the bytes that the file of a queue takes.
func diskFor(size int64) int64 { return clamp(size) * spanDisk }

// room returns how many spans fit into the disk of a queue, or into a memory
// limit.
func (q QueueSpec) room(memory int64) int64 {
	if q.onDisk() {
		if q.Disk == nil {
			return 0
		}
		return q.Disk.Value() / spanDisk
	}
	return (memory/100*heldPercent - collectorMemory) / spanMemory
}

// clamp keeps a length that validation will refuse from overflowing.
func clamp(size int64) int64 { return min(max(size, 0), math.MaxInt32) }

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }

func quantity(bytes int64) *resource.Quantity { return resource.NewQuantity(bytes, resource.BinarySI) }
