// Package load sends spans as a control plane does.
//
// What is sent was recorded once, by e2e/pipeline/cmd/record, from a real
// cluster: whole requests of etcd, kube-apiserver and kubelet with their
// resources, attributes and events. [Generator] sends them again and again with
// new ids, and notes in a ledger what became of every span.
package load
