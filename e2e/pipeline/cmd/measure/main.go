// Command measure measures what collectors cost and what they lose, and writes
// the report into a folder of documents:
//
//	go run ./pipeline/cmd/measure -docs ../docs
//
// It needs Linux and root, two CPUs that nobody else uses, and with its defaults
// most of an hour. The report has the latency's figures too, which have to be in
// the folder. What -only leaves out, figures or faults, stays as the folder has it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"kubetrace/e2e/pipeline"
)

func main() {
	o := options{}
	flag.StringVar(&o.docs, "docs", "", "the `folder` that gets the report; without it the figures are only printed")
	flag.IntVar(&o.rounds, "rounds", 3, "how often all configurations are started")
	flag.IntVar(&o.slices, "slices", 10, "how many slices of the load each then gets in turn; a machine's speed changes, so many are better than long ones")
	flag.Float64Var(&o.seconds, "seconds", 1, "how long a slice is; below 20,000 spans a second up to twice as long")
	flag.StringVar(&o.rates, "rates", "2000,20000,0", "spans a second, with commas between; 0 saturates a CPU")
	flag.StringVar(&o.only, "only", "", "`names` of configurations, faults, or the words figures and faults, with commas between; by default all")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "measure: %q is no flag; see -help\n", flag.Args())
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	docs, rates, only string
	rounds, slices    int
	seconds           float64
}

func (o options) run(ctx context.Context) (err error) {
	s, err := o.selected()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "kubetrace-pipeline-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	log("building the collector (the first time takes minutes)")
	rig, err := pipeline.NewRig(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rig.Close()) }()
	var report pipeline.Report
	if o.docs != "" {
		if report, err = pipeline.ReadReport(o.docs); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if report.Machine, err = pipeline.ThisMachine(folder); err != nil {
		return err
	}
	if len(s.loads) > 0 {
		report.Rounds, report.Slices, report.Seconds = o.rounds, o.slices, o.seconds
		if report.Rows, _, err = rig.Table(ctx, pipeline.Plan{Configs: s.configs, Loads: s.loads, Rounds: o.rounds, Slices: o.slices}, log); err != nil {
			return err
		}
		log("measuring what spans cost that wait")
		if report.Costs, err = rig.Costs(ctx); err != nil {
			return err
		}
		log("%+v", report.Costs)
	}
	losses, err := breakAll(ctx, rig, s)
	if err != nil {
		return err
	}
	report.Faults = append(slices.DeleteFunc(report.Faults, func(l pipeline.Loss) bool {
		return slices.ContainsFunc(s.faults, func(f pipeline.Fault) bool { return f.Name == l.Fault })
	}), losses...)
	if o.docs == "" {
		return nil
	}
	short := report.Judge()
	for _, s := range short {
		log("falls short: %s", s.What)
	}
	return errors.Join(report.Write(o.docs), pipeline.Unknown(short))
}

// breakAll breaks every configuration in every way. Faults that keep nobody busy
// happen side by side, since what is counted does not depend on how fast anyone
// is; in the others each has the CPU for itself.
func breakAll(ctx context.Context, rig *pipeline.Rig, s selection) (all []pipeline.Loss, err error) {
	const sideBySide, busy = 5, 1000 // faults, and spans a second
	if slices.ContainsFunc(s.faults, func(f pipeline.Fault) bool { return f.Jumps != "" }) {
		log("building a collector whose clock jumps (the first time takes minutes)")
		if err := rig.BuildClock(ctx); err != nil {
			return nil, err
		}
	}
	losses, errs := make([][]pipeline.Loss, len(s.faults)), make([]error, len(s.faults))
	slots := make(chan struct{}, sideBySide)
	var wait sync.WaitGroup
	for i, fault := range s.faults {
		if fault.Rate >= busy {
			continue
		}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			losses[i], errs[i] = breakOne(ctx, rig, s.configs, fault)
		})
	}
	wait.Wait()
	for i, fault := range s.faults {
		if fault.Rate < busy {
			continue
		}
		for _, config := range s.configs {
			loss, err := breakOne(ctx, rig, []pipeline.Config{config}, fault)
			losses[i], errs[i] = append(losses[i], loss...), errors.Join(errs[i], err)
		}
	}
	return slices.Concat(losses...), errors.Join(errs...)
}

// breakOne breaks all configurations in one way, at once.
func breakOne(ctx context.Context, rig *pipeline.Rig, configs []pipeline.Config, fault pipeline.Fault) ([]pipeline.Loss, error) {
	configs = slices.DeleteFunc(slices.Clone(configs), func(c pipeline.Config) bool { return !fault.Applies(c) })
	losses, errs := make([]pipeline.Loss, len(configs)), make([]error, len(configs))
	var wait sync.WaitGroup
	for i, config := range configs {
		wait.Go(func() {
			if losses[i], errs[i] = rig.Break(ctx, config, fault); errs[i] != nil {
				errs[i] = fmt.Errorf("%s with %s: %w", config.Name, fault.Name, errs[i])
				return
			}
			log("%s", losses[i])
		})
	}
	wait.Wait()
	return losses, errors.Join(errs...)
}

// longer is how many times as long a rate is measured: where there is little to do
// the CPU time of a few seconds is mostly chance.
func longer(rate float64) float64 {
	if rate == 0 {
		return 1
	}
	return min(2, max(1, 20_000/rate))
}

func log(format string, arguments ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, arguments...))
}

// selection is what is measured.
type selection struct {
	configs []pipeline.Config
	loads   []pipeline.Load
	faults  []pipeline.Fault
}

func (o options) selected() (s selection, err error) {
	figures, faults := true, pipeline.Faults()
	if o.only != "" {
		figures, faults = false, nil
		for _, name := range strings.Split(o.only, ",") {
			config, configErr := pipeline.FindConfig(name)
			fault, faultErr := pipeline.FindFault(name)
			switch {
			case name == "figures":
				figures = true
			case name == "faults":
				faults = pipeline.Faults()
			case configErr == nil:
				s.configs = append(s.configs, config)
			case faultErr == nil:
				faults = append(faults, fault)
			default:
				return s, fmt.Errorf("-only %s: it is no configuration and no fault: %w; %w", name, configErr, faultErr)
			}
		}
		if !figures && faults == nil { // configurations alone
			figures, faults = true, pipeline.Faults()
		}
	}
	if len(s.configs) == 0 {
		s.configs = pipeline.Configs()
	} else if o.docs != "" {
		return s, fmt.Errorf("-only %s: the report compares all configurations: leave -docs out", o.only)
	}
	s.faults = faults
	if !figures {
		return s, nil
	}
	for _, text := range strings.Split(o.rates, ",") {
		var rate float64
		if _, err := fmt.Sscan(text, &rate); err != nil || rate < 0 {
			return s, fmt.Errorf("-rates %s: %q is no number of spans a second", o.rates, text)
		}
		s.loads = append(s.loads, pipeline.Load{Rate: rate, Seconds: o.seconds * longer(rate)})
	}
	return s, nil
}
