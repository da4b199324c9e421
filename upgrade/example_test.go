package upgrade_test

import (
	"fmt"

	"kubetrace/apply"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

// Before 1.37, flags that were written for 1.33 have to go.
func ExamplePlan() {
	steps, err := upgrade.Plan(tracing.TracingSpec{KubernetesVersion: "1.36"}, upgrade.Target{KubernetesVersion: "v1.37.2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range steps[0].Phase(upgrade.Before) {
		fmt.Printf("%s: %q becomes %q\n", change.Component, change.Old, change.New)
	}
	stored := `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.3
etcd:
  local:
    extraArgs:
    - name: experimental-enable-distributed-tracing
      value: "true"
`
	result, err := steps[0].ClusterConfiguration([]byte(stored), apply.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range result.Replaced {
		fmt.Println(r.Name, "is now", r.New)
	}
	// Output:
	// kubelet: "APIServerTracing" becomes ""
	// kubelet: "APIServerTracing" becomes ""
	// kubelet: "APIServerTracing" becomes ""
	// kube-apiserver: "kubeadm.k8s.io/v1beta3" becomes "kubeadm.k8s.io/v1beta4"
	// etcd: "--experimental-enable-distributed-tracing and its like" becomes "--enable-distributed-tracing and its like"
	// kube-apiserver: "APIServerTracing" becomes ""
	// kube-proxy: "APIServerTracing" becomes ""
	// etcd --experimental-enable-distributed-tracing is now --enable-distributed-tracing=true
}
