package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/lab"
)

// Ready says whether the API server of a control-plane node is.
func (c *Cluster) Ready(ctx context.Context, node *lab.Node) error {
	client, err := c.clientOf(node)
	if err != nil {
		return err
	}
	answer, err := client.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("the API server of %s is not ready: %w\n%s", node.Name, err, answer)
	}
	return nil
}

// WaitNodes waits until every node is Ready.
func (c *Cluster) WaitNodes(ctx context.Context) error {
	return lab.Wait(ctx, 5*time.Minute, "every node Ready", time.Second, c.NodesReady)
}

// NodesReady says whether every node is.
func (c *Cluster) NodesReady(ctx context.Context) error {
	nodes, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := map[string]bool{}
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
				ready[node.Name] = true
			}
		}
	}
	for _, node := range c.nodes {
		if !ready[node.Name] {
			return fmt.Errorf("the node %s is not Ready", node.Name)
		}
	}
	return nil
}

// WaitControlPlane waits until the static pods of every control-plane node are
// ready.
func (c *Cluster) WaitControlPlane(ctx context.Context) error {
	return lab.Wait(ctx, 5*time.Minute, "the control plane", time.Second, func(ctx context.Context) error {
		for _, node := range c.ControlPlane() {
			ready, err := c.readyStaticPods(ctx, node)
			if err != nil {
				return err
			}
			for _, component := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
				if !ready[component] {
					return fmt.Errorf("%s of %s is not ready", component, node.Name)
				}
			}
		}
		return nil
	})
}
