// Package jaeger asks Jaeger what arrived: a client of the query API that
// Jaeger's own pages use (HTTP and JSON, port 16686), and a model of traces that
// tests can ask questions.
//
// The API is not a promised one. What is said of it here was read in the source
// of Jaeger 2.13, whose module is v1.76.0: cmd/query/app, internal/uimodel, and
// internal/storage/v2/memory for how spans are searched.
package jaeger
