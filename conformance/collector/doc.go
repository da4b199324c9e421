// Package collector runs generated collector configurations in a whole
// OpenTelemetry Collector, inside the test's process: [Node] makes of the
// generated objects what the kubelet would, [Start] runs the collector, [Send]
// plays a Kubernetes component and [Sink] the backend.
//
// All collector modules in go.mod belong to one release and are moved together,
// with one "go get": 0.162.0 is the newest of which every module can be had.
// Everything stays on the loopback interface. Abstract sockets need Linux.
package collector
