package latency

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/metadata"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// operation is what is asked of a component.
type operation struct {
	component string
	// service is the service.name of its spans.
	service string
	request string
	// fill is how often it is done so that the component's queue overruns; see
	// QueuedSpans.
	fill int
	do   func(context.Context, *side, call) error
}

// operations are those that are measured.
var operations = []operation{
	{"kube-apiserver", "apiserver", "create, get and delete of a ConfigMap", 400, askAPIServer},
	{"etcd", "etcd", "a put and a linearizable get of a key", 1500, askEtcd},
	{"kubelet", "kubelet", "GET /pods", 3500, askKubelet},
}

func askAPIServer(ctx context.Context, s *side, c call) error {
	const resource = "configmaps"
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: c.name}, Data: map[string]string{"key": "value"}}
	if err := s.api.Post().Namespace(metav1.NamespaceDefault).Resource(resource).SetHeader("traceparent", c.parent).Body(object).Do(ctx).Error(); err != nil {
		return err
	}
	if err := s.api.Get().Namespace(metav1.NamespaceDefault).Resource(resource).Name(c.name).SetHeader("traceparent", c.parent).Do(ctx).Error(); err != nil {
		return err
	}
	return s.api.Delete().Namespace(metav1.NamespaceDefault).Resource(resource).Name(c.name).SetHeader("traceparent", c.parent).Do(ctx).Error()
}

// etcdKey is outside of what kube-apiserver sees.
const etcdKey = "/kubetrace-latency"

func askEtcd(ctx context.Context, s *side, c call) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", c.parent)
	if _, err := s.etcd.Put(ctx, etcdKey, c.name); err != nil {
		return err
	}
	_, err := s.etcd.Get(ctx, etcdKey)
	return err
}

// forget removes what askEtcd wrote.
func forget(ctx context.Context, s *side) error {
	_, err := s.etcd.Delete(ctx, etcdKey)
	return err
}

func askKubelet(ctx context.Context, s *side, c call) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://127.0.0.1:10250/pods", nil)
	if err != nil {
		return err
	}
	request.Header.Set("traceparent", c.parent)
	request.Header.Set("User-Agent", c.agent)
	response, err := s.kubelet.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET /pods: %s: %s", response.Status, text)
	}
	return err
}

// ask does an operation once, and says how long it took.
func (o operation) ask(ctx context.Context, s *side, from origin) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answer, fmt.Errorf("no answer within %s", answer))
	defer cancel()
	c := newCall(from)
	start := time.Now()
	err := o.do(ctx, s, c)
	took := time.Since(start)
	if err != nil {
		err = fmt.Errorf("%s of %s: %s, given up after %s: %w", o.component, s.name, o.request, took, err)
	}
	return took, err
}

// workers is how many ask one component at the same time where nothing is timed.
const workers = 4

// repeat does an operation many times.
func (o operation) repeat(ctx context.Context, s *side, from origin, times int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < times && ctx.Err() == nil; i += workers {
				if _, err := o.ask(ctx, s, from); err != nil {
					cancel(err) // the first one is kept
				}
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
