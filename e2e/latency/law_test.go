package latency

import (
	"strings"
	"testing"
	"time"
)

// figures are such that there is nothing against them.
func figures() Figures {
	component := func(off, traced time.Duration) Component {
		return newComponent(operations[0], []time.Duration{off, off, 4 * off}, []time.Duration{traced, traced, 4 * traced})
	}
	spans := func(arrived int) map[string]Spans {
		return map[string]Spans{"apiserver": {Filled: 4000, Made: 6000, Arrived: arrived}}
	}
	f := Figures{Rounds: 3, States: []State{
		{Name: Working, Components: []Component{component(4*time.Millisecond, 5*time.Millisecond)}, Spans: spans(6000)},
	}}
	for _, name := range []string{Slow, Full, Absent} {
		f.States = append(f.States, State{Name: name, Components: []Component{component(4*time.Millisecond, 6*time.Millisecond)}, Spans: spans(3000)})
	}
	return f
}

func TestLaw(t *testing.T) {
	if err := figures().Judge(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string
		change     func(*Figures)
	}{
		{"nothing to compare with", "no state to compare with", func(f *Figures) { f.States = f.States[1:] }},
		{"a state left out", "nothing was measured while the collector is absent", func(f *Figures) { f.States = f.States[:3] }},
		{"slower", "slow: kube-apiserver: create, get and delete of a ConfigMap: the median is 6.51 ms, and 6.50 ms would be as fast", func(f *Figures) {
			f.States[1].Components[0].Traced.Median = 6.51
		}},
		{"slower every tenth time", "the 90th percentile is 33.00 ms", func(f *Figures) { f.States[1].Components[0].Traced.P90 = 33 }},
		{"costly", "kube-apiserver: create, get and delete of a ConfigMap: the median is 7.00 ms, and 6.25 ms would be what tracing may cost", func(f *Figures) {
			f.States[0].Components[0].Traced.Median = 7
		}},
		{"blocked once", "the slowest is 1500.00 ms, and 1016.00 ms would be not blocked", func(f *Figures) { f.States[1].Components[0].Traced.Max = 1500 }},
		{"blocked while the collector works", "working: kube-apiserver", func(f *Figures) { f.States[0].Components[0].Traced.Max = 1500 }},
		{"too few spans", "2560 spans do not overrun it", func(f *Figures) { f.States[1].Spans["apiserver"] = Spans{Filled: QueuedSpans, Made: 4000} }},
		{"nothing dropped", "all 6000 spans arrived, so the collector was not slow", func(f *Figures) {
			f.States[1].Spans["apiserver"] = Spans{Filled: 4000, Made: 6000, Arrived: 6000}
		}},
	} {
		f := figures()
		test.change(&f)
		if err := f.Judge(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestLatencyOf(t *testing.T) {
	var durations []time.Duration
	for i := 101; i > 0; i-- {
		durations = append(durations, time.Duration(i)*time.Millisecond)
	}
	if got, want := newLatency(durations), (Latency{Median: 51, P90: 91, P99: 100, Max: 101}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
