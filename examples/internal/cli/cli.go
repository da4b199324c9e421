// Package cli is what the example programs share: a spec from flags and a folder
// that is written as a whole or not at all.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"

	"kubetrace/tracing"
)

// Main runs an example, prints what went wrong and ends the program with 1.
func Main(run func(io.Writer, []string) error) {
	err := run(os.Stdout, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp): // printed already
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Flags are the flags that make a spec.
type Flags struct {
	*flag.FlagSet
	// Output is the folder to write.
	Output string

	release, specFile string
	rate              int
}

// NewFlags returns the flags of a program. rate is the default of -rate.
func NewFlags(program string, w io.Writer, rate int) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(program, flag.ContinueOnError)}
	f.SetOutput(w)
	releases := tracing.Releases()
	newest := releases[len(releases)-1].Kubernetes
	f.StringVar(&f.release, "release", newest, "Kubernetes `version` of the control plane, such as 1.29 or v1.29.1")
	f.StringVar(&f.specFile, "spec", "", "`file` with a TracingSpec in YAML or JSON; -release and -rate, where given, replace what it says")
	f.IntVar(&f.rate, "rate", rate, "requests of a million to trace; 1000000 is every one")
	f.StringVar(&f.Output, "o", "out", "`folder` to write")
	return f
}

// Parse reads the flags and returns the spec that they make.
func (f *Flags) Parse(args []string) (tracing.TracingSpec, error) {
	var spec tracing.TracingSpec
	if err := f.FlagSet.Parse(args); err != nil {
		return spec, err
	}
	if f.NArg() > 0 {
		return spec, fmt.Errorf("unknown argument %q: every setting is a flag, see -help", f.Arg(0))
	}
	if f.specFile != "" {
		text, err := os.ReadFile(f.specFile)
		if err != nil {
			return spec, fmt.Errorf("-spec: %w", err)
		}
		if spec, err = tracing.Load(text); err != nil {
			return spec, fmt.Errorf("-spec %s: %w", f.specFile, err)
		}
	}
	given := map[string]bool{}
	f.Visit(func(flag *flag.Flag) { given[flag.Name] = true })
	if spec.KubernetesVersion == "" || given["release"] {
		spec.KubernetesVersion = f.release
	}
	if spec.SamplingRatePerMillion == nil || given["rate"] {
		// Out of range either way, and said so when the spec is resolved.
		rate := int32(max(math.MinInt32, min(math.MaxInt32, f.rate)))
		spec.SamplingRatePerMillion = &rate
	}
	return spec, nil
}
