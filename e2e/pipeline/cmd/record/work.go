package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/cluster"
)

func sleepFor(ctx context.Context, _ *cluster.Cluster, duration time.Duration) error {
	return sleep(ctx, duration)
}

// work has clients use the cluster: Deployments that come, grow and go, objects
// that change, lists, watches and kubectl.
func work(ctx context.Context, c *cluster.Cluster, duration time.Duration) error {
	// Not a deadline: a client that knows one gives up before it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	time.AfterFunc(duration, cancel)
	clients := []func(context.Context, *cluster.Cluster, int) error{deployments, objects, objects, lists, kubectl}
	errs := make([]error, len(clients))
	var wait sync.WaitGroup
	for i, client := range clients {
		wait.Go(func() {
			for round := 0; ctx.Err() == nil && errs[i] == nil; round++ {
				if err := client(ctx, c, 1000*i+round); ctx.Err() == nil {
					errs[i] = err
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// deployments creates a Deployment, scales and deletes it.
func deployments(ctx context.Context, c *cluster.Cluster, round int) error {
	api := c.Client().AppsV1().Deployments("default")
	name, one := fmt.Sprintf("work-%d", round), int32(1)
	labels := map[string]string{"app": name}
	if _, err := api.Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "pause", Image: c.Set.PauseImage()}}},
			},
		},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := sleep(ctx, 4*time.Second); err != nil {
		return err
	}
	scale := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, Spec: autoscalingv1.ScaleSpec{Replicas: 4}}
	if _, err := api.UpdateScale(ctx, name, scale, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := sleep(ctx, 6*time.Second); err != nil {
		return err
	}
	return api.Delete(ctx, name, metav1.DeleteOptions{})
}

// objects creates a ConfigMap, watches it change and deletes it.
func objects(ctx context.Context, c *cluster.Cluster, round int) error {
	api := c.Client().CoreV1().ConfigMaps("default")
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("work-%d", round)}, Data: map[string]string{"key": "value"}}
	object, err := api.Create(ctx, object, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	watch, err := api.Watch(ctx, metav1.SingleObject(object.ObjectMeta))
	if err != nil {
		return err
	}
	defer watch.Stop()
	for i := range 5 {
		object.Data["key"] = fmt.Sprint(i)
		if object, err = api.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
			return err
		}
		if _, err := api.Get(ctx, object.Name, metav1.GetOptions{}); err != nil {
			return err
		}
	}
	return api.Delete(ctx, object.Name, metav1.DeleteOptions{})
}

// lists reads what a controller reads when it starts.
func lists(ctx context.Context, c *cluster.Cluster, _ int) error {
	core, apps := c.Client().CoreV1(), c.Client().AppsV1()
	_, pods := core.Pods("").List(ctx, metav1.ListOptions{})
	_, some := core.Pods("").List(ctx, metav1.ListOptions{Limit: 2})
	_, nodes := core.Nodes().List(ctx, metav1.ListOptions{})
	_, events := core.Events("").List(ctx, metav1.ListOptions{})
	_, sets := apps.ReplicaSets("").List(ctx, metav1.ListOptions{})
	return errors.Join(pods, some, nodes, events, sets, sleep(ctx, 200*time.Millisecond))
}

// kubectl is what a person does.
func kubectl(ctx context.Context, c *cluster.Cluster, _ int) error {
	for _, arguments := range [][]string{{"get", "pods", "-A"}, {"get", "nodes", "-o", "wide"}, {"describe", "deployments"}, {"get", "events"}} {
		if _, err := c.Kubectl(ctx, arguments...); err != nil {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}
