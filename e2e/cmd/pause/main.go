// Command pause does nothing until it is told to end. It holds the namespaces of
// a pod, and is the container of the pods that come and go in the scenario.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	<-ended
}
