package scenario

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"
	"time"

	"kubetrace/e2e/lab"
)

// RateZero changes the rate of everything to 0 on the running cluster, says
// whether nothing arrives any more, and changes it back.
func (r *Run) RateZero(ctx context.Context) error {
	traced := r.bundle
	spec, zero := r.spec, int32(0)
	spec.SamplingRatePerMillion = &zero
	bundle, err := files(spec)
	if err != nil {
		return err
	}
	if err := r.loud(ctx); err != nil {
		return err
	}
	if err := r.change(ctx, bundle); err != nil {
		return err
	}
	if err := r.quiet(ctx); err != nil {
		return err
	}
	// So that it was the rate, and what comes next begins with traces.
	if err := r.change(ctx, traced); err != nil {
		return err
	}
	return r.loud(ctx)
}

// Undo takes the bundle away as its run-book says.
func (r *Run) Undo(ctx context.Context) error {
	if err := r.change(ctx, nil); err != nil {
		return err
	}
	// While there is somebody who would count it.
	if err := r.quiet(ctx); err != nil {
		return err
	}
	commands := [][]string{
		append([]string{"delete", "--ignore-not-found"}, r.objects()...),
		{"-n", "kubetrace-system", "delete", "configmap", "--ignore-not-found", "-l", "app.kubernetes.io/instance=kubetrace-collector"},
	}
	if r.Plan.Fleet {
		commands = append(commands, []string{"-n", "kubetrace-gateway", "delete", "configmap", "--ignore-not-found", "-l", "app.kubernetes.io/instance=kubetrace-gateway"})
	}
	for _, arguments := range commands {
		if _, err := r.Cluster.Kubectl(ctx, arguments...); err != nil {
			return err
		}
	}
	for _, node := range r.Cluster.ControlPlane() {
		if _, err := node.Output(ctx, "rm", r.resolved.Spec().APIServer.ConfigFile); err != nil {
			return err
		}
	}
	if folder := r.resolved.Spec().Collector.Queue.Path; folder != "" {
		for _, node := range r.Cluster.Nodes() {
			// There has to be one, or the queue was somewhere else.
			if _, err := node.Output(ctx, "rm", "-r", folder); err != nil {
				return err
			}
		}
	}
	return errors.Join(r.Cluster.AsBefore(ctx), r.Compare(ctx), r.nothingLeft(ctx))
}

// change goes from the bundle that is there to another.
func (r *Run) change(ctx context.Context, bundle fs.FS) error {
	before := r.bundle
	r.bundle = bundle
	return r.Cluster.Change(ctx, before, bundle)
}

// nothingLeft says whether the bundle's objects are gone.
func (r *Run) nothingLeft(ctx context.Context) error {
	found, err := r.Cluster.Kubectl(ctx, "get", "namespaces,daemonsets,deployments,configmaps,serviceaccounts", "-A", "-o", "name")
	if err == nil && strings.Contains(found, "kubetrace") {
		err = fmt.Errorf("left in the cluster:\n%s", found)
	}
	return err
}

// silence is how long none may arrive to believe that none is sent: what has
// just started connects within seconds, and sends every 5 s.
const silence = 20 * time.Second

// quiet says whether the collectors count no more spans while a Deployment comes
// and goes.
func (r *Run) quiet(ctx context.Context) error {
	r.log("listening for spans for %s", silence)
	// What was made before is still on its way, at most 5 s, and more where the
	// machine is slow: until then nothing is measured.
	var before map[string]int
	err := lab.Wait(ctx, time.Minute, "two readings of the collectors that are alike", 7*time.Second, func(ctx context.Context) error {
		last := before
		var err error
		if before, err = r.accepted(ctx); err == nil && !maps.Equal(last, before) {
			err = fmt.Errorf("spans arrive: the collectors had accepted %v and now %v", last, before)
		}
		return err
	})
	if err != nil {
		return err
	}
	end := time.Now().Add(silence)
	if err := r.comeAndGo(ctx, asUsual); err != nil {
		return err
	}
	if err := sleep(ctx, time.Until(end)); err != nil {
		return err
	}
	after, err := r.accepted(ctx)
	if err == nil && !maps.Equal(before, after) {
		err = fmt.Errorf("spans arrive: the collectors had accepted %v and now %v", before, after)
	}
	return err
}

// loud says whether every collector counts spans while a Deployment comes and
// goes: whoever listens for silence has to hear.
func (r *Run) loud(ctx context.Context) error {
	before, err := r.accepted(ctx)
	if err != nil {
		return err
	}
	if err := r.comeAndGo(ctx, asUsual); err != nil {
		return err
	}
	return lab.Wait(ctx, backOff, "more spans at every collector", time.Second, func(ctx context.Context) error {
		after, err := r.accepted(ctx)
		if err != nil {
			return err
		}
		for node, count := range after {
			if count <= before[node] {
				return fmt.Errorf("the collector of %s has accepted %d before and %d after", node, before[node], count)
			}
		}
		return nil
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// accepted are how many spans each node's collector has got.
func (r *Run) accepted(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for _, node := range r.Cluster.Nodes() {
		count, err := r.acceptedOn(ctx, node)
		if err != nil {
			return nil, fmt.Errorf("ask the collector of %s: %w", node.Name, err)
		}
		counts[node.Name] = count
	}
	return counts, nil
}

func (r *Run) acceptedOn(ctx context.Context, node *lab.Node) (int, error) {
	response, err := r.httpFrom(node).Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", r.resolved.Spec().Collector.MetricsPort))
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var sum float64
	found := false
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if !strings.HasPrefix(name, "otelcol_receiver_accepted_spans") {
			continue
		}
		count, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum, found = sum+count, true
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	if !found {
		return 0, errors.New("its metrics have no otelcol_receiver_accepted_spans")
	}
	return int(sum), nil
}
