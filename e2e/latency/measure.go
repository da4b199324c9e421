package latency

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"sync"
	"time"

	"kubetrace"
	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
	"kubetrace/e2e/scenario"
	"kubetrace/tracing"
)

// rounds is how often each request is timed.
const rounds = 300

// backendAddress is where the traced cluster's collector sends.
const backendAddress = "127.0.0.1:14317"

// The names of the clusters, and prefixes of their nodes'.
const (
	offName    = "off"
	tracedName = "traced"
)

// measurement is one that is under way.
type measurement struct {
	log         func(format string, arguments ...any)
	off, traced *side
	collector   *collector
	backend     *backend
	// perRequest are the spans that one of the operations has made, by service.
	perRequest []map[string]float64
	origins    origin
}

func (m *measurement) newOrigin() origin {
	m.origins++
	return m.origins
}

// Measure boots two clusters of the newest release, side by side, and times
// requests to both in every state of the collector. It needs what a lab needs,
// and takes some five minutes when the programs are built. Nothing of it is left.
func Measure(ctx context.Context, log func(format string, arguments ...any)) (figures Figures, err error) {
	if err := lab.Missing(); err != nil {
		return Figures{}, err
	}
	log("building the programs (seconds with warm caches, about a quarter of an hour without)")
	set, err := components.Build(ctx, scenario.Newest().Release)
	if err != nil {
		return Figures{}, err
	}
	m := &measurement{log: log}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.boot(ctx, set); err != nil {
		return Figures{}, err
	}
	figures = Figures{Versions: set.Versions, Rounds: rounds}
	for _, c := range conditions {
		s, err := m.measure(ctx, c)
		if err != nil {
			return Figures{}, fmt.Errorf("while the collector is %s: %w", c.name, err)
		}
		figures.States = append(figures.States, s)
	}
	return figures, nil
}

// tracedSpec is the traced cluster's: every request is traced.
func tracedSpec(set *components.Set) (tracing.TracingSpec, fs.FS, error) {
	all := int32(1_000_000)
	resolved, err := tracing.Resolve(tracing.TracingSpec{
		KubernetesVersion:      set.Versions["kubeadm"],
		ClusterName:            tracedName,
		SamplingRatePerMillion: &all,
		Collector: tracing.CollectorSpec{
			Image:    set.CollectorImage(),
			Exporter: tracing.ExporterSpec{Endpoint: backendAddress, Insecure: true},
		},
	})
	if err != nil {
		return tracing.TracingSpec{}, nil, err
	}
	bundle, err := kubetrace.GenerateFor(resolved)
	if err != nil {
		return tracing.TracingSpec{}, nil, err
	}
	files, err := bundle.FS()
	return resolved.Spec(), files, err
}

// boot makes both clusters at the same time.
func (m *measurement) boot(ctx context.Context, set *components.Set) error {
	spec, bundle, err := tracedSpec(set)
	if err != nil {
		return err
	}
	folder := scenario.Folder()
	if m.off, err = newSide(folder, offName, set, m.log); err != nil {
		return err
	}
	if m.traced, err = newSide(folder, tracedName, set, m.log); err != nil {
		return err
	}
	var both sync.WaitGroup
	var offErr, tracedErr error
	both.Go(func() { offErr = m.off.boot(ctx, nil) })
	both.Go(func() { tracedErr = m.traced.boot(ctx, bundle) })
	both.Wait()
	if err := errors.Join(offErr, tracedErr); err != nil {
		return err
	}
	m.collector = &collector{m.traced, spec}
	m.backend = &backend{listen: func() (net.Listener, error) { return m.traced.node().Listen("tcp", backendAddress) }}
	if err := m.backend.start(); err != nil {
		return err
	}
	m.log("applying the collector")
	if err := m.collector.apply(ctx); err != nil {
		return err
	}
	m.log("waiting for spans of every component, which tries again after up to two minutes")
	if err := m.arrive(ctx); err != nil {
		return err
	}
	return m.sample(ctx)
}

// sample counts the spans of each operation.
func (m *measurement) sample(ctx context.Context) error {
	const times = 10
	var origins []origin
	for _, o := range operations {
		from := m.newOrigin()
		origins = append(origins, from)
		for range times {
			if _, err := o.ask(ctx, m.traced, from); err != nil {
				return err
			}
		}
	}
	if err := m.arrive(ctx); err != nil {
		return err
	}
	for _, from := range origins {
		spans := map[string]float64{}
		for service, count := range m.backend.arrived(from) {
			spans[service] = float64(count) / times
		}
		m.perRequest = append(m.perRequest, spans)
	}
	return nil
}

// made are the spans that a service makes of so many times each operation.
func (m *measurement) made(service string, times func(operation) int) int {
	var sum float64
	for i, o := range operations {
		sum += m.perRequest[i][service] * float64(times(o))
	}
	return int(sum)
}

// close ends both clusters.
func (m *measurement) close() error {
	var errs []error
	if m.backend != nil {
		errs = append(errs, m.backend.stop())
	}
	for _, s := range []*side{m.off, m.traced} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(errs...)
}

// measure measures one state.
func (m *measurement) measure(ctx context.Context, c condition) (State, error) {
	m.log("the collector is %s: %s", c.name, c.means)
	if err := c.enter(ctx, m); err != nil {
		return State{}, err
	}
	from := m.newOrigin()
	if err := m.fill(ctx, from); err != nil {
		return State{}, err
	}
	if err := c.holds(ctx, m); err != nil {
		return State{}, err
	}
	m.log("timing %d rounds", rounds)
	timesOff, timesTraced, err := m.time(ctx, from)
	if err != nil {
		return State{}, err
	}
	if err := errors.Join(c.holds(ctx, m), forget(ctx, m.off), forget(ctx, m.traced)); err != nil {
		return State{}, err
	}
	if c.leave != nil {
		m.log("waiting for spans of every component")
		if err := errors.Join(c.leave(ctx, m), m.arrive(ctx)); err != nil {
			return State{}, err
		}
	}
	s := State{Name: c.name, Means: c.means, Spans: map[string]Spans{}}
	arrived := m.backend.arrived(from)
	for i, o := range operations {
		s.Components = append(s.Components, newComponent(o, timesOff[i], timesTraced[i]))
		s.Spans[o.service] = Spans{
			Filled:  m.made(o.service, func(o operation) int { return o.fill }),
			Made:    m.made(o.service, func(o operation) int { return o.fill + rounds }),
			Arrived: arrived[o.service],
		}
	}
	return s, nil
}

// fill has so many spans made that every queue overruns, and gives the cluster
// that is not traced the same to do.
func (m *measurement) fill(ctx context.Context, from origin) error {
	for _, o := range operations {
		m.log("asking %s %d times", o.component, o.fill)
		var both sync.WaitGroup
		var offErr, tracedErr error
		both.Go(func() { offErr = o.repeat(ctx, m.off, from, o.fill) })
		both.Go(func() { tracedErr = o.repeat(ctx, m.traced, from, o.fill) })
		both.Wait()
		if err := errors.Join(offErr, tracedErr); err != nil {
			return err
		}
	}
	return nil
}

// time times the operations, one request after the other and the clusters in
// turns, so that whatever else the machine does hits both alike.
func (m *measurement) time(ctx context.Context, from origin) (off, traced [][]time.Duration, err error) {
	off, traced = make([][]time.Duration, len(operations)), make([][]time.Duration, len(operations))
	for round := range rounds {
		for i, o := range operations {
			for turn := range 2 {
				s, times := m.off, off
				if (round+turn)%2 == 1 {
					s, times = m.traced, traced
				}
				took, err := o.ask(ctx, s, from)
				if err != nil {
					return nil, nil, err
				}
				times[i] = append(times[i], took)
			}
		}
	}
	return off, traced, nil
}

// arrive asks until spans of every component come to the backend. A component
// sends in the order in which it made them, so all that were made before and not
// dropped are then there too, but for what is under way in the collector.
func (m *measurement) arrive(ctx context.Context) error {
	from := m.newOrigin()
	err := lab.Wait(ctx, 4*time.Minute, "spans of every component at the backend", time.Second, func(ctx context.Context) error {
		arrived := m.backend.arrived(from)
		var errs []error
		for _, o := range operations {
			if arrived[o.service] == 0 {
				_, err := o.ask(ctx, m.traced, from)
				errs = append(errs, err, fmt.Errorf("there are none of the %s", o.component))
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(3 * time.Second):
		return nil
	}
}
