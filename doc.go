// Package kubetrace turns one [tracing.TracingSpec] into everything that a
// Kubernetes cluster needs so that etcd, kube-apiserver, kubelet and the container
// runtime send OpenTelemetry traces to a collector on their node and on to a backend.
//
//	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.34"})
//	if err != nil {
//		return err
//	}
//	files, err := bundle.FS() // or the typed objects in bundle
//	if err != nil {
//		return err
//	}
//	return os.CopyFS("out", files)
//
// The flow goes one way, and every step is a pure function:
//
//		TracingSpec → Resolve → etcd, apiserver, kubelet, containerd, crio, collector, gateway, backend → Bundle → platform
//
//	  - [kubetrace/release]: what is known of the releases of Kubernetes, etcd, the
//	    collector, containerd and CRI-O
//	  - [kubetrace/tracing]: the spec, its defaults and validation, and Marshal for
//	    every typed output
//	  - [kubetrace/etcd], [kubetrace/apiserver], [kubetrace/kubelet]: what each
//	    component needs, typed
//	  - [kubetrace/containerd], [kubetrace/crio]: the same for the nodes' container
//	    runtime, where the spec names it
//	  - [kubetrace/kubeadm]: typed kubeadm patches, merged and written in the API
//	    version that a release reads
//	  - [kubetrace/collector]: the OpenTelemetry Collector on every node
//	  - [kubetrace/gateway]: a tier of collectors between the nodes and the backend
//	  - [kubetrace/collector/operator]: the collector of the nodes as a resource of
//	    the OpenTelemetry operator
//	  - [kubetrace/backend]: Jaeger in memory, for a first look
//	  - [kubetrace/platform/kind]: a kind cluster
//	  - [kubetrace/apply]: tracing in documents that others wrote, and out of them
//	  - [kubetrace/check]: what of a cluster is not as the spec says
//	  - [kubetrace/upgrade]: what has to change from one release to the next
//
// Nothing reads the clock, the environment, a file, the network or a random
// source: the same spec gives the same bytes. Only tracing.Resolve rejects a
// spec. Inputs are never changed, and what is returned is the caller's.
//
// The module path has no dot, so a program of your own needs a replace line (or
// a workspace) beside the require line:
//
//	require kubetrace v0.0.0
//	replace kubetrace => ../kubetrace
package kubetrace
