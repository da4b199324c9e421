package apply_test

import (
	"errors"
	"fmt"

	"kubetrace/apply"
	"kubetrace/tracing"
)

// What people wrote stays as it was, comments included.
func ExampleDocuments() {
	theirs := `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 200 # small pods
`
	result, err := apply.Documents(tracing.TracingSpec{KubernetesVersion: "1.34"}, []byte(theirs), apply.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.Text))
	before, err := apply.Undo(result.Text, result.Receipt)
	fmt.Println(string(before) == theirs, err)
	// Output:
	// apiVersion: kubelet.config.k8s.io/v1beta1
	// kind: KubeletConfiguration
	// maxPods: 200 # small pods
	// tracing:
	//   endpoint: 127.0.0.1:4317
	//   samplingRatePerMillion: 10000
	// true <nil>
}

// Flags in a spelling that the release's etcd no longer takes are replaced.
func ExampleDocuments_stale() {
	theirs := `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
etcd:
  local:
    extraArgs:
    - name: experimental-enable-distributed-tracing
      value: "true"
`
	result, err := apply.Documents(tracing.TracingSpec{KubernetesVersion: "1.37"}, []byte(theirs), apply.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range result.Replaced {
		fmt.Printf("line %d: %s=%s, now %s\n", r.Line, r.Name, r.Old, r.New)
	}
	// Output:
	// line 7: etcd --experimental-enable-distributed-tracing=true, now --enable-distributed-tracing=true
}

// What somebody meant otherwise is not replaced unless asked to.
func ExampleDocuments_conflict() {
	theirs := `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tracing:
  endpoint: otel.example.com:4317
`
	_, err := apply.Documents(tracing.TracingSpec{KubernetesVersion: "1.34"}, []byte(theirs), apply.Options{})
	var conflict *apply.ConflictError
	if errors.As(err, &conflict) {
		fmt.Println(conflict.Setting, conflict.Have, conflict.Want)
	}
	fmt.Println(err)
	// Output:
	// tracing.endpoint otel.example.com:4317 127.0.0.1:4317
	// line 4: KubeletConfiguration: tracing.endpoint is otel.example.com:4317 and the spec says 127.0.0.1:4317: write 127.0.0.1:4317: spans leave the node in plain text, or set Options.Overwrite
}

// Without a receipt, what has the spec's values is taken out.
func ExampleRemove() {
	theirs := `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 1000000
`
	removed, err := apply.Remove(tracing.TracingSpec{KubernetesVersion: "1.34"}, []byte(theirs), apply.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(removed.Text))
	for _, left := range removed.Left {
		fmt.Printf("line %d: %s is %s\n", left.Line, left.Name, left.Old)
	}
	// Output:
	// apiVersion: kubelet.config.k8s.io/v1beta1
	// kind: KubeletConfiguration
	// tracing:
	//   samplingRatePerMillion: 1000000
	// line 5: tracing.samplingRatePerMillion is 1000000
}

func ExampleDeletions() {
	objects, err := apply.Deletions(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, object := range objects {
		fmt.Println(object.GetObjectKind().GroupVersionKind().Kind)
	}
	// Output:
	// DaemonSet
	// ConfigMap
	// ServiceAccount
	// Namespace
	// Service
	// Deployment
	// Namespace
}
