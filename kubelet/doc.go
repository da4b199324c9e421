// Package kubelet generates what kubelets need to send traces: a fragment of
// their KubeletConfiguration, and a kubeadm patch with it.
//
// The fragment holds tracing and, for kubelet 1.25 and 1.26, the gate
// KubeletTracing, and nothing else. Print it with tracing.Marshal: every other
// marshaller also prints some twenty fields that are zero, which as a drop-in
// (--config-dir) or a patch reset the node's settings.
//
// Kubelets before 1.25 have no tracing. One configuration reaches all nodes, so
// TracingSpec.KubeletVersion, the oldest kubelet, decides. Before 1.30 a kubelet
// has no usable --config-dir, which a warning says.
//
// Upstream: k8s.io/kubelet config/v1beta1/types.go and k8s.io/kubernetes
// cmd/kubelet/app/server.go.
package kubelet
