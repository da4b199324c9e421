package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/lab"
)

// source is a component of a node.
type source struct{ service, node string }

func (s source) String() string { return s.service + " of " + s.node }

// sources are all that send traces by themselves.
func (r *Run) sources() (all []source) {
	for _, node := range r.Cluster.Nodes() {
		if slices.Contains(r.Cluster.ControlPlane(), node) {
			all = append(all, source{"apiserver", node.Name}, source{"etcd", node.Name})
		}
		all = append(all, source{"kubelet", node.Name})
	}
	return all
}

// backOff is how long a producer may take to see that a collector is there: gRPC
// waits for up to 120 s plus or minus 20 % before it connects again, and what
// arrived has to go on to Jaeger.
const backOff = 200 * time.Second

// arrive waits until Jaeger has spans of each source that began after a time, and
// says how long after it they were seen. It waits for backOff from now on.
func (r *Run) arrive(ctx context.Context, since time.Time, want []source) (arrivals, error) {
	seen := arrivals{}
	err := lab.Wait(ctx, backOff, fmt.Sprintf("spans of %v", want), time.Second, func(ctx context.Context) error {
		client, err := r.jaeger(ctx)
		if err != nil {
			return err
		}
		var missing []string
		for _, s := range want {
			if _, there := seen[s.String()]; there {
				continue
			}
			traces, err := client.Traces(ctx, jaeger.Query{
				Service: s.service, Tags: map[string]string{"k8s.node.name": s.node}, Start: since, Limit: 1,
			})
			if err != nil {
				return err
			}
			if len(traces) == 0 {
				missing = append(missing, s.String())
				continue
			}
			seen[s.String()] = seconds(time.Since(since))
			r.log("%s: spans after %s", s, seen[s.String()])
		}
		if len(missing) > 0 {
			return fmt.Errorf("none of %s", strings.Join(missing, ", "))
		}
		return nil
	})
	return seen, err
}

// Traced waits for the traces of everything that booted before there was a
// collector.
func (r *Run) Traced(ctx context.Context) (err error) {
	r.Figures.Traced, err = r.arrive(ctx, r.collectorSince, r.sources())
	return err
}
