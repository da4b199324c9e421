// Package cli is what the example programs share: a spec from flags and a folder
// that is written as a whole or not at all. A program that was copied from an
// example may import it, or copy it too.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

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
	// Output is the folder to write, of a program that writes one.
	Output string
	// TakesFiles says that what is behind the flags are files to read.
	TakesFiles bool

	help              io.Writer
	release, specFile string
	rate              rateFlag
	from              map[string]string // the flag that set a field of the spec
}

// rateFlag is the value of -rate. Whether it is in range is for tracing.Resolve
// to say, with every other problem of the spec.
type rateFlag int32

func (r *rateFlag) String() string { return strconv.Itoa(int(*r)) }

func (r *rateFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return errors.New("write a whole number from 0 to 1000000")
	}
	*r = rateFlag(n)
	return nil
}

// NewFlags returns the flags of a program that writes a folder. rate is the
// default of -rate.
func NewFlags(program string, w io.Writer, rate int32) *Flags {
	f := NewSpecFlags(program, w, rate)
	f.StringVar(&f.Output, "o", "out", "`folder` to write")
	return f
}

// NewSpecFlags returns the flags that make a spec and no others.
func NewSpecFlags(program string, w io.Writer, rate int32) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(program, flag.ContinueOnError), help: w, rate: rateFlag(rate)}
	f.SetOutput(io.Discard) // the usage is for -help; Main prints an error
	newest := ""            // of those that are out
	for _, release := range tracing.Releases() {
		if release.Preview == "" {
			newest = release.Kubernetes
		}
	}
	f.StringVar(&f.release, "release", newest, "Kubernetes `version` of the control plane, such as 1.29 or v1.29.1")
	f.StringVar(&f.specFile, "spec", "", "`file` with a TracingSpec in YAML or JSON; -release and -rate, where given, replace what it says")
	f.Var(&f.rate, "rate", "`number` of a million requests to trace; 1000000 is every one")
	return f
}

// Parse reads the flags and returns the spec that they make.
func (f *Flags) Parse(args []string) (tracing.TracingSpec, error) {
	var spec tracing.TracingSpec
	if err := f.FlagSet.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(f.help)
			f.Usage()
			return spec, err
		}
		return spec, fmt.Errorf("%w (-help lists the flags)", err)
	}
	if f.NArg() > 0 && !f.TakesFiles {
		return spec, fmt.Errorf("unknown argument %q: every setting is a flag, see -help", f.Arg(0))
	}
	if f.Lookup("o") != nil && f.Output == "" {
		return spec, errors.New("-o: write a folder")
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
	f.from = map[string]string{}
	if spec.KubernetesVersion == "" || given["release"] {
		spec.KubernetesVersion = f.release
		f.from["kubernetesVersion"] = "-release"
	}
	if spec.SamplingRatePerMillion == nil || given["rate"] {
		rate := int32(f.rate)
		spec.SamplingRatePerMillion = &rate
		f.from["samplingRatePerMillion"] = "-rate"
	}
	return spec, nil
}

// Explain adds to an error of the spec which flags its fields come from.
func (f *Flags) Explain(err error) error {
	var invalid *tracing.InvalidSpecError
	if !errors.As(err, &invalid) {
		return err
	}
	for _, problem := range invalid.Errors {
		if name, ok := f.from[problem.Field]; ok {
			err = fmt.Errorf("%w\n%s is what the flag %s sets", err, problem.Field, name)
		}
	}
	return err
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+=,-]+$`)

// ShellWord returns text as one word of a POSIX shell.
func ShellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
