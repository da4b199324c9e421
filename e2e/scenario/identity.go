package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kubetrace/e2e/jaeger"
)

// members are what sends spans: the instances by component and node, and the
// other way round.
type members struct {
	instances map[source]string
	sources   map[string]source
}

// Identity says whether every span since the scenario began tells what it is of:
// the cluster, the node and the instance, and whether no two members are one.
func (r *Run) Identity(ctx context.Context) error {
	client, err := r.jaeger(ctx)
	if err != nil {
		return err
	}
	want := []string{"apiserver", "etcd", "kubelet"}
	if r.Plan.Containerd != "" {
		want = append(want, "containerd")
	}
	// Nothing else, such as Jaeger's own traces of those who ask it.
	services, err := client.Services(ctx)
	if err != nil {
		return err
	}
	slices.Sort(want)
	if !slices.Equal(services, want) {
		return fmt.Errorf("the services that Jaeger knows are %v, want %v", services, want)
	}
	r.Figures.Spans = map[string]int{}
	m := members{map[source]string{}, map[string]source{}}
	var errs []error
	seen := map[string]bool{}
	for _, service := range want {
		traces, err := client.Traces(ctx, jaeger.Query{Service: service, Start: r.start, Limit: everything})
		if err != nil {
			return err
		}
		for _, trace := range traces {
			for _, span := range trace.Spans {
				id := span.TraceID + span.ID
				if seen[id] {
					continue
				}
				seen[id] = true
				r.Figures.Spans[span.Service]++
				errs = append(errs, r.identify(span, m))
			}
		}
	}
	for _, s := range r.sources() {
		if m.instances[s] == "" {
			errs = append(errs, fmt.Errorf("no spans of %s", s))
		}
	}
	return first(errs)
}

// identify checks one span.
func (r *Run) identify(span jaeger.Span, m members) error {
	node, instance := span.Resource["k8s.node.name"], span.Resource["service.instance.id"]
	if got, want := span.Resource["k8s.cluster.name"], r.Plan.clusterName(); got != want {
		return fmt.Errorf("k8s.cluster.name of a span of %s is %q, want %q", span.Service, got, want)
	}
	if !slices.ContainsFunc(r.sources(), func(s source) bool { return s.node == node }) {
		return fmt.Errorf("k8s.node.name of a span of %s is %q, which is no node", span.Service, node)
	}
	if instance == "" {
		return fmt.Errorf("a span of %s on %s has no service.instance.id", span.Service, node)
	}
	// The API server names itself, for all others the collector does.
	if span.Service != "apiserver" && instance != node {
		return fmt.Errorf("service.instance.id of %s on %s is %q", span.Service, node, instance)
	}
	member, name := source{span.Service, node}, span.Service+" "+instance
	if other, there := m.sources[name]; there && other != member {
		return fmt.Errorf("the instance %s is %s and %s", name, other, member)
	}
	m.instances[member], m.sources[name] = instance, member
	return nil
}

// first are the first few of many errors of one kind.
func first(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if few := 5; len(errs) > few {
		errs = append(errs[:few:few], fmt.Errorf("and %d more", len(errs)-few))
	}
	return errors.Join(errs...)
}
