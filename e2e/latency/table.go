package latency

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// String is the figures as a table for people, in milliseconds.
func (f Figures) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "collector\tcomponent\toff p50\tp90\tp99\tmax\ttraced p50\tp90\tp99\tmax\tratio\tdifference\t")
	for _, s := range f.States {
		for _, c := range s.Components {
			fmt.Fprintf(w, "%s\t%s\t", s.Name, c.Name)
			for _, l := range []Latency{c.Off, c.Traced} {
				fmt.Fprintf(w, "%.2f\t%.2f\t%.2f\t%.2f\t", l.Median, l.P90, l.P99, l.Max)
			}
			fmt.Fprintf(w, "%.2f\t%+.2f\t\n", c.Ratio, c.Difference)
		}
	}
	fmt.Fprintln(w, "\ncollector\tservice\tspans made\tbefore timing\tarrived\t")
	for _, s := range f.States {
		for _, service := range slices.Sorted(maps.Keys(s.Spans)) {
			spans := s.Spans[service]
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t\n", s.Name, service, spans.Made, spans.Filled, spans.Arrived)
		}
	}
	w.Flush() // a strings.Builder takes everything
	return text.String()
}
