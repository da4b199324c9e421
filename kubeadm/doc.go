// Package kubeadm describes changes to a kubeadm cluster without tying them to
// a version of kubeadm's API, whose Go types cannot be imported.
//
// A [Patch] holds typed arguments, volumes, environment variables and a
// KubeletConfiguration. [Merge] puts patches together, a cluster tool's own
// among them, and refuses settings that contradict each other. [Marshal] writes
// the documents that kubeadm reads: extraArgs are a map in v1beta3 (Kubernetes
// up to 1.30), a list in v1beta4 (from 1.31 on), and a map without apiVersion
// for kind's kubeadmConfigPatches. [PatchFiles] writes what a cluster-wide
// document cannot say as files for kubeadm's patches directory.
//
// The etcd, apiserver and kubelet packages return patches for tracing; this
// package knows nothing of tracing itself and does not read documents that
// already exist.
//
// Upstream: k8s.io/kubernetes cmd/kubeadm/app/apis/kubeadm/{v1beta3,v1beta4}/types.go
// and cmd/kubeadm/app/util/patches/patches.go.
package kubeadm
