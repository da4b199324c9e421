// Package apiserver generates what kube-apiserver needs to send traces: its
// TracingConfiguration, its command-line flags, and a kubeadm patch that mounts
// the one for the other.
//
// The TracingConfiguration has two fields only, the endpoint and the sampling
// rate, in every release. kube-apiserver reads it once, when it starts. It
// exports in plain text and without authentication, so the endpoint is best on
// the node itself.
//
// Up to Kubernetes 1.26 the gate APIServerTracing has to be set; from 1.27 to
// 1.36 it may be left out and is; 1.37 no longer knows it and would not start.
//
// A kube-apiserver whose collector cannot be reached may take long to end: one of
// 1.37 took 24 seconds, as its exporter tries the waiting spans first.
//
// Upstream: k8s.io/apiserver pkg/apis/apiserver/v1beta1/types.go,
// pkg/server/options/tracing.go, and k8s.io/component-base tracing/api/v1.
package apiserver
