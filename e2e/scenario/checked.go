package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kubetrace/check"
	"kubetrace/e2e/lab"
	"kubetrace/tracing"
)

// Checked says whether package check finds nothing in the cluster, asked as its
// documentation says. What was just started may take a moment to be ready.
func (r *Run) Checked(ctx context.Context) error {
	return lab.Wait(ctx, 5*time.Minute, "a cluster without findings", time.Second, func(ctx context.Context) error {
		findings, err := r.findings(ctx)
		return errors.Join(err, unwanted(findings))
	})
}

// findings are what check finds in the cluster as it is.
func (r *Run) findings(ctx context.Context) ([]check.Finding, error) {
	files, err := r.collect(ctx)
	if err != nil {
		return nil, err // kube-apiserver may be restarting
	}
	return judge(r.spec, files)
}

// unwanted is an error where there are findings.
func unwanted(findings []check.Finding) error {
	var errs []error
	for _, finding := range findings {
		errs = append(errs, fmt.Errorf("a false finding: %s", finding))
	}
	return errors.Join(errs...)
}

// collect are the files that examples/check -help has a person collect: the cluster
// as kubectl shows it, kube-apiserver's file of each control-plane node, and containerd's
// variables.
func (r *Run) collect(ctx context.Context) (map[string]string, error) {
	commands := map[string][]string{
		"nodes.yaml":       {"get", "nodes,namespaces", "-o", "yaml"},
		"pods.yaml":        {"get", "pods", "-A", "-o", "yaml"},
		"kube-system.yaml": {"-n", "kube-system", "get", "configmaps", "-o", "yaml"},
		"collector.yaml":   {"-n", "kubetrace-system", "get", "configmaps,daemonsets,events", "-o", "yaml"},
	}
	for _, node := range r.Cluster.Nodes() {
		commands["configz-"+node.Name+".json"] = []string{"get", "--raw", "/api/v1/nodes/" + node.Name + "/proxy/configz"}
	}
	files := map[string]string{}
	for file, arguments := range commands {
		text, err := r.Cluster.Kubectl(ctx, arguments...)
		if err != nil {
			return nil, err
		}
		files[file] = text
	}
	for _, node := range r.Cluster.ControlPlane() {
		text, err := node.ReadFile(r.resolved.Spec().APIServer.ConfigFile)
		if err != nil {
			return nil, err
		}
		files["tracing-"+node.Name+".yaml"] = string(text)
	}
	if r.Plan.Containerd == "" {
		return files, nil
	}
	for _, node := range r.Cluster.Nodes() {
		text, err := node.Output(ctx, "sh", "-c", containerdEnvironment)
		if err != nil {
			return nil, err
		}
		files["containerd-"+node.Name+".env"] = text
	}
	return files, nil
}

// containerdEnvironment prints the environment of a node's containerd, which is never
// empty.
const containerdEnvironment = `for process in /proc/[0-9]*; do
	[ "$(cat $process/comm 2>/dev/null)" = containerd ] && tr '\0' '\n' < $process/environ
done; true`

// judge has check judge such files.
func judge(spec tracing.TracingSpec, files map[string]string) ([]check.Finding, error) {
	var state check.State
	for _, file := range slices.Sorted(maps.Keys(files)) {
		state.AddFile(file, []byte(files[file]))
	}
	return check.Cluster(spec, state)
}
