// Package jaeger asks Jaeger what arrived: a client of the query API that
// Jaeger's own pages use (HTTP and JSON, port 16686), and a model of traces that
// tests can ask questions.
//
// The API is not a promised one. What is said of it here was read in the source
// of Jaeger 1.62: cmd/query/app and model/json, and plugin/storage/memory for how
// spans are searched.
package jaeger
