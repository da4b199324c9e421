package kind

import (
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/yamldoc"
)

// Load reads a kind configuration of one cluster from YAML or JSON, strictly as
// kind does: a field that is unknown or written twice is an error, as is a second
// document. kind's own
// reader cannot be imported.
func Load(data []byte) (*v1alpha4.Cluster, error) {
	document, err := yamldoc.Only(data)
	if err != nil {
		return nil, fmt.Errorf("read a kind cluster: %w", err)
	}
	asJSON, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, fmt.Errorf("read a kind cluster: %w", err)
	}
	cluster := &v1alpha4.Cluster{}
	strict, err := kjson.UnmarshalStrict(asJSON, cluster)
	if err := errors.Join(append(strict, err)...); err != nil {
		return nil, fmt.Errorf("read a kind cluster: %w", err)
	}
	if cluster.APIVersion != apiVersion || cluster.Kind != clusterKind {
		return nil, fmt.Errorf("read a kind cluster: it is of apiVersion %q and kind %q: write %q and %q", cluster.APIVersion, cluster.Kind, apiVersion, clusterKind)
	}
	return cluster, nil
}
