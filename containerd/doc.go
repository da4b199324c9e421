// Package containerd generates what containerd needs to send traces: the variables of
// its environment ([Env]), as a drop-in of its systemd service too ([ServiceDropIn]),
// or the tables of its config.toml ([ConfigFile]).
//
// Which of the two the release reads says TracingSpec.Containerd.Version. 1.6.0 to
// 1.6.31 and 1.7.0 to 1.7.15 read the tables, all others the variables; 1.7.19 and
// later ones of 1.7 take from the tables what no variable says. A minor release without
// its patch, "1.7", gets both, and each patch of it goes by the one that it reads.
//
// A config.toml of version 3 or 4 gets no tables: only containerd 2 reads one, and it
// goes by variables.
//
// Every release sends OTLP over gRPC to where the collector listens for the kubelet
// and the others, so that it has to listen nowhere else. The rate is that of calls
// without a trace context; what the kubelet samples, containerd traces with it.
//
// Upstream: github.com/containerd/containerd pkg/tracing/plugin/otlp.go (tracing/plugin
// before 2.0) and docs/tracing.md, whose sampler, traceidratio 1.0, traces every poll of
// the kubelet.
package containerd
