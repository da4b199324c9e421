// Command check compares a cluster with what a spec says, from what kubectl prints:
//
//	go run ./examples/check -spec spec.yaml state/*
//
// -help has the kubectl commands that fill the folder. It prints a table of what is
// not as the spec says, or JSON with -json. What cannot be read is in it too, and the
// rest is judged. The exit status is 0 where everything is as the spec says, 1 where
// something is not, and 2 where it cannot tell.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/labels"

	"kubetrace/check"
	"kubetrace/examples/cli"
	"kubetrace/tracing"
)

func main() {
	switch err := run(os.Stdout, os.Stdin, os.Args[1:]); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFound):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// errFound says that there are findings, which are printed already.
var errFound = errors.New("the cluster is not as the spec says")

const usage = `Usage: check [flags] [file…]

The files are what kubectl prints; without files, standard input. Collect them with

  mkdir state
  kubectl get nodes,namespaces -o yaml > state/nodes.yaml
  kubectl get pods -A -o yaml > state/pods.yaml
  kubectl -n kube-system get configmaps -o yaml > state/kube-system.yaml
  kubectl -n kubetrace-system get configmaps,daemonsets,events -o yaml > state/collector.yaml
  for node in $(kubectl get nodes -o jsonpath='{.items[*].metadata.name}'); do
    kubectl get --raw "/api/v1/nodes/$node/proxy/configz" > "state/configz-$node.json"
  done

A file configz-NODE.json is what a kubelet runs with. More may be copied from the nodes:

  tracing-NODE.yaml     kube-apiserver's tracing file
  egress-NODE.yaml      its --egress-selector-config-file
  etcd-NODE.yaml        etcd's --config-file
  containerd-NODE.env   the environment of containerd
  containerd-NODE.toml  the configuration of containerd
  crio-NODE.toml        the configuration of CRI-O

Only root can read those of a container runtime:

  for node in $(kubectl get nodes -o jsonpath='{.items[*].metadata.name}'); do
    ssh root@$node 'tr "\0" "\n" < /proc/$(systemctl show -p MainPID --value containerd)/environ' > state/containerd-$node.env
    ssh root@$node 'containerd config dump 2>/dev/null' > state/containerd-$node.toml
  done

With CRI-O the loop has one command, which is crio-status config before 1.28:

    ssh root@$node 'crio status config 2>/dev/null' > state/crio-$node.toml

A file that is empty could not be read.

Flags:
`

func run(w io.Writer, in io.Reader, args []string) error {
	flags := cli.NewSpecFlags("check", w, tracing.DefaultSamplingRatePerMillion)
	flags.TakesFiles = true
	asJSON := flags.Bool("json", false, "print the findings as JSON")
	distribution := flags.String("distribution", "kubeadm", "what made the cluster: "+strings.Join(slices.Sorted(maps.Keys(distributions)), ", "))
	ignore := flags.String("ignore", "", "`selector` of nodes that are not judged, such as pool=edge")
	flags.Usage = func() {
		fmt.Fprint(flags.FlagSet.Output(), usage)
		flags.PrintDefaults()
	}
	spec, err := flags.Parse(args)
	if err != nil {
		return err
	}
	options, ok := distributions[*distribution]
	if !ok {
		return fmt.Errorf("-distribution %s: write one of %s", *distribution, strings.Join(slices.Sorted(maps.Keys(distributions)), ", "))
	}
	if *ignore != "" {
		if options.IgnoreNodes, err = labels.Parse(*ignore); err != nil {
			return fmt.Errorf("-ignore: %w", err)
		}
	}
	// A shell's * finds the spec too, where it is in the same folder.
	files := slices.DeleteFunc(flags.Args(), func(file string) bool {
		return filepath.Clean(file) == filepath.Clean(flags.Lookup("spec").Value.String())
	})
	state, err := read(in, files)
	if err != nil {
		return err
	}
	if len(state.Nodes)+len(state.Pods)+len(state.ConfigMaps)+len(state.DaemonSets)+len(state.Unreadable) == 0 {
		return errors.New("there is no node, pod, ConfigMap or DaemonSet in what was read: -help has the commands that print them")
	}
	findings, err := check.ClusterWith(spec, state, options)
	if err != nil {
		return flags.Explain(err)
	}
	if *asJSON {
		err = printJSON(w, findings)
	} else {
		err = printTable(w, findings)
	}
	if err == nil && len(findings) > 0 {
		err = errFound
	}
	return err
}

// distributions are what clusters are made by, and what of them can be seen.
var distributions = map[string]check.Options{
	"kubeadm": {},
	"k0s":     {WithoutKubeadm: true, HiddenControlPlane: true},
	"k3s":     {WithoutKubeadm: true, HiddenControlPlane: true},
	"managed": {WithoutKubeadm: true, HiddenControlPlane: true},
	"rke2":    {WithoutKubeadm: true},
	"talos":   {WithoutKubeadm: true},
}

// read reads the files by their names, or standard input where there are none. What
// is in them and cannot be read is a finding, and no error.
func read(in io.Reader, files []string) (check.State, error) {
	var state check.State
	if len(files) == 0 {
		text, err := io.ReadAll(in)
		if err != nil {
			return state, err
		}
		state.AddFile("standard input", text)
		return state, nil
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return state, err
		}
		state.AddFile(filepath.ToSlash(file), text)
	}
	return state, nil
}

func printJSON(w io.Writer, findings []check.Finding) error {
	if findings == nil {
		findings = []check.Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(findings)
}

func printTable(w io.Writer, findings []check.Finding) error {
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "The cluster is as the spec says.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HOW BAD\tCOMPONENT\tNODE\tSETTING\tIS\tWANTED")
	for _, f := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Severity, f.Component, f.Node, f.Setting, f.Have, f.Want)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	// The cures are too long for a table.
	fmt.Fprintln(w, "\nWhat to do:")
	said := map[string]bool{}
	for _, f := range findings {
		if line := fmt.Sprintf("- %s %s (wanted: %s): %s.", f.Component, f.Setting, f.Want, f.Cure); !said[line] {
			fmt.Fprintln(w, line)
			said[line] = true
		}
	}
	return nil
}
