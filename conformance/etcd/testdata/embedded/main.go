// Program embedded prints what an etcd that is linked into another program, as that of k3s
// is, makes of a configuration file: the fields of tracing by which it goes, as JSON. The
// names of the fields are without Experimental, which etcd 3.5 has before them. The tests
// of the folder above build it with the etcd of each pin.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"go.etcd.io/etcd/server/v3/embed"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	config, err := embed.ConfigFromFile(file)
	if err != nil {
		return err
	}
	values := reflect.ValueOf(config).Elem()
	fields := map[string]any{}
	for _, name := range []string{"EnableDistributedTracing", "DistributedTracingAddress", "DistributedTracingServiceName", "DistributedTracingServiceInstanceID", "DistributedTracingSamplingRatePerMillion"} {
		value := values.FieldByName(name)
		if !value.IsValid() {
			value = values.FieldByName("Experimental" + name) // up to 3.5
		}
		if value.IsValid() { // up to 3.5.10 there is no rate
			fields[name] = value.Interface()
		}
	}
	return json.NewEncoder(os.Stdout).Encode(fields)
}
