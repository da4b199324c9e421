// Package tracing holds the one input of kubetrace, [TracingSpec], and what is
// known about the releases it is meant for.
//
// A spec is read with [Load] or written as a Go literal, and goes through
// [Resolve], the only place that can reject it:
//
//	spec := tracing.TracingSpec{KubernetesVersion: "1.34"}
//	resolved, err := tracing.Resolve(spec)
//
// [Resolved] is the defaulted spec together with the answers of the release
// tables. The generating packages (etcd, apiserver, kubelet, collector, gateway,
// backend) ask it named questions and never compare versions themselves. What
// upstream cannot do, or does in a way a person may not expect, is a [Warning]
// in it, never a log line.
//
// [Releases], [EtcdReleases] and [CollectorReleases] return the tables of package
// release, which cite the upstream files they were read from. [Marshal] prints typed objects
// as YAML that holds only what was set; use it for every typed output of
// kubetrace.
//
// The package reads no file, clock, environment or network, and imports nothing
// but Kubernetes API types, their helpers and the parser of image references.
package tracing
