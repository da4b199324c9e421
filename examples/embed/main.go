// Command embed stands for a program of someone else's: it is a module of its
// own, imports kubetrace through the replace line of its go.mod, and works with
// typed objects.
package main

import (
	"fmt"
	"log"

	"kubetrace/apiserver"
	"kubetrace/collector"
	"kubetrace/etcd"
	"kubetrace/tracing"
)

func main() {
	spec := tracing.TracingSpec{KubernetesVersion: "1.34", ClusterName: "prod-eu-1"}
	config, err := apiserver.TracingConfiguration(spec)
	if err != nil {
		log.Fatal(err)
	}
	flags, err := etcd.Args(spec)
	if err != nil {
		log.Fatal(err)
	}
	daemonSet, err := collector.DaemonSet(spec)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.APIVersion, *config.Endpoint)
	fmt.Println(flags[0])
	fmt.Println(daemonSet.Spec.Template.Spec.Containers[0].Image)
}
