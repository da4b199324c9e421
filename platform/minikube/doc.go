// Package minikube makes a cluster of minikube trace itself: [Cluster] returns the flags
// of minikube start and the files that minikube copies to its nodes, and [RunBook] what to
// do with them.
//
// minikube has no file for this. It takes flags of components as
// --extra-config=component.flag=value, runs kubeadm with them, and copies what is below
// $MINIKUBE_HOME/files to every node, at the same path, each time it starts. So
// kube-apiserver's file lies in the folder of certificates, which kubeadm mounts into its
// Pod.
//
// What minikube has no way for is a warning of [Resolve], or an error where the spec asks
// for it: kubelets before 1.30, which read no folder of settings; another etcd than
// kubeadm's; a file of kube-apiserver elsewhere; containerd before it went by variables.
//
// The program of minikube itself was not run. The flags are those that kubeadm and the
// components of each release judge.
//
// Upstream: https://minikube.sigs.k8s.io/docs/handbook/config/,
// https://minikube.sigs.k8s.io/docs/handbook/filesync/, k8s.io/minikube
// pkg/minikube/bootstrapper/bsutil (extraconfig.go, kubelet.go, ktmpl), pkg/minikube/machine/filesync.go.
package minikube
