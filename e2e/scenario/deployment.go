package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/backend"
	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/lab"
)

// deployment is the one that comes and goes.
const deployment = "traced"

// asUsual is kubectl's own name for who creates it.
const asUsual = "kubectl-create"

// comeAndGo creates a Deployment, waits until it runs, deletes it and waits until
// it is gone. The span of the request that creates it has the manager in its
// target.
func (r *Run) comeAndGo(ctx context.Context, manager string) error {
	for _, arguments := range [][]string{
		{"create", "deployment", deployment, "--image=" + r.Cluster.Set.PauseImage(), "--field-manager=" + manager},
		{"rollout", "status", "deployment/" + deployment, "--timeout=3m"},
		{"delete", "deployment", deployment},
	} {
		if _, err := r.Cluster.Kubectl(ctx, arguments...); err != nil {
			return err
		}
	}
	return lab.Wait(ctx, 3*time.Minute, "the Deployment's pod gone", time.Second, func(ctx context.Context) error {
		pods, err := r.Cluster.Client().CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app=" + deployment})
		if err == nil && len(pods.Items) > 0 {
			err = errors.New("it is still there")
		}
		return err
	})
}

// Story is what Jaeger shows of the Deployment.
type Story struct {
	// Create and Delete are the requests to the API server, down to etcd.
	Create, Delete jaeger.Trace
	// Start and Stop are what the kubelet did with the pod.
	Start, Stop jaeger.Trace
}

// Scenario has a Deployment come and go, and returns its traces once they have
// arrived whole.
func (r *Run) Scenario(ctx context.Context) (story Story, err error) {
	r.start = time.Now()
	if err := r.comeAndGo(ctx, asUsual); err != nil {
		return story, err
	}
	r.log("the Deployment came and went in %s; waiting for its traces", seconds(time.Since(r.start)))
	// The SDKs send every 5 s, and spans end in any order. Of two gateways one may
	// not yet have found again a backend that was away.
	err = lab.Wait(ctx, backOff, "the Deployment's traces", 2*time.Second, func(ctx context.Context) (err error) {
		story, err = r.story(ctx)
		return err
	})
	return story, err
}

func (r *Run) story(ctx context.Context) (story Story, err error) {
	client, err := r.jaeger(ctx)
	if err != nil {
		return story, err
	}
	requests, err := client.Traces(ctx, jaeger.Query{Service: "apiserver", Start: r.start, Limit: everything})
	if err != nil {
		return story, err
	}
	work, err := client.Traces(ctx, jaeger.Query{Service: "kubelet", Start: r.start, Limit: everything})
	if err != nil {
		return story, err
	}
	var errs []error
	find := func(what string, to *jaeger.Trace, traces []jaeger.Trace, isRoot func(jaeger.Span) bool, below ...call) {
		var err error
		if *to, err = findTrace(traces, isRoot, below...); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	find("the POST of the Deployment", &story.Create, requests, request("POST", deployments), call{"etcd", "etcdserverpb.KV/Txn"})
	find("the DELETE of the Deployment", &story.Delete, requests, request("DELETE", deployments+"/"+deployment), call{"etcd", "etcdserverpb.KV/Txn"})
	start := []call{
		{"kubelet", cri + "RunPodSandbox"}, {"kubelet", cri + "CreateContainer"}, {"kubelet", cri + "StartContainer"},
	}
	stop := []call{{"kubelet", cri + "StopContainer"}, {"kubelet", cri + "StopPodSandbox"}}
	if r.Plan.Containerd != "" {
		for _, calls := range []*[]call{&start, &stop} {
			for _, asked := range slices.Clone(*calls) {
				*calls = append(*calls, call{"containerd", asked.operation})
			}
		}
	}
	if r.resolved.OldestKubelet().KubeletCallsJoined {
		find("the kubelet's syncPod", &story.Start, work, podWork("syncPod"), start...)
	} else if story.Start, err = findApart(work, podWork("syncPod"), start...); err != nil {
		errs = append(errs, fmt.Errorf("the kubelet's syncPod: %w", err))
	}
	find("the kubelet's syncTerminatingPod", &story.Stop, work, podWork("syncTerminatingPod"), stop...)
	return story, errors.Join(errs...)
}

const (
	// everything is as many traces as Jaeger keeps, and the most that it looks for.
	everything = backend.MaxTraces
	cri        = "runtime.v1.RuntimeService/"
	// deployments is where the API has them.
	deployments = "/apis/apps/v1/namespaces/default/deployments"
)

// request is the API server's span of a request. Its names and attributes differ
// between releases.
func request(method, path string) func(jaeger.Span) bool {
	return func(s jaeger.Span) bool {
		target, _, _ := strings.Cut(s.Tags["http.target"], "?")
		return s.Service == "apiserver" && target == path &&
			(s.Tags["http.method"] == method || s.Tags["http.request.method"] == method)
	}
}

// podWork is a kubelet's span of the Deployment's pod.
func podWork(operation string) func(jaeger.Span) bool {
	return func(s jaeger.Span) bool {
		return s.Service == "kubelet" && s.Operation == operation && strings.HasPrefix(s.Tags["k8s.pod"], "default/"+deployment+"-")
	}
}

// call is a span by what made it and its name.
type call struct{ service, operation string }

// findTrace returns the trace that has a span with others below it.
func findTrace(traces []jaeger.Trace, isRoot func(jaeger.Span) bool, below ...call) (jaeger.Trace, error) {
	found := "no span of it"
	for _, trace := range traces {
		for _, root := range trace.Find(isRoot) {
			descendants := trace.Descendants(root.ID)
			missing := slices.DeleteFunc(slices.Clone(below), func(want call) bool {
				return slices.ContainsFunc(descendants, func(s jaeger.Span) bool {
					return s.Service == want.service && s.Operation == want.operation
				})
			})
			if len(missing) == 0 {
				return trace, nil
			}
			found = fmt.Sprintf("trace %s has %q of %s, and below it no %v", trace.ID, root.Operation, root.Service, missing)
		}
	}
	return jaeger.Trace{}, errors.New(found)
}

// findApart is findTrace where the kubelet makes a trace of its own of each call
// to the runtime, as some releases do: those that begin while the span lasts are
// put together with its trace.
func findApart(traces []jaeger.Trace, isRoot func(jaeger.Span) bool, apart ...call) (jaeger.Trace, error) {
	missing := apart
	for _, trace := range traces {
		for _, root := range trace.Find(isRoot) {
			whole := jaeger.Trace{ID: trace.ID, Spans: slices.Clone(trace.Spans)}
			missing = slices.Clone(apart)
			for _, other := range traces {
				first, _ := other.Root()
				is := func(c call) bool { return c == call{first.Service, first.Operation} }
				if first.Service != root.Service {
					continue // the runtime's are below them
				}
				sameNode := first.Resource["k8s.node.name"] == root.Resource["k8s.node.name"]
				if slices.ContainsFunc(missing, is) && sameNode && !first.Start.Before(root.Start) && first.Start.Before(root.End()) {
					// What the runtime does for the call is in its trace.
					missing = slices.DeleteFunc(missing, func(want call) bool {
						return slices.ContainsFunc(other.Spans, func(s jaeger.Span) bool { return want == call{s.Service, s.Operation} })
					})
					whole.Spans = append(whole.Spans, other.Spans...)
				}
			}
			if len(missing) == 0 {
				return whole, nil
			}
		}
	}
	return jaeger.Trace{}, fmt.Errorf("no span of it with traces of %v beside it", missing)
}
