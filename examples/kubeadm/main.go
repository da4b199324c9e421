// Command kubeadm writes the bundle's files for a kubeadm cluster and shows how
// an installer puts a patch of its own together with kubetrace's.
//
//	go run ./examples/kubeadm -release 1.34.2 -o out
//	go run ./examples/kubeadm -spec spec.yaml -gates MyGate=true -o out
//
// The README.md in the folder says what to do with the files on that release.
package main

import (
	"fmt"
	"io"
	"path/filepath"

	"kubetrace"
	"kubetrace/examples/cli"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func main() { cli.Main(run) }

func run(w io.Writer, args []string) error {
	flags := cli.NewFlags("kubeadm", w, tracing.DefaultSamplingRatePerMillion)
	gates := flags.String("gates", "", "feature `gates` of kube-apiserver that the installer sets itself, such as A=true,B=false")
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		return flags.Explain(err)
	}
	own := &kubeadm.Patch{}
	if *gates != "" {
		own.APIServer.Args = []kubeadm.Arg{{Name: "feature-gates", Value: *gates}}
	}
	// Gates are merged, not replaced; settings that contradict are an error.
	if bundle.Kubeadm, err = kubeadm.Merge(own, bundle.Kubeadm); err != nil {
		return err
	}
	files, err := bundle.FS()
	if err != nil {
		return err
	}
	if err := cli.WriteFolder(flags.Output, files, nil); err != nil {
		return err
	}
	for _, warning := range bundle.Warnings {
		fmt.Fprintln(w, "note:", warning)
	}
	_, err = fmt.Fprintf(w, "Wrote %s. What to do with it: %s\n", flags.Output, filepath.Join(flags.Output, kubetrace.FileReadme))
	return err
}
