// Package collector runs generated collector configurations in a whole
// OpenTelemetry Collector, inside the test's process: [Node] makes of the
// generated objects what the kubelet would, [Start] runs the collector, [Send]
// plays a Kubernetes component and [Sink] the backend.
//
// go.mod links the default collector, the newest of which every module can be
// had. The v*.mod files beside it link older ones into the same tests:
//
//	go test ./...
//	go test -modfile=v0.128.mod ./...
//
// 0.128 stands for the oldest that is supported, 0.139 and 0.144 are on either
// side of a renaming. [Release] says which one is linked, and each test has a
// spec name an image of it.
//
// All collector modules of a mod file belong to one release and are moved
// together. For another release copy go.mod and its go.sum, set all of them with
// one "go get -modfile=v0.N.mod MODULE@VERSION ...", and tidy with the same flag.
//
// Everything stays on the loopback interface, which needs IPv6. Abstract sockets
// need Linux.
package collector
