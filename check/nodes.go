package check

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubetrace/tracing"
)

// ignored says whether nothing of a node is judged: by the options, or since no
// component of it can send to a collector of ours.
func (i *inspector) ignored(node *corev1.Node) bool {
	return isVirtual(node) || isSimulated(node) || isWindows(node) ||
		i.options.IgnoreNodes != nil && i.options.IgnoreNodes.Matches(labels.Set(node.Labels))
}

// isVirtual says whether a program that is no kubelet answers for a node, or one that
// only its provider can configure and where no DaemonSet runs.
// Sources: github.com/virtual-kubelet/virtual-kubelet, cmd/virtual-kubelet/main.go (the
// version "v1.19.1-vk-…"), internal/commands/root (label and taint);
// https://docs.aws.amazon.com/eks/latest/userguide/fargate.html.
func isVirtual(node *corev1.Node) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == "virtual-kubelet.io/provider" {
			return true
		}
	}
	return node.Labels["type"] == "virtual-kubelet" || node.Labels["eks.amazonaws.com/compute-type"] == "fargate" ||
		strings.Contains(node.Status.NodeInfo.KubeletVersion, "-vk-")
}

// isSimulated says whether a node is there only as an object.
// Source: https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/.
func isSimulated(node *corev1.Node) bool {
	const mark = "kwok.x-k8s.io/node"
	return node.Annotations[mark] == "fake" || node.Labels[mark] == "fake"
}

// isWindows says whether a node is of Windows, where the collector does not run.
func isWindows(node *corev1.Node) bool {
	return node.Labels[corev1.LabelOSStable] == "windows" || node.Status.NodeInfo.OperatingSystem == "windows"
}

// isReady says whether a node is ready, as far as it says.
func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return true
}

// hasProcess says whether a process of a component was given of a node.
func (i *inspector) hasProcess(node *corev1.Node, component tracing.Component) bool {
	return slices.ContainsFunc(i.Processes[node.Name], func(p Process) bool { return p.Component == component })
}

// isControlPlane says whether a node has the label that kubeadm gives, or a pod of the
// control plane: the label is taken away where load balancers are to choose the node.
func (i *inspector) isControlPlane(node *corev1.Node) bool {
	for _, label := range []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"} {
		if _, ok := node.Labels[label]; ok {
			return true
		}
	}
	for _, pod := range i.pods[node.Name] {
		if isStatic(pod) && (containerOf(pod, tracing.ComponentEtcd) != nil || containerOf(pod, tracing.ComponentAPIServer) != nil) {
			return true
		}
	}
	return false
}
