package pipeline

import (
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/pipeline/load"
	"kubetrace/tracing"
)

// paperRow is a cluster on paper: what its nodes, its gateway and its backend
// would carry at a rate of 1 %.
type paperRow struct {
	Nodes, ControlPlane int
	Requests            float64 // a second, assumed
	Spans               float64 // a second, of the cluster
	Busiest             float64 // of its busiest node
	Worker              float64 // of another node
	// CPU is what the collector of the busiest node takes, in thousandths of a CPU.
	CPU float64
	// Queue is how many spans it holds for an outage of 15 minutes, Memory the limit
	// that this takes, and Disk what it takes on disk, in MiB.
	Queue, Memory, Disk int64
	// GatewayCPU is what all replicas take together, in thousandths, and Replicas
	// how many there would be.
	GatewayCPU float64
	Replicas   int
	// GatewayMemory is the limit of each, in MiB.
	GatewayMemory int64
	// BackendGB is what arrives at the backend a day, compressed.
	BackendGB float64
}

// What is assumed of a cluster: requests to kube-apiserver a second, of the control
// plane itself and of each node with its pods. A kubelet renews a lease every 10
// seconds; the rest is controllers, pods that come and go, and people.
const (
	paperRequests        = 3
	paperRequestsPerNode = 0.5
	paperRate            = 0.01
	paperOutage          = 15 * time.Minute
	// paperShare is how much of the control plane's spans its busiest node makes.
	paperShare = 0.5
)

var paperNodes = []int{1, 10, 100, 1000, 5000, 15_000}

// paper computes the table from what was measured.
func (r Report) paper(recorded load.Table) ([]paperRow, error) {
	perSpan, gatewayPerSpan, bytes := r.costOf(ours.Name), r.costOf(oursGateway.Name), 0.0
	for _, row := range r.Rows {
		if row.Config == ours.Name {
			bytes = row.BytesPerSpan
		}
	}
	kubelet := 0.0
	for _, c := range recorded.Busy.Components {
		if c.Name == "kubelet" {
			kubelet = c.SpansPerSecond
		}
	}
	var rows []paperRow
	for _, nodes := range paperNodes {
		var err error
		row := paperRow{Nodes: nodes, ControlPlane: 3, Requests: paperRequests + paperRequestsPerNode*float64(nodes), Worker: kubelet * paperRate}
		share := paperShare
		if nodes == 1 {
			row.ControlPlane, share = 1, 1
		}
		control := row.Requests * recorded.Busy.SpansPerAPIRequest * paperRate
		row.Spans = control + float64(nodes)*row.Worker
		row.Busiest = control*share + row.Worker
		row.CPU = row.Busiest * perSpan * 1000
		row.BackendGB = row.Spans * bytes * 86_400 / 1e9
		if nodes >= 100 {
			row.GatewayCPU = row.Spans * gatewayPerSpan * 1000
			// Each at half a CPU, and one more than needed.
			row.Replicas = max(2, int(math.Ceil(row.GatewayCPU/500))+1)
			if row.GatewayMemory, err = gatewayMemory(nodes); err != nil {
				return nil, err
			}
		}
		if row.Queue, row.Memory, row.Disk, err = sizesFor(row.Busiest); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// costOf is the CPU time of a span at the lowest rate that was measured, in
// seconds: there it is highest.
func (r Report) costOf(config string) float64 {
	for _, row := range r.Rows {
		if row.Config == config && row.SpansPerCPUSecond > 0 {
			return 1 / row.SpansPerCPUSecond
		}
	}
	return 0
}

// sizesFor asks the library.
func sizesFor(spansPerSecond float64) (queue, memory, disk int64, err error) {
	const mebibyte = 1 << 20
	spec := tracing.TracingSpec{KubernetesVersion: "1.37"}
	spec.Collector.Load = tracing.LoadSpec{SpansPerSecond: int64(math.Ceil(spansPerSecond)), Outage: &metav1.Duration{Duration: paperOutage}}
	inMemory, err := tracing.Resolve(spec)
	if err != nil {
		return 0, 0, 0, err
	}
	spec.Collector.Queue.Storage = tracing.StorageEmptyDir
	onDisk, err := tracing.Resolve(spec)
	return inMemory.Sizing().QueueSize, inMemory.Sizing().MemoryLimit / mebibyte, onDisk.Sizing().Disk / mebibyte, err
}

// gatewayMemory asks the library.
func gatewayMemory(nodes int) (int64, error) {
	r, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.37", Gateway: &tracing.GatewaySpec{Nodes: int32(nodes)}})
	return r.GatewaySizing().MemoryLimit >> 20, err
}

// derived are what the library derives with, and what it comes to for a person.
type derived struct {
	SpansPerCPUSecond, SpanMemory, SpanDisk, CollectorMemory, ConnectionMemory int64
	Default, Gateway                                                           tracing.Sizing
	// Idle is how many spans a second a control-plane node makes that has nothing
	// to do, with every request traced, and Large how many one with 8 CPUs makes
	// at most at the default rate. IdleLasts and LargeLasts are how long the default
	// queue takes to fill at the default rate.
	Idle                  float64
	Large                 int64
	IdleLasts, LargeLasts time.Duration
}

func derivedFigures(recorded load.Table) derived {
	d := derived{
		SpansPerCPUSecond: tracing.SpansPerCPUSecond, SpanMemory: tracing.SpanMemory, SpanDisk: tracing.SpanDisk,
		CollectorMemory: tracing.CollectorMemory, ConnectionMemory: tracing.ConnectionMemory,
	}
	r, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.37", Gateway: &tracing.GatewaySpec{}})
	if err != nil {
		panic(err) // this spec is valid
	}
	d.Default, d.Gateway = r.Sizing(), r.GatewaySizing()
	for _, c := range recorded.Idle.Components {
		d.Idle += c.SpansPerSecond
	}
	rate := float64(tracing.DefaultSamplingRatePerMillion) / 1e6
	d.Large = int64(8 * tracing.SpansPerCPUSecond * rate)
	lasts := func(spans float64) time.Duration {
		return time.Duration(float64(d.Default.QueueSize) / spans * float64(time.Second)).Truncate(time.Second)
	}
	d.IdleLasts, d.LargeLasts = lasts(d.Idle*rate).Truncate(time.Hour), lasts(float64(d.Large))
	return d
}
