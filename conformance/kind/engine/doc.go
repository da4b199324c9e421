// Package engine stands in for a container engine: Main answers the commands
// that kind gives to docker while it creates a cluster, starts nothing, and
// keeps what kind asked for, so that a test can read it.
//
// It is strict. What it does not know it refuses and records as refused, and
// [Read] fails then, whatever kind made of the refusal. A node is a folder: what
// kind writes into it can be read again, at the paths of its mounts too, and
// kubeadm leaves there the files that kind copies from node to node. kubeadm
// judges nothing here.
package engine
