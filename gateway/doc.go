// Package gateway is a tier of OpenTelemetry Collectors between those on the
// nodes and the backend, for clusters whose backend should not get a connection
// from every node, or whose nodes should not hold its credentials.
//
// It is a Deployment behind a headless Service: the nodes' collectors find every
// replica by DNS and spread their requests over them. A replica holds nothing. It
// answers once the backend has answered, so that what the backend cannot take
// waits on the nodes, and a replica that is killed or replaced loses nothing. It
// joins small requests of many nodes, in the exporter's queue and not in the batch
// processor that upstream is removing.
//
// It is generated where the spec has a tracing.GatewaySpec.
package gateway
