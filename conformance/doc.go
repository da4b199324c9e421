// Package conformance judges generated bundles by the programs that will read
// them: kubeadm of two releases and etcd of four, built from their published
// source.
//
//   - kubeadm/v1.N holds nothing but a go.mod and a go.sum that pin kubeadm of
//     that release and let "go build" make it. They are modules of their own,
//     because each replaces all of Kubernetes' staging modules.
//   - etcd/v3.N does the same for etcd: releases on both sides of each change of
//     its flags.
//   - collector is a module of its own too, since a whole OpenTelemetry
//     Collector is linked into its tests.
//
// Neither needs a cluster, privileges or a network once the modules are in the
// module cache: kubeadm and etcd only write into temporary folders, and etcd
// and the collector only use the loopback interface. Both need Linux.
//
//	cd conformance && go test -timeout 30m ./...
//	cd conformance/collector && go test ./...
//
// To add a release of kubeadm, make a folder kubeadm/v1.N with a go.mod like the
// others': one replacement for each staging module, that is for each that the
// go.mod of that release of k8s.io/kubernetes replaces by ./staging. Then run
// there
//
//	go get -tool k8s.io/kubernetes/cmd/kubeadm@v1.N.P
//
// and not "go mod tidy", which would ask for everything that Kubernetes' own
// tests need.
//
// The first run compiles kubeadm twice, which takes some minutes on a small
// machine; progress is told on standard error. Later runs take seconds.
package conformance
