// Package kubetrace judges kubetrace's kind clusters by kind's own code: its
// reader and validation of a configuration, its kubeadm template for the node's
// release, and its rules for patches.
//
// v0.30.mod is the same module with a kind from before 0.32, which changed those
// rules: go test -modfile=v0.30.mod.
package kubetrace
