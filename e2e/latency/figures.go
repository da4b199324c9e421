package latency

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Figures are what a measurement found.
type Figures struct {
	// Versions are those of the programs.
	Versions map[string]string `json:"versions"`
	// Rounds is how often each request was timed, at each cluster and in each
	// state.
	Rounds int `json:"rounds"`
	// States are those of the traced cluster's collector, in the order in which
	// they were measured. The first is the one in which it works.
	States []State `json:"states"`
}

// State is what was measured in one state of the collector.
type State struct {
	// Name is one of the States, and Means says what that is.
	Name  string `json:"name"`
	Means string `json:"means"`
	// Components are what was asked.
	Components []Component `json:"components"`
	// Spans are those of the requests, by the service that made them.
	Spans map[string]Spans `json:"spans"`
}

// Component is how fast one of them answered.
type Component struct {
	Name string `json:"name"`
	// Request is what was timed.
	Request string `json:"request"`
	// Off is the cluster that is not traced, Traced the other one.
	Off    Latency `json:"off"`
	Traced Latency `json:"traced"`
	// Ratio is how many times the median of Off that of Traced is, and
	// Difference what it is more.
	Ratio      float64      `json:"ratio"`
	Difference Milliseconds `json:"difference"`
}

// Spans says what became of the spans of one service.
type Spans struct {
	// Filled were made before the first request was timed, and Made by the end.
	// They are counted by the requests, whose spans are always as many.
	Filled int `json:"filled"`
	Made   int `json:"made"`
	// Arrived are those that the backend got, in the end.
	Arrived int `json:"arrived"`
}

// Latency is how long requests took.
type Latency struct {
	Median Milliseconds `json:"median"`
	P90    Milliseconds `json:"p90"`
	P99    Milliseconds `json:"p99"`
	Max    Milliseconds `json:"max"`
}

// Milliseconds is a duration.
type Milliseconds float64

func milliseconds(d time.Duration) Milliseconds {
	return Milliseconds(d.Round(time.Microsecond).Microseconds()) / 1000
}

// thousandths is a number without what is only the computer's.
func thousandths(n float64) float64 { return math.Round(n*1000) / 1000 }

// newComponent makes a component's figures of durations.
func newComponent(o operation, off, traced []time.Duration) Component {
	c := Component{Name: o.component, Request: o.request, Off: newLatency(off), Traced: newLatency(traced)}
	c.Ratio = thousandths(float64(c.Traced.Median / c.Off.Median))
	c.Difference = Milliseconds(thousandths(float64(c.Traced.Median - c.Off.Median)))
	return c
}

func newLatency(durations []time.Duration) Latency {
	sorted := slices.Sorted(slices.Values(durations))
	at := func(share float64) Milliseconds { return milliseconds(sorted[int(share*float64(len(sorted)-1))]) }
	return Latency{Median: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
}

// ReportJSON is the name of the figures' file in the folder of the documents.
const ReportJSON = "latency.json"

// Write writes the figures into a folder, in the place of earlier ones.
func (f Figures) Write(folder string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, ReportJSON), append(text, '\n'), 0o644)
}

// Read reads the figures of a folder.
func Read(folder string) (f Figures, err error) {
	text, err := os.ReadFile(filepath.Join(folder, ReportJSON))
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}
