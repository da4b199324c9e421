package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kubetrace/check"
	"kubetrace/e2e/lab"
)

// Checked says whether package check finds nothing in the cluster, asked as its
// documentation says. What was just started may take a moment to be ready.
func (r *Run) Checked(ctx context.Context) error {
	return lab.Wait(ctx, 5*time.Minute, "a cluster without findings", time.Second, func(ctx context.Context) error {
		state, err := r.state(ctx)
		if err != nil {
			return err
		}
		findings, err := check.Cluster(r.spec, state)
		if err != nil {
			return err
		}
		var errs []error
		for _, finding := range findings {
			errs = append(errs, fmt.Errorf("%s", finding))
		}
		return errors.Join(errs...)
	})
}

// state is the cluster as kubectl shows it, and kube-apiserver's file.
func (r *Run) state(ctx context.Context) (state check.State, err error) {
	for _, arguments := range [][]string{
		{"get", "nodes", "-o", "yaml"},
		{"get", "pods", "-A", "-o", "yaml"},
		{"-n", "kube-system", "get", "configmaps", "-o", "yaml"},
		{"-n", "kubetrace-system", "get", "configmaps,daemonsets", "-o", "yaml"},
	} {
		text, err := r.Cluster.Kubectl(ctx, arguments...)
		if err != nil {
			return state, err
		}
		if err := state.Add([]byte(text)); err != nil {
			return state, err
		}
	}
	for _, node := range r.Cluster.Nodes() {
		text, err := r.Cluster.Kubectl(ctx, "get", "--raw", "/api/v1/nodes/"+node.Name+"/proxy/configz")
		if err != nil {
			return state, err
		}
		if err := state.AddConfigz(node.Name, []byte(text)); err != nil {
			return state, err
		}
	}
	state.TracingFiles = map[string][]byte{}
	for _, node := range r.Cluster.ControlPlane() {
		if state.TracingFiles[node.Name], err = node.ReadFile(r.resolved.Spec().APIServer.ConfigFile); err != nil {
			return state, err
		}
	}
	return state, nil
}
