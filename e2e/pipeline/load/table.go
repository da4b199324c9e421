package load

import (
	"math"
	"slices"
)

// Table is what was measured while the recording was made, with every request
// sampled.
type Table struct {
	// Versions are those of the cluster's programs.
	Versions map[string]string `json:"versions"`
	// Idle and Busy are a cluster that nobody uses and one that several clients
	// use.
	Idle Period `json:"idle"`
	Busy Period `json:"busy"`
}

// Period is a stretch of the recording.
type Period struct {
	// Seconds is how long it was.
	Seconds float64 `json:"seconds"`
	// APIRequests are those that kube-apiserver counted itself, watches that
	// ended included.
	APIRequests int `json:"apiRequests"`
	// CPUSeconds are those of etcd and kube-apiserver together, tracing included.
	CPUSeconds float64 `json:"cpuSeconds"`
	// SpansPerAPIRequest and SpansPerCPUSecond are etcd's and kube-apiserver's
	// spans by the two above.
	SpansPerAPIRequest float64 `json:"spansPerAPIRequest"`
	SpansPerCPUSecond  float64 `json:"spansPerCPUSecond"`
	// Components are what each of them sent, by its service.name.
	Components []Component `json:"components"`
}

// Component is what one component sent in a period.
type Component struct {
	Name            string    `json:"name"`
	Requests        int       `json:"requests"`
	Spans           int       `json:"spans"`
	SpansPerSecond  float64   `json:"spansPerSecond"`
	SpansPerRequest Quantiles `json:"spansPerRequest"`
	// BytesPerSpan are those of a request by its spans, uncompressed.
	BytesPerSpan Quantiles `json:"bytesPerSpan"`
}

// Quantiles of some values.
type Quantiles struct {
	Min float64 `json:"min"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// QuantilesOf are those of values, which it sorts.
func QuantilesOf(values []float64) Quantiles {
	if len(values) == 0 {
		return Quantiles{}
	}
	slices.Sort(values)
	at := func(q float64) float64 { return values[int(math.Ceil(q*float64(len(values)-1)))] }
	return Quantiles{Min: values[0], P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
}
