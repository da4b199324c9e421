// Command docker stands in for Docker while kind creates a cluster: see package
// engine. It is a program of its own, and a small one, since kind starts it some
// hundred times for a cluster.
package main

import "sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"

func main() { engine.Main() }
