// Package cluster makes Kubernetes clusters with kubeadm on the nodes of package
// lab, and does with them what the run-book of a bundle says a person does: a new
// cluster, a cluster that is there already, undo. It upgrades a cluster as kubeadm's
// documentation says.
package cluster
