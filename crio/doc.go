// Package crio generates what CRI-O needs to send traces: the table crio.tracing of its
// configuration, as a file for its folder crio.conf.d ([ConfigFile]).
//
// CRI-O knows the table from 1.23 on, with the same three keys in every release. It
// always asks whether the kubelet samples a call; the rate is that of calls without a
// trace context. It sends OTLP over gRPC in plain text. Without an endpoint it would
// send to 0.0.0.0:4317 up to 1.30, so one is always written.
//
// Upstream: github.com/cri-o/cri-o pkg/config/config.go and
// internal/opentelemetry/tracing_config.go.
package crio
