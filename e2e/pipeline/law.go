package pipeline

import (
	"errors"
	"fmt"
	"slices"
)

// What the library promises of its collector, against what people use today.
const (
	// MostCPU is how many times the CPU of the leanest peer a span may cost.
	MostCPU = 1.15
	// MostMemory is how many times the peak memory of the Helm chart's it may take.
	// Where there is little to do the program itself is nearly all of both.
	MostMemory = 1.02
	// underWay is how many spans are being sent at a time: ten batches.
	underWay = 10 * 2048
)

// Lossless are the faults in which nothing is lost that was acknowledged: of any
// queue of ours, and of one on disk. A full disk may cost what was under way when
// it filled, but no more.
var (
	Lossless       = []string{"away", "away-long", "slow", "too-slow", "unavailable", "exhausted-retry", "clock", "overrun"}
	LosslessOnDisk = append(slices.Clone(Lossless), "killed", "killed-away")
)

// Judge says where the figures fall short of what is promised.
func (r Report) Judge() error {
	var errs []error
	short := func(format string, arguments ...any) { errs = append(errs, fmt.Errorf(format, arguments...)) }
	loads := 0
	for _, row := range r.Rows {
		if row.Config == ours.Name {
			loads++
			v := r.verdict(row.Load)
			if v.Leanest == "" || v.CPU > MostCPU {
				short("at %s a span costs %.2f times the CPU of %s, and %.2f is promised", v.Load, v.CPU, v.Leanest, MostCPU)
			}
			if v.Helm == 0 || v.Helm > MostMemory {
				short("at %s it takes %.2f times the memory of the Helm chart's, and %.2f is promised", v.Load, v.Helm, MostMemory)
			}
		}
		if row.Lost+row.Doubled > 0 && slices.Contains([]string{ours.Name, oursOnDisk.Name}, row.Config) {
			short("at %s %s loses %d spans and doubles %d while nothing is wrong", row.Load, row.Config, row.Lost, row.Doubled)
		}
	}
	if loads == 0 {
		short("nothing was measured")
	}
	if i := slices.IndexFunc(r.Faults, func(l Loss) bool { return l.Config == oursOnDisk.Name && l.Fault == "disk-full" }); i < 0 || r.Faults[i].Crashes > 0 || r.Faults[i].Down || r.Faults[i].Spans.Lost > underWay {
		short("a queue whose disk is full does not go on, or loses more than was under way")
	}
	for config, faults := range map[string][]string{ours.Name: Lossless, oursOnDisk.Name: LosslessOnDisk} {
		for _, fault := range faults {
			i := slices.IndexFunc(r.Faults, func(l Loss) bool { return l.Config == config && l.Fault == fault })
			switch {
			case i < 0:
				short("%s was not broken by %s", config, fault)
			case r.Faults[i].Spans.Acknowledged == 0:
				short("%s with %s: nothing was acknowledged", config, fault)
			case r.Faults[i].Spans.Lost > 0 || r.Faults[i].Crashes > 0 || r.Faults[i].Down:
				short("%s", r.Faults[i])
			}
		}
	}
	return errors.Join(errs...)
}
