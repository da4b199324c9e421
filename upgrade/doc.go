// Package upgrade says what a traced cluster needs when it is upgraded with
// kubeadm.
//
// [Plan] compares what kubetrace generates for one release with what it generates
// for the next, one minor release at a time, as kubeadm upgrades. Each [Step] has
// the changes before, during and after, in their order, and edits the documents
// that kubeadm keeps in the cluster.
package upgrade
