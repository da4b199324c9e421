package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/collector"
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

// fleetWeathers come on top where there are a gateway and a queue on disk.
var fleetWeathers = []Weather{
	{"the gateway is killed", killGateways},
	{"the backend is away and the collector is killed", killCollectorsMeanwhile},
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
	before, err := r.collectorRestarts(ctx)
	if err != nil {
		return time.Time{}, err
	}
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
	return since, lab.Wait(ctx, 3*time.Minute, "the collectors again", time.Second, func(ctx context.Context) error {
		// It takes the kubelet a while to see that they are gone.
		now, err := r.collectorRestarts(ctx)
		if want := before + len(r.Cluster.Nodes()); err == nil && now < want {
			err = fmt.Errorf("they were restarted %d times, not %d", now, want)
		}
		if err != nil {
			return err
		}
		return r.collectorEverywhere(ctx)
	})
}

// collectorRestarts is how often the collectors of all nodes were started again.
func (r *Run) collectorRestarts(ctx context.Context) (restarts int, err error) {
	pods, err := r.collectorPods(ctx)
	for _, pod := range pods {
		for _, status := range pod.Status.ContainerStatuses {
			restarts += int(status.RestartCount)
		}
	}
	return restarts, err
}

// collectorPods are the collector's of all nodes.
func (r *Run) collectorPods(ctx context.Context) ([]corev1.Pod, error) {
	set := collector.DaemonSetFor(r.resolved)
	list, err := r.Cluster.Client().CoreV1().Pods(set.Namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(set.Spec.Selector)})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

func killGateways(ctx context.Context, r *Run) (time.Time, error) {
	killed := 0
	for _, node := range r.Cluster.Nodes() {
		n, err := node.KillContainer(ctx, "gateway")
		if err != nil {
			return time.Time{}, err
		}
		killed += n
	}
	if want := int(r.resolved.Spec().Gateway.Replicas); killed != want {
		return time.Time{}, fmt.Errorf("%d gateways ran, want %d", killed, want)
	}
	since := time.Now()
	_, err := r.Cluster.Kubectl(ctx, "-n", "kubetrace-gateway", "rollout", "status", "deployment/kubetrace-gateway", "--timeout=3m")
	return since, err
}

// backendAway stops the backend, has something happen, and starts it again: what
// happened has to be there.
func backendAway(ctx context.Context, r *Run) (time.Time, error) {
	return r.away(ctx, func(context.Context) error { return nil }, call{"etcd", "etcdserverpb.KV/Txn"})
}

// killCollectorsMeanwhile does the same and kills every collector before the
// backend is back, with the span of what happened in its queue. What etcd had yet
// to send then is lost: its SDK gives up sooner than the kubelet starts a collector
// again that was killed before.
func killCollectorsMeanwhile(ctx context.Context, r *Run) (time.Time, error) {
	return r.away(ctx, func(ctx context.Context) error {
		// The components send what they have every 5 seconds, and give it up after
		// 10 more, which a busy machine may need.
		queued := func() error {
			return lab.Wait(ctx, 30*time.Second, "what happened in the collector's queue", time.Second, r.queued)
		}
		err := queued()
		if err != nil && ctx.Err() == nil {
			r.log("it has to happen again: %v", err)
			if err = r.comeAndGo(ctx, whileAway); err == nil {
				err = queued()
			}
		}
		if err == nil {
			_, err = killCollectors(ctx, r)
		}
		return err
	})
}

// whileAway is in the target of the request that is made while the backend is away.
const whileAway = "while-away"

// queued says whether that request's span is in the queue of a collector, on the
// disk of its node.
func (r *Run) queued(context.Context) error {
	folder := strings.TrimPrefix(r.resolved.Spec().Collector.Queue.Path, "/")
	for _, node := range r.Cluster.ControlPlane() {
		files, err := fs.Glob(node.FS(), path.Join(folder, "*"))
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := fs.ReadFile(node.FS(), file)
			if err != nil {
				return err
			}
			if bytes.Contains(text, []byte("fieldManager="+whileAway)) {
				return nil
			}
		}
	}
	return errors.New("no file of it has the span")
}

// away stops the backend, has something happen and something more go wrong, and
// starts it again: the span of the request has to arrive, with some below it.
func (r *Run) away(ctx context.Context, meanwhile func(context.Context) error, below ...call) (time.Time, error) {
	if err := r.scaleJaeger(ctx, 0); err != nil {
		return time.Time{}, err
	}
	away := time.Now()
	if err := r.comeAndGo(ctx, whileAway); err != nil {
		return time.Time{}, err
	}
	if err := meanwhile(ctx); err != nil {
		return time.Time{}, err
	}
	if err := r.scaleJaeger(ctx, 1); err != nil {
		return time.Time{}, err
	}
	back := time.Now()
	// A gateway's gRPC connects again after up to backOff, and a node's collector
	// tries again after up to 30 s, the longest interval that is generated, and up to
	// half more by chance.
	return back, lab.Wait(ctx, backOff+45*time.Second, "what happened while the backend was away", 2*time.Second, func(ctx context.Context) error {
		client, err := r.jaeger(ctx)
		if err != nil {
			return err
		}
		requests, err := client.Traces(ctx, jaeger.Query{Service: "apiserver", Start: away, Limit: everything})
		if err != nil {
			return err
		}
		_, err = findTrace(requests, request("POST", deployments), below...)
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
