package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/lab"
)

// Weather is something that goes wrong.
type Weather struct {
	// Name says what.
	Name string
	// Happen has it happen and pass; all that is traced has to come again after
	// the time that it returns.
	Happen func(ctx context.Context, r *Run) (since time.Time, err error)
}

// Weathers are what has to do no harm.
var Weathers = []Weather{
	{"the collector is killed", killCollectors},
	{"the backend is away", backendAway},
	{"containerd restarts", restartContainerds},
}

// Rough has something go wrong, and says whether the cluster was healthy all the
// time and traces came back by themselves.
func (r *Run) Rough(ctx context.Context, weather Weather) error {
	health := r.watch(ctx)
	since, err := weather.Happen(ctx, r)
	if err != nil {
		return errors.Join(err, health.stop(ctx))
	}
	arrived, err := r.arrive(ctx, since, r.sources())
	if err == nil {
		// All of the story, so that what a component does for others counts too.
		_, err = r.Scenario(ctx)
	}
	if r.Figures.Back == nil {
		r.Figures.Back = map[string]arrivals{}
	}
	r.Figures.Back[weather.Name] = arrived
	return errors.Join(err, health.stop(ctx))
}

func killCollectors(ctx context.Context, r *Run) (time.Time, error) {
	for _, node := range r.Cluster.Nodes() {
		killed, err := node.KillContainer(ctx, "collector")
		if err == nil && killed != 1 {
			err = fmt.Errorf("%d collectors run on %s", killed, node.Name)
		}
		if err != nil {
			return time.Time{}, err
		}
	}
	since := time.Now()
	return since, lab.Wait(ctx, 3*time.Minute, "the collectors again", time.Second, r.collectorEverywhere)
}

// backendAway stops the backend, has something happen, and starts it again: what
// happened has to be there.
func backendAway(ctx context.Context, r *Run) (time.Time, error) {
	if err := r.scaleJaeger(ctx, 0); err != nil {
		return time.Time{}, err
	}
	away := time.Now()
	if err := r.comeAndGo(ctx); err != nil {
		return time.Time{}, err
	}
	if err := r.scaleJaeger(ctx, 1); err != nil {
		return time.Time{}, err
	}
	back := time.Now()
	// The collectors try again after up to 30 s, the longest interval that is
	// generated, and some more.
	return back, lab.Wait(ctx, 2*time.Minute, "what happened while the backend was away", 2*time.Second, func(ctx context.Context) error {
		client, err := r.jaeger(ctx)
		if err != nil {
			return err
		}
		requests, err := client.Traces(ctx, jaeger.Query{Service: "apiserver", Start: away, Limit: everything})
		if err != nil {
			return err
		}
		_, err = findTrace(requests, request("POST", deployments), call{"etcd", "etcdserverpb.KV/Txn"})
		return err
	})
}

func (r *Run) scaleJaeger(ctx context.Context, replicas int) error {
	if _, err := r.Cluster.Kubectl(ctx, "-n", "kubetrace-backend", "scale", "deployment", "kubetrace-jaeger", fmt.Sprintf("--replicas=%d", replicas)); err != nil {
		return err
	}
	return lab.Wait(ctx, 2*time.Minute, fmt.Sprintf("%d pods of Jaeger", replicas), time.Second, func(ctx context.Context) error {
		pods, err := r.Cluster.Client().CoreV1().Pods("kubetrace-backend").List(ctx, metav1.ListOptions{})
		if err == nil && len(pods.Items) != replicas {
			err = fmt.Errorf("there are %d", len(pods.Items))
		}
		if err != nil || replicas == 0 {
			return err
		}
		_, err = r.Cluster.Kubectl(ctx, "-n", "kubetrace-backend", "rollout", "status", "deployment/kubetrace-jaeger", "--timeout=1m")
		return err
	})
}

func restartContainerds(ctx context.Context, r *Run) (time.Time, error) {
	for _, node := range r.Cluster.Nodes() {
		if err := r.Cluster.RestartContainerd(ctx, node); err != nil {
			return time.Time{}, err
		}
	}
	return time.Now(), nil
}
