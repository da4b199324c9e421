// Package backend generates a development backend, so that a spec with nothing
// but a release already shows traces: Jaeger with a bounded number of traces in
// memory, in a namespace with the Pod Security level "restricted".
//
// It is generated while the spec names no exporter endpoint, and the collector
// then sends to it. It is not for production: the traces are gone with the pod,
// and anything in the cluster may send to its Service. Its query page has no
// Service; reach it with kubectl port-forward.
//
// Upstream: https://github.com/jaegertracing/jaeger, cmd/jaeger/internal (2.x)
// and cmd/all-in-one (1.x).
package backend
