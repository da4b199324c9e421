package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/google/go-cmp/cmp"
)

// Remember keeps what each kubelet says of its configuration while it is traced.
func (r *Run) Remember(ctx context.Context) error {
	r.configz = map[string]map[string]any{}
	for _, node := range r.Cluster.Nodes() {
		config, err := r.configOf(ctx, node.Name)
		if err != nil {
			return err
		}
		want := map[string]any{"endpoint": r.resolved.ComponentEndpoint(), "samplingRatePerMillion": 1e6}
		if diff := cmp.Diff(any(want), config["tracing"]); diff != "" {
			return fmt.Errorf("tracing in the configz of %s (-want +got):\n%s", node.Name, diff)
		}
		r.configz[node.Name] = config
	}
	return nil
}

// Compare says whether each kubelet's configuration is what it was while it was
// traced, but for tracing.
func (r *Run) Compare(ctx context.Context) error {
	var errs []error
	for _, node := range r.Cluster.Nodes() {
		got, err := r.configOf(ctx, node.Name)
		if err != nil {
			return err
		}
		want := maps.Clone(r.configz[node.Name])
		if want == nil {
			return fmt.Errorf("nobody remembers the configz of %s", node.Name)
		}
		delete(want, "tracing")
		if diff := cmp.Diff(want, got); diff != "" {
			errs = append(errs, fmt.Errorf("the configz of %s differs in more than tracing (-traced +not traced):\n%s", node.Name, diff))
		}
	}
	return errors.Join(errs...)
}

// configOf is the live configuration of a kubelet.
func (r *Run) configOf(ctx context.Context, node string) (map[string]any, error) {
	text, err := r.Cluster.Client().CoreV1().RESTClient().Get().AbsPath("/api/v1/nodes/" + node + "/proxy/configz").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("configz of %s: %w", node, err)
	}
	var answer struct {
		Config map[string]any `json:"kubeletconfig"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("configz of %s: %w", node, err)
	}
	if len(answer.Config) == 0 {
		return nil, fmt.Errorf("configz of %s is empty: %s", node, text)
	}
	return answer.Config, nil
}
