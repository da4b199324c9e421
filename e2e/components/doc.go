// Package components builds the real programs that a cluster of package cluster
// is made of, each from its published module, and makes images of them.
//
// What pins their versions is shared with the module conformance where that
// builds them too, so that nothing is built twice: Kubernetes' programs in
// conformance/judge, etcd in conformance/etcd, the collector and Jaeger in their
// modules there. containerd and CoreDNS are pinned in the folder pins, and so is a
// release of Kubernetes whose judge is linked with less than a cluster runs.
package components
