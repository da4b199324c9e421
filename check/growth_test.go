package check_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/check"
	"kubetrace/tracing"
)

// fleet is a healthy cluster with workers to it. Each has a pod that takes the
// collector's port or, where it is the collector's, one that is not ready.
func fleet(t *testing.T, workers int) check.State {
	t.Helper()
	s := healthy(t, spec("1.37"))
	for n := range workers {
		name := fmt.Sprintf("w%05d", n)
		node := s.Nodes[1]
		node.Name = name
		s.Nodes = append(s.Nodes, node)
		s.Configz[name] = s.Configz["b"]
		ours := *pod(&s, "kubetrace-collector-b")
		ours.Name, ours.Spec.NodeName = "kubetrace-collector-"+name, name
		ours.Status = corev1.PodStatus{Phase: corev1.PodPending}
		other := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "other"}}
		other.Spec = corev1.PodSpec{NodeName: name, Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{HostPort: 4317}}}}}
		s.Pods = append(s.Pods, ours, other)
	}
	return s
}

// TestGrowth counts: with twice the nodes, each with a finding, there are no more than
// twice the allocations.
func TestGrowth(t *testing.T) {
	r := must(tracing.Resolve(spec("1.37")))(t)
	const workers = 500
	cost := func(workers int) float64 {
		state := fleet(t, workers)
		if found := check.ClusterFor(r, state); len(found) != workers {
			t.Fatalf("%d findings of %d workers", len(found), workers)
		}
		return testing.AllocsPerRun(3, func() { check.ClusterFor(r, state) })
	}
	once, twice := cost(workers), cost(2*workers)
	if twice > 2.1*once {
		t.Errorf("%v allocations for %d workers, %v for twice as many", once, workers, twice)
	}
	// 85 are usual, and 100 with the race detector, under which a pool keeps less.
	if once > 150*workers {
		t.Errorf("%v allocations for %d workers", once, workers)
	}
}
