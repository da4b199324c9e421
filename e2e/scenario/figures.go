package scenario

import (
	"fmt"
	"time"
)

// Figures are what a run measures, for the report.
type Figures struct {
	// Versions are those of all programs.
	Versions map[string]string `json:"versions"`
	// Boot is how long the control plane took, from the first kubeadm to the last
	// node, and Rollout the collector and the backend.
	Boot    duration `json:"boot"`
	Rollout duration `json:"rollout"`
	// Traced is when the first spans of what booted without a collector arrived,
	// after the collector was applied; Joined the same of the worker, after it
	// began to join.
	Traced arrivals `json:"traced"`
	Joined arrivals `json:"joined,omitempty"`
	// Spans are those of the scenario, by service.
	Spans map[string]int `json:"spans"`
	// Back is when spans came again after something went wrong.
	Back map[string]arrivals `json:"back"`
	// Total is the whole run without building.
	Total duration `json:"total"`
}

// duration is one in seconds.
type duration float64

func seconds(d time.Duration) duration { return duration(d.Round(100 * time.Millisecond).Seconds()) }

func (d duration) String() string { return fmt.Sprintf("%.1f s", float64(d)) }

// arrivals are durations by what arrived, "etcd of node-1".
type arrivals map[string]duration

// Last is the longest.
func (a arrivals) Last() (most duration) {
	for _, d := range a {
		most = max(most, d)
	}
	return most
}
