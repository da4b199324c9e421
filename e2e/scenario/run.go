package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace"
	"kubetrace/backend"
	"kubetrace/e2e/cluster"
	"kubetrace/e2e/components"
	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/lab"
	"kubetrace/tracing"
)

// Run is one plan that is carried out.
type Run struct {
	Plan    Plan
	Cluster *cluster.Cluster
	// Figures are what was measured so far.
	Figures Figures

	// began is when the programs were there.
	began  time.Time
	log    func(format string, arguments ...any)
	lab    *lab.Lab
	bundle fs.FS
	// spec is what the bundle is made from, and resolved what the library says
	// of it.
	spec     tracing.TracingSpec
	resolved tracing.Resolved
	// collectorSince is when the collector was applied, start when the scenario
	// began, and configz what each kubelet said while it was traced.
	collectorSince, start time.Time
	configz               map[string]map[string]any
}

// Folder is where nodes write, unless KUBETRACE_LAB_DIR names another.
func Folder() string {
	if folder := os.Getenv("KUBETRACE_LAB_DIR"); folder != "" {
		return folder
	}
	return "/var/lib/kubetrace-lab"
}

// New builds a plan's programs, and generates its bundle.
func New(ctx context.Context, plan Plan, log func(format string, arguments ...any)) (*Run, error) {
	if err := lab.Missing(); err != nil {
		return nil, err
	}
	log("building the programs (seconds with warm caches, about a quarter of an hour without)")
	set, err := components.Build(ctx, plan.Release)
	if err != nil {
		return nil, err
	}
	if err := plan.check(set); err != nil {
		return nil, err
	}
	r := &Run{Plan: plan, log: log, spec: plan.spec(set)}
	if r.resolved, err = tracing.Resolve(r.spec); err != nil {
		return nil, err
	}
	if r.bundle, err = files(r.spec); err != nil {
		return nil, err
	}
	if r.lab, err = lab.New(Folder()); err != nil {
		return nil, err
	}
	r.Cluster, err = cluster.New(r.lab, set, cluster.Options{
		Name: plan.clusterName(), HighlyAvailable: plan.ControlPlane > 1, Log: log,
	})
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.Figures.Versions, r.began = set.Versions, time.Now()
	return r, nil
}

// files is the bundle of a spec.
func files(spec tracing.TracingSpec) (fs.FS, error) {
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		return nil, err
	}
	return bundle.FS()
}

// Close ends the cluster and removes all that it left.
func (r *Run) Close() error { return r.lab.Close() }

// Left says what of a closed run is still on the machine.
func (r *Run) Left() error { return r.lab.Left() }

// Boot makes the control plane, with the bundle's files and without a collector.
func (r *Run) Boot(ctx context.Context) error {
	start := time.Now()
	if err := r.Cluster.Init(ctx, r.bundle); err != nil {
		return err
	}
	for range r.Plan.ControlPlane - 1 {
		if _, err := r.Cluster.Join(ctx, true, r.bundle); err != nil {
			return err
		}
	}
	if err := errors.Join(r.Cluster.WaitNodes(ctx), r.Cluster.WaitControlPlane(ctx)); err != nil {
		return err
	}
	r.Figures.Boot = seconds(time.Since(start))
	r.log("the control plane is up after %s", r.Figures.Boot)
	return nil
}

// Apply applies the bundle's objects as the run-book says, and waits until the
// collector is available on every node.
func (r *Run) Apply(ctx context.Context) error {
	r.collectorSince = time.Now()
	commands := [][]string{
		append([]string{"apply"}, r.objects()...),
		{"-n", "kubetrace-system", "rollout", "status", "daemonset/kubetrace-collector", "--timeout=5m"},
		{"-n", "kubetrace-backend", "rollout", "status", "deployment/kubetrace-jaeger", "--timeout=5m"},
	}
	if r.Plan.Fleet {
		commands = append(commands, []string{"-n", "kubetrace-gateway", "rollout", "status", "deployment/kubetrace-gateway", "--timeout=5m"})
	}
	for _, arguments := range commands {
		if _, err := r.Cluster.Kubectl(ctx, arguments...); err != nil {
			return err
		}
	}
	if err := r.collectorEverywhere(ctx); err != nil {
		return err
	}
	r.Figures.Rollout = seconds(time.Since(r.collectorSince))
	r.log("the collector is available on every node after %s", r.Figures.Rollout)
	return nil
}

// objects are kubectl's flags that name the bundle's files of objects.
func (r *Run) objects() []string {
	flags := []string{"-f", "collector.yaml"}
	if r.Plan.Fleet {
		flags = append(flags, "-f", "gateway.yaml")
	}
	return append(flags, "-f", "backend.yaml")
}

// collectorEverywhere says whether the DaemonSet is available on every node of
// the cluster, not only on those it wants.
func (r *Run) collectorEverywhere(ctx context.Context) error {
	set, err := r.Cluster.Client().AppsV1().DaemonSets("kubetrace-system").Get(ctx, "kubetrace-collector", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got, want := int(set.Status.NumberAvailable), len(r.Cluster.Nodes()); got != want || set.Status.ObservedGeneration != set.Generation {
		return fmt.Errorf("the collector is available on %d of %d nodes", got, want)
	}
	return nil
}

// JoinWorker adds a node to a cluster that is traced already. It gets the container
// runtime's files, as the run-book says; nothing else has to be done for it.
func (r *Run) JoinWorker(ctx context.Context) error {
	since := time.Now()
	node, err := r.Cluster.Join(ctx, false, r.bundle)
	if err != nil {
		return err
	}
	if err := r.Cluster.WaitNodes(ctx); err != nil {
		return err
	}
	if err := lab.Wait(ctx, 3*time.Minute, "the collector on the worker", time.Second, r.collectorEverywhere); err != nil {
		return err
	}
	arrived, err := r.arrive(ctx, since, []source{{"kubelet", node.Name}})
	r.Figures.Joined = arrived
	return err
}

// jaeger is a client of the backend as it is now.
func (r *Run) jaeger(ctx context.Context) (jaeger.Client, error) {
	address, err := r.jaegerAddress(ctx)
	return jaeger.Client{URL: "http://" + address, HTTP: r.httpFrom(r.Cluster.Nodes()[0])}, err
}

// DialJaeger connects to the backend's query API, once Apply has applied it.
func (r *Run) DialJaeger(ctx context.Context) (net.Conn, error) {
	address, err := r.jaegerAddress(ctx)
	if err != nil {
		return nil, err
	}
	return r.Cluster.Nodes()[0].Dial(ctx, "tcp", address)
}

func (r *Run) jaegerAddress(ctx context.Context) (string, error) {
	pods, err := r.Cluster.Client().CoreV1().Pods("kubetrace-backend").List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil && pod.Status.PodIP != "" {
			return net.JoinHostPort(pod.Status.PodIP, fmt.Sprint(backend.QueryPort)), nil
		}
	}
	return "", errors.New("there is no pod of Jaeger")
}

// httpFrom sends requests from within a node.
func (r *Run) httpFrom(node *lab.Node) *http.Client {
	return &http.Client{
		Transport: &http.Transport{DialContext: node.Dial, DisableKeepAlives: true},
		Timeout:   time.Minute,
	}
}
