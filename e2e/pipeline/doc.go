// Package pipeline measures a collector's configuration: what a span costs, how
// long it takes, and what is lost when something goes wrong.
//
// A [Rig] runs the real collector as a process of its own, on one CPU and in a
// control group with a memory limit, between a generator of package load and a
// backend of package sink, which share the machine's other CPUs. [Rig.Measure]
// gives figures, [Rig.Break] the exact loss of a fault. [Configs] are those that
// are compared.
package pipeline
