package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Row is one configuration under one load: the medians of several slices.
type Row struct {
	Config            string  `json:"config"`
	Load              string  `json:"load"`
	Slices            int     `json:"slices"`
	SpansPerSecond    float64 `json:"spansPerSecond"`
	SpansPerCPUSecond float64 `json:"spansPerCPUSecond"`
	// Busy is the share of its CPU that it took while spans were sent.
	Busy         float64 `json:"busy"`
	PeakMiB      float64 `json:"peakMiB"`
	BytesPerSpan float64 `json:"bytesPerSpan"`
	P50          float64 `json:"p50Seconds"`
	P99          float64 `json:"p99Seconds"`
	// Lost, Doubled and GivenUp are those of all slices together: they are not to
	// be averaged away.
	Lost    int `json:"lost"`
	Doubled int `json:"doubled"`
	GivenUp int `json:"givenUp"`
	// CPU and Memory are a span's CPU time and the peak memory as ratios to every
	// other configuration under the same load: below 1 is less than it. They are
	// medians of the ratios of slices side by side.
	CPU    map[string]float64 `json:"cpuRatio"`
	Memory map[string]float64 `json:"memoryRatio"`
	// CPUSpread is between which ratios the middle half of the slices was.
	CPUSpread map[string]Spread `json:"cpuRatioSpread"`
}

// Spread is the first and the third quartile.
type Spread struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Plan says what is measured.
type Plan struct {
	Configs []Config
	Loads   []Load
	// Rounds is how often all are started anew, and Slices how often each then gets
	// its load.
	Rounds, Slices int
}

// Table measures a plan. In a round all configurations run side by side and take
// turns with their slices, each time beginning with another one, so that what the
// machine does meanwhile reaches all of them: its speed changes from one second to
// the next.
func (r *Rig) Table(ctx context.Context, plan Plan, log func(format string, arguments ...any)) ([]Row, []Figures, error) {
	var all []Figures
	for round := range plan.Rounds {
		for _, l := range plan.Loads {
			slices, err := r.round(ctx, plan, l)
			if err != nil {
				return nil, nil, err
			}
			for i := range slices {
				slices[i].Round = round + 1
			}
			all = append(all, slices...)
			for _, row := range rows(slices) {
				log("%d/%d %-21s %-10s %7.0f spans/s %7.0f per CPU second %6.1f MiB p99 %3.0f ms, %d lost, %d doubled, %d given up",
					round+1, plan.Rounds, row.Config, row.Load, row.SpansPerSecond, row.SpansPerCPUSecond, row.PeakMiB,
					1000*row.P99, row.Lost, row.Doubled, row.GivenUp)
			}
		}
	}
	return rows(all), all, nil
}

// round starts all configurations, gives them their slices, and ends them.
func (r *Rig) round(ctx context.Context, plan Plan, l Load) (all []Figures, err error) {
	var sessions []*session
	defer func() {
		for _, s := range sessions {
			err = errors.Join(err, s.end())
		}
	}()
	for _, config := range plan.Configs {
		s, err := r.begin(ctx, config, l)
		if err != nil {
			return nil, fmt.Errorf("%s at %s: %w", config.Name, l, err)
		}
		sessions = append(sessions, s)
	}
	peaks := map[string]float64{}
	for slice := range plan.Slices {
		for i := range sessions {
			s := sessions[(i+slice)%len(sessions)]
			f, err := s.slice(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s at %s: %w", s.config.Name, l, err)
			}
			f.Slice, peaks[f.Config] = slice+1, f.PeakMiB
			all = append(all, f)
		}
	}
	for i := range all {
		all[i].PeakMiB = peaks[all[i].Config] // of the whole round
	}
	return all, nil
}

// rows are the medians, in the order in which configurations and loads came first.
func rows(all []Figures) []Row {
	var rows []Row
	for rest := all; len(rest) > 0; {
		first := rest[0]
		var same, other []Figures
		for _, f := range rest {
			if f.Config == first.Config && f.Load == first.Load {
				same = append(same, f)
			} else {
				other = append(other, f)
			}
		}
		rest = other
		row := Row{Config: first.Config, Load: first.Load, Slices: len(same), CPU: map[string]float64{}, Memory: map[string]float64{}, CPUSpread: map[string]Spread{}}
		row.SpansPerSecond = median(same, func(f Figures) float64 { return f.SpansPerSecond })
		row.SpansPerCPUSecond = median(same, func(f Figures) float64 { return f.SpansPerCPUSecond })
		row.Busy = median(same, func(f Figures) float64 { return f.CPUSeconds / f.Sent.Seconds })
		row.PeakMiB = median(same, func(f Figures) float64 { return f.PeakMiB })
		row.BytesPerSpan = median(same, func(f Figures) float64 { return f.BytesPerSpan })
		row.P50 = median(same, func(f Figures) float64 { return f.Delays.P50.Seconds() })
		row.P99 = median(same, func(f Figures) float64 { return f.Delays.P99.Seconds() })
		for _, f := range same {
			row.Lost += f.Spans.Lost
			row.Doubled += f.Spans.Doubled
			row.GivenUp += f.Spans.GivenUp
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		for _, other := range rows {
			if other.Load != row.Load || other.Config == row.Config {
				continue
			}
			pairs := sameSlice(all, row, other)
			ratio := func(p [2]Figures) float64 { return p[1].SpansPerCPUSecond / p[0].SpansPerCPUSecond }
			row.CPU[other.Config] = median(pairs, ratio)
			row.CPUSpread[other.Config] = Spread{quantile(pairs, 0.25, ratio), quantile(pairs, 0.75, ratio)}
			row.Memory[other.Config] = median(pairs, func(p [2]Figures) float64 { return p[0].PeakMiB / p[1].PeakMiB })
		}
	}
	return rows
}

// sameSlice are the figures of two rows side by side.
func sameSlice(all []Figures, row, other Row) (pairs [][2]Figures) {
	for _, a := range all {
		for _, b := range all {
			if a.Round == b.Round && a.Slice == b.Slice && a.Load == row.Load && b.Load == row.Load && a.Config == row.Config && b.Config == other.Config {
				pairs = append(pairs, [2]Figures{a, b})
			}
		}
	}
	return pairs
}

func median[T any](all []T, of func(T) float64) float64 { return quantile(all, 0.5, of) }

// quantile is between the two values next to a share of all.
func quantile[T any](all []T, share float64, of func(T) float64) float64 {
	values := make([]float64, 0, len(all))
	for _, one := range all {
		values = append(values, of(one))
	}
	slices.SortFunc(values, cmp.Compare[float64])
	at := share * float64(len(values)-1)
	below := int(at)
	above := min(below+1, len(values)-1)
	return values[below] + (values[above]-values[below])*(at-float64(below))
}
