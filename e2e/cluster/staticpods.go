package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/lab"
	"kubetrace/kubeadm"
)

// rewriteStaticPods writes etcd and kube-apiserver of a node anew, and waits until
// what has changed is up. A kube-apiserver that does not change is restarted
// where it has a file to read anew.
func (c *Cluster) rewriteStaticPods(ctx context.Context, node *lab.Node, newFile bool) error {
	pods, changed := map[string][]string{}, map[string]bool{}
	for _, static := range []struct{ name, phase string }{{"etcd", "etcd local"}, {"kube-apiserver", "control-plane apiserver"}} {
		name := static.name
		var err error
		if pods[name], err = node.Pods(ctx, name); err != nil {
			return err
		}
		before, err := node.ReadFile(manifest(name))
		if err != nil {
			return err
		}
		if err := c.phase(ctx, node, static.phase, clusterFile); err != nil {
			return err
		}
		after, err := node.ReadFile(manifest(name))
		if err != nil {
			return err
		}
		changed[name] = !bytes.Equal(before, after)
	}
	if newFile && !changed["kube-apiserver"] {
		if err := c.restartAPIServer(ctx, node); err != nil {
			return err
		}
	}
	return lab.Wait(ctx, 5*time.Minute, fmt.Sprintf("new static pods on %s", node.Name), time.Second, func(ctx context.Context) error {
		// What the API says of static pods may be a minute old.
		for name, changed := range changed {
			now, err := node.Pods(ctx, name)
			switch {
			case err != nil:
				return err
			case len(now) != 1:
				return fmt.Errorf("%d containers of %s run", len(now), name)
			case changed && slices.Equal(now, pods[name]):
				return fmt.Errorf("%s is still the old one", name)
			}
		}
		return c.Ready(ctx, node)
	})
}

func manifest(name string) string { return "/etc/kubernetes/manifests/" + name + ".yaml" }

// restartAPIServer moves its manifest away and back, as the run-book says.
func (c *Cluster) restartAPIServer(ctx context.Context, node *lab.Node) error {
	const away = "/etc/kubernetes/kube-apiserver.yaml"
	if _, err := node.Output(ctx, "mv", manifest("kube-apiserver"), away); err != nil {
		return err
	}
	gone := lab.Wait(ctx, time.Minute, "the old API server gone", time.Second, func(ctx context.Context) error {
		running, err := node.Pods(ctx, "kube-apiserver")
		if err == nil && len(running) > 0 {
			err = errors.New("it still runs")
		}
		return err
	})
	_, err := node.Output(ctx, "mv", away, manifest("kube-apiserver"))
	return errors.Join(gone, err)
}

// ReplaceStaticPod changes a manifest as a person in a hurry does: the kubelet
// stopped, the file changed, the old containers killed, the kubelet started. A
// kubelet that runs has kube-apiserver delete the mirror pod before it starts the
// new etcd, which takes half a minute as there is no etcd then; hence a new etcd
// takes kube-apiserver with it. It returns what restores the manifest.
func (c *Cluster) ReplaceStaticPod(ctx context.Context, node *lab.Node, name string, change func(string) (string, error)) (undo func(context.Context) error, err error) {
	before, err := node.ReadFile(manifest(name))
	if err != nil {
		return nil, err
	}
	after, err := change(string(before))
	if err != nil {
		return nil, err
	}
	undo = func(ctx context.Context) error { return c.replaceStaticPod(ctx, node, name, before) }
	return undo, c.replaceStaticPod(ctx, node, name, []byte(after))
}

func (c *Cluster) replaceStaticPod(ctx context.Context, node *lab.Node, name string, text []byte) error {
	if err := errors.Join(node.Stop("kubelet"), node.WriteFile(manifest(name), text, 0o600)); err != nil {
		return err
	}
	for _, container := range slices.Compact([]string{name, "kube-apiserver"}) {
		if _, err := node.KillContainer(ctx, container); err != nil {
			return err
		}
	}
	return c.startKubelet(ctx, node)
}

// phase runs a phase of "kubeadm init", such as "etcd local".
func (c *Cluster) phase(ctx context.Context, node *lab.Node, phase, config string) error {
	arguments := append([]string{"kubeadm", "init", "phase"}, strings.Fields(phase)...)
	_, err := node.Output(ctx, append(arguments, "--config", config)...)
	return err
}

// readyStaticPods are the components whose pods are ready on a node.
func (c *Cluster) readyStaticPods(ctx context.Context, node *lab.Node) (map[string]bool, error) {
	pods, err := c.client.CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{
		LabelSelector: "tier=control-plane", FieldSelector: "spec.nodeName=" + node.Name,
	})
	if err != nil {
		return nil, err
	}
	ready := map[string]bool{}
	for _, pod := range pods.Items {
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				ready[pod.Labels["component"]] = true
			}
		}
	}
	return ready, nil
}

// SetEtcdFlags writes the first node's etcd anew with more flags, and does not
// wait for it.
func (c *Cluster) SetEtcdFlags(ctx context.Context, flags []kubeadm.Arg) error {
	file, err := c.clusterDocument(ctx, nil, nil)
	if err != nil {
		return err
	}
	var namesAndValues []string
	for _, flag := range flags {
		namesAndValues = append(namesAndValues, flag.Name, flag.Value)
	}
	file = add(file, document{"etcd": map[string]any{"local": map[string]any{"extraArgs": c.arguments(namesAndValues...)}}})
	if err := c.writeClusterFile(c.nodes[0], file); err != nil {
		return err
	}
	return c.phase(ctx, c.nodes[0], "etcd local", clusterFile)
}
