// Command operator prints the collector for a cluster that runs the OpenTelemetry
// operator: the Namespace, the ServiceAccount and the OpenTelemetryCollector, the
// gateway where the spec has one, and the development backend where it names no
// other. What a person should know
// stands before them as comments.
//
//	go run ./examples/operator -release 1.34 | kubectl apply -f -
//	go run ./examples/operator -spec spec.yaml
//
// The control plane and the kubelets are told to trace as without the operator;
// the examples kind and kubeadm show how.
package main

import (
	"fmt"
	"io"
	"slices"

	"kubetrace/backend"
	"kubetrace/collector/operator"
	"kubetrace/examples/cli"
	"kubetrace/gateway"
	"kubetrace/tracing"
)

func main() { cli.Main(run) }

func run(w io.Writer, args []string) error {
	flags := cli.NewSpecFlags("operator", w, tracing.DefaultSamplingRatePerMillion)
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return flags.Explain(err)
	}
	if why := resolved.NotGenerated(tracing.ComponentCollector); why != nil {
		return why
	}
	objects := slices.Concat(operator.ObjectsFor(resolved), gateway.ObjectsFor(resolved), backend.ObjectsFor(resolved))
	text, err := tracing.MarshalAll(objects)
	if err != nil {
		return err
	}
	for _, warning := range slices.Concat(resolved.Warnings, operator.WarningsFor(resolved)) {
		if _, err := fmt.Fprintln(w, "# note:", warning); err != nil {
			return err
		}
	}
	_, err = w.Write(text)
	return err
}
