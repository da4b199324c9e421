// Command pause does nothing until it is told to end. It holds the namespaces of
// a pod, and is the container of the pods that come and go in the scenario. With
// -v it ends at once, as Kubernetes' own does, which "kubeadm upgrade" waits for.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-v" {
		return
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	<-ended
}
