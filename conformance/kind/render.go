package kubetrace

import (
	"fmt"

	"sigs.k8s.io/kind/pkg/cluster/internal/kubeadm"
	"sigs.k8s.io/kind/pkg/internal/apis/config"
	"sigs.k8s.io/kind/pkg/internal/apis/config/encoding"
	"sigs.k8s.io/kind/pkg/internal/patch"
)

// render returns the kubeadm documents that kind writes to the first
// control-plane node, where kubeadm init reads them.
//
// Source: getKubeadmConfig in pkg/cluster/internal/create/actions/config of
// kind, which needs running nodes.
func render(kindYAML []byte, version string) (string, error) {
	cluster, err := encoding.Parse(kindYAML)
	if err != nil {
		return "", fmt.Errorf("kind does not read the configuration: %w", err)
	}
	if cluster.Name == "" {
		cluster.Name = "kind" // as kind create cluster does
	}
	if err := cluster.Validate(); err != nil {
		return "", fmt.Errorf("kind refuses the configuration: %w", err)
	}
	var node config.Node
	for _, node = range cluster.Nodes {
		if node.Role == config.ControlPlaneRole {
			break
		}
	}
	text, err := kubeadm.Config(kubeadm.ConfigData{
		ClusterName:          cluster.Name,
		KubernetesVersion:    version,
		ControlPlaneEndpoint: "kind-control-plane:6443",
		APIBindPort:          6443,
		ControlPlane:         true,
		NodeAddress:          "172.18.0.2",
		NodeName:             "kind-control-plane",
		Token:                kubeadm.Token,
		KubeProxyMode:        string(cluster.Networking.KubeProxyMode),
		PodSubnet:            cluster.Networking.PodSubnet,
		ServiceSubnet:        cluster.Networking.ServiceSubnet,
		FeatureGates:         cluster.FeatureGates,
		IPFamily:             cluster.Networking.IPFamily,
	})
	if err != nil {
		return "", err
	}
	text, err = patch.KubeYAML(text, cluster.KubeadmConfigPatches, cluster.KubeadmConfigPatchesJSON6902)
	if err != nil {
		return "", fmt.Errorf("kind does not apply the cluster's patches: %w", err)
	}
	text, err = patch.KubeYAML(text, node.KubeadmConfigPatches, node.KubeadmConfigPatchesJSON6902)
	if err != nil {
		return "", fmt.Errorf("kind does not apply the node's patches: %w", err)
	}
	return text, nil
}
