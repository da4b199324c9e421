package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// health asks a cluster every second how it is, until it is stopped.
type health struct {
	run      *Run
	restarts map[string]int32
	cancel   context.CancelFunc
	done     sync.WaitGroup
	// What follows is for who has waited for done. Stalled says that this process
	// did not run for seconds, so that nothing else on the machine may have either.
	asked   int
	errs    []error
	stalled bool
}

// watch begins to watch over the cluster.
func (r *Run) watch(ctx context.Context) *health {
	h := &health{run: r}
	var err error
	if h.restarts, err = r.restarts(ctx); err != nil {
		h.errs = append(h.errs, err)
	}
	ctx, h.cancel = context.WithCancel(ctx)
	h.done.Go(func() {
		ill := false
		for ctx.Err() == nil {
			err := r.healthy(ctx)
			// One request among hundreds may fail on a machine that is busy.
			if err != nil && ill && ctx.Err() == nil {
				h.errs = append(h.errs, err)
			}
			ill = err != nil
			h.asked++
			asked := time.Now()
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
				h.stalled = h.stalled || time.Since(asked) > 4*time.Second
			}
		}
	})
	return h
}

// stop says how it went.
func (h *health) stop(ctx context.Context) error {
	h.cancel()
	h.done.Wait()
	if h.asked < 3 {
		h.errs = append(h.errs, fmt.Errorf("the cluster was asked only %d times how it is", h.asked))
	}
	restarts, err := h.run.restarts(ctx)
	if h.stalled { // these end where they do not renew their lease within 10 s
		for _, counts := range []map[string]int32{h.restarts, restarts} {
			maps.DeleteFunc(counts, func(name string, _ int32) bool {
				return strings.HasPrefix(name, "kube-controller-manager-") || strings.HasPrefix(name, "kube-scheduler-")
			})
		}
	}
	if err == nil && !maps.Equal(h.restarts, restarts) {
		err = fmt.Errorf("something has restarted: %v before, %v now", h.restarts, restarts)
	}
	if err := first(append(h.errs, err)); err != nil {
		return fmt.Errorf("the cluster was not healthy all the time: %w", err)
	}
	return nil
}

// answer is how soon a healthy API server answers on a machine that is busy.
const answer = 10 * time.Second

// healthy says whether every API server is ready and can write, and every node
// is Ready.
func (r *Run) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answer, fmt.Errorf("no answer within %s", answer))
	defer cancel()
	for _, node := range r.Cluster.ControlPlane() {
		if err := r.Cluster.Ready(ctx, node); err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
	}
	written, err := r.Cluster.Client().CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "healthy-"},
	}, metav1.CreateOptions{})
	if err == nil {
		err = r.Cluster.Client().CoreV1().ConfigMaps("default").Delete(ctx, written.Name, metav1.DeleteOptions{})
	}
	return errors.Join(err, r.Cluster.NodesReady(ctx))
}

// restarts are how often each container of the cluster's own has restarted, and
// each node's kubelet and containerd have ended by themselves.
func (r *Run) restarts(ctx context.Context) (map[string]int32, error) {
	pods, err := r.Cluster.Client().CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	restarts := map[string]int32{}
	for _, pod := range pods.Items {
		for _, status := range pod.Status.ContainerStatuses {
			restarts[pod.Name] += status.RestartCount
		}
	}
	for _, node := range r.Cluster.Nodes() {
		for _, service := range []string{"kubelet", "containerd"} {
			crashes, err := node.Crashes(service)
			if err != nil {
				return nil, err
			}
			restarts[service+" of "+node.Name] = int32(crashes)
		}
	}
	return restarts, nil
}
