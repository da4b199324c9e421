package pipeline

import (
	"fmt"
	"slices"
	"strings"
)

// What the library promises of its collector, against what people use today.
const (
	// MostCPU is how many times the CPU of the leanest peer a span may cost.
	MostCPU = 1.15
	// MostMemory is what its peak memory stays below, as a ratio to the Helm
	// chart's.
	MostMemory = 1.0
	// underWay is how many spans are being sent at a time: ten requests.
	underWay = 10 * 512
)

// What is promised in the faults.
var (
	// Sized are those for which the default queue is long enough: nothing is lost
	// that was acknowledged, and nothing is refused.
	Sized = []string{"away", "away-long", "slow", "too-slow", "unavailable", "exhausted-retry", "clock"}
	// Lossless are those in which nothing is lost that was acknowledged, though
	// something may be refused: in any queue of ours, and in one on disk.
	Lossless       = append(slices.Clone(Sized), "far-too-slow", "overrun")
	LosslessOnDisk = append(slices.Clone(Lossless), "killed", "killed-away")
	// LosslessGateway are those in which a gateway, which refuses what it cannot
	// send, loses nothing that it acknowledged.
	LosslessGateway = append(slices.Clone(LosslessOnDisk), "exhausted")
	// Damaged are those that cost what the file held. The collector is to come back
	// from them without ending again and again.
	Damaged = []string{"corrupted", "corrupted-head", "truncated"}
)

// Shortfall is a promise that a report does not keep.
type Shortfall struct {
	// What says which, in a sentence without its end.
	What string
	// Known says that nothing is to be done about it here, and that the
	// documents of the library say so.
	Known bool
}

// Judge says where the figures fall short of what is promised.
func (r Report) Judge() (all []Shortfall) {
	short := func(format string, arguments ...any) {
		all = append(all, Shortfall{What: fmt.Sprintf(format, arguments...)})
	}
	loads := 0
	for _, row := range r.Rows {
		if row.Config == ours.Name {
			loads++
			v := r.verdict(row.Load)
			for _, peer := range Peers {
				if row.CPU[peer] == 0 {
					short("at %s there is no %s to compare with", v.Load, peer)
				}
			}
			if v.Leanest == "" || v.CPU > MostCPU {
				short("at %s a span costs %.2f times the CPU of %s, and %.2f is promised", v.Load, v.CPU, v.Leanest, MostCPU)
			}
			if v.Helm == 0 || v.Helm >= MostMemory {
				short("at %s it takes %.3f times the memory of the Helm chart's, and less is promised", v.Load, v.Helm)
			}
		}
		if row.Lost+row.Doubled+row.GivenUp > 0 && slices.Contains([]string{ours.Name, oursOnDisk.Name, oursGateway.Name}, row.Config) {
			short("at %s %s loses %d spans, doubles %d and refuses %d while nothing is wrong", row.Load, row.Config, row.Lost, row.Doubled, row.GivenUp)
		}
	}
	if loads == 0 {
		short("nothing was measured")
	}
	for _, queue := range []struct {
		config   string
		lossless []string
	}{{ours.Name, Lossless}, {oursOnDisk.Name, LosslessOnDisk}, {oursGateway.Name, LosslessGateway}} {
		for _, fault := range queue.lossless {
			loss, broken := r.loss(queue.config, fault)
			switch refused := loss.refused(); {
			case !broken:
				short("%s was not broken by %s", queue.config, fault)
			case loss.Spans.Acknowledged == 0:
				short("%s with %s: nothing was acknowledged", queue.config, fault)
			case loss.Spans.Lost > 0 || loss.Crashes > 0 || loss.Down:
				short("%s", loss)
			case refused > 0 && queue.config != oursGateway.Name && slices.Contains(Sized, fault):
				short("%s with %s: %d spans were refused, and the queue was sized for it", queue.config, fault, refused)
			}
		}
	}
	if loss, broken := r.loss(oursOnDisk.Name, "disk-full"); !broken || loss.Spans.Acknowledged == 0 || loss.Crashes > 0 || loss.Down || loss.Spans.Lost > underWay {
		short("a queue whose disk is full does not go on, or loses more than was under way")
	}
	for _, fault := range Damaged {
		switch loss, broken := r.loss(oursOnDisk.Name, fault); {
		case !broken || loss.Spans.Acknowledged == 0:
			short("%s was not broken by %s", oursOnDisk.Name, fault)
		case loss.Crashes > 1 || loss.Down:
			means, _ := FindFault(fault)
			all = append(all, Shortfall{fmt.Sprintf("%s, and the collector does not come back by itself: it ends each time that it is started", means.Means), true})
		}
	}
	return all
}

// loss is what a fault cost a configuration, and whether it was broken by it.
func (r Report) loss(config, fault string) (Loss, bool) {
	i := slices.IndexFunc(r.Faults, func(l Loss) bool { return l.Config == config && l.Fault == fault })
	if i < 0 {
		return Loss{}, false
	}
	return r.Faults[i], true
}

// Unknown is an error about the shortfalls that no document of the library speaks
// of, or nil.
func Unknown(all []Shortfall) error {
	var what []string
	for _, s := range all {
		if !s.Known {
			what = append(what, s.What)
		}
	}
	if len(what) == 0 {
		return nil
	}
	return fmt.Errorf("the figures fall short: %s", strings.Join(what, "; "))
}
