// Command talos makes a cluster of Talos Linux trace itself. It writes the patches of the
// machine configuration, the bundle's files for kubectl and a talos.md that says what to
// do with them:
//
//	go run . -talos 1.13 -release 1.36 -o out
//
// With a machine configuration it prints that one changed, and writes nothing:
//
//	go run . -talos 1.13 -release 1.36 -config controlplane.yaml > changed.yaml
package main

import (
	"fmt"
	"io"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"

	"kubetrace"
	"kubetrace/examples/cli"
	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

func main() { cli.Main(run) }

func run(w io.Writer, args []string) error {
	flags := cli.NewFlags("talos", w, tracing.DefaultSamplingRatePerMillion)
	version := flags.String("talos", "", "`version` of Talos, the oldest of the nodes, such as 1.13 or v1.13.9")
	file := flags.String("config", "", "`file` with a machine configuration to change and print")
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	options := talos.Options{TalosVersion: *version}
	if *file != "" {
		err = printChanged(w, spec, options, *file)
	} else {
		err = writeFolder(w, spec, options, flags.Output)
	}
	return flags.Explain(err)
}

// printChanged prints a person's own configuration with the settings of tracing.
func printChanged(w io.Writer, spec tracing.TracingSpec, options talos.Options, file string) error {
	base, err := configloader.NewFromFile(file)
	if err != nil {
		return fmt.Errorf("-config %s: %w", file, err)
	}
	changed, err := talos.Config(spec, base, options)
	if err != nil {
		return err
	}
	text, err := talos.Marshal(changed)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// writeFolder writes the patches, the objects for kubectl and the run-book.
func writeFolder(w io.Writer, spec tracing.TracingSpec, options talos.Options, dir string) error {
	patches, err := talos.ConfigPatches(spec, options)
	if err != nil {
		return err
	}
	runBook, err := talos.RunBook(spec, options)
	if err != nil {
		return err
	}
	onTalos, err := talos.Spec(spec, options)
	if err != nil {
		return err
	}
	bundle, err := kubetrace.Generate(onTalos)
	if err != nil {
		return err
	}
	files, err := bundle.FS()
	if err != nil {
		return err
	}
	more := map[string][]byte{talos.FileRunBook: runBook}
	for name, patch := range map[string]config.Provider{talos.FileControlPlane: patches.ControlPlane, talos.FileWorker: patches.Worker} {
		if patch == nil {
			continue
		}
		if more[name], err = talos.Marshal(patch); err != nil {
			return err
		}
	}
	if err := cli.WriteFolder(dir, files, more); err != nil {
		return err
	}
	for _, warning := range patches.Warnings {
		fmt.Fprintf(w, "note: %s\n", warning)
	}
	_, err = fmt.Fprintf(w, "Wrote %s. What to do with the files is in %s there.\n", dir, talos.FileRunBook)
	return err
}
