package check_test

import (
	"fmt"

	"kubetrace/check"
	"kubetrace/tracing"
)

func ExampleCluster() {
	// kubectl get nodes,pods -A -o yaml
	state, err := check.Read([]byte(`kind: List
items:
- kind: Node
  metadata: {name: a, labels: {node-role.kubernetes.io/control-plane: ""}}
- kind: Pod
  metadata: {name: etcd-a, namespace: kube-system}
  spec:
    nodeName: a
    containers:
    - name: etcd
      image: registry.k8s.io/etcd:3.7.0-0
      command: [etcd, --experimental-enable-distributed-tracing=true]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := check.Cluster(tracing.TracingSpec{KubernetesVersion: "1.37"}, state)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(findings[0].Component, findings[0].Severity)
	fmt.Println(findings[0].Cure)
	// Output:
	// etcd refuses to start
	// Write it as --enable-distributed-tracing: etcd 3.7.0-0 does not have the flag
}
