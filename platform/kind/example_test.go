package kind_test

import (
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

func ExampleCluster() {
	base := &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}}}
	cluster, err := kind.Cluster(tracing.TracingSpec{KubernetesVersion: "1.29.1"}, base, "/srv/bundle")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, node := range cluster.Nodes {
		fmt.Println(node.Role, node.Image, node.ExtraMounts)
	}
	fmt.Println(len(cluster.KubeadmConfigPatches), "patches")
	// Output:
	// control-plane kindest/node:v1.29.1 [{/etc/kubernetes/tracing-config.yaml /srv/bundle/apiserver/tracing-config.yaml true false }]
	// worker kindest/node:v1.29.1 []
	// 2 patches
}
