package waterfall

import (
	"strconv"
	"time"
)

// axis is the time of all rows: it begins with the earliest start, which need
// not be that of a root, and ends with the latest end.
type axis struct {
	start  time.Time
	length time.Duration
}

func axisOf(rows []row) axis {
	if len(rows) == 0 {
		return axis{length: time.Microsecond}
	}
	start, end := rows[0].span.Start, rows[0].span.Start
	for _, r := range rows {
		if r.span.Start.Before(start) {
			start = r.span.Start
		}
		for _, t := range []time.Time{r.span.Start, r.span.End()} {
			if t.After(end) {
				end = t
			}
		}
	}
	return axis{start: start, length: max(end.Sub(start), time.Microsecond)}
}

// position of a time, from 0 to 1.
func (a axis) position(t time.Time) float64 {
	return min(1, max(0, float64(t.Sub(a.start))/float64(a.length)))
}

// ticks are 1, 2 or 5 times a power of ten apart, and no more than most.
func (a axis) ticks(most int) (ticks []time.Time) {
	most = min(most, 8)
	step := time.Duration(1)
	for i := 0; a.length/step >= time.Duration(most); i++ {
		if i%3 == 1 {
			step = step / 2 * 5
		} else {
			step *= 2
		}
	}
	for i := range a.length/step + 1 {
		ticks = append(ticks, a.start.Add(i*step))
	}
	return ticks
}

// label of a tick, in the same unit for all.
func (a axis) label(tick time.Time) string {
	unit, name := unitOf(a.length)
	offset := tick.Sub(a.start)
	if offset == 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(offset)/float64(unit), 'f', -1, 64) + " " + name
}

// durationText has three digits that count, and no more than microseconds.
func durationText(d time.Duration) string {
	unit, name := unitOf(d)
	value := float64(d) / float64(unit)
	digits := 0
	switch {
	case unit == time.Microsecond:
	case value < 9.995:
		digits = 2
	case value < 99.95:
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + name
}

// unitOf is the greatest of which it is at least one.
func unitOf(d time.Duration) (unit time.Duration, name string) {
	switch {
	case d >= time.Second:
		return time.Second, "s"
	case d >= time.Millisecond:
		return time.Millisecond, "ms"
	}
	return time.Microsecond, "µs"
}
