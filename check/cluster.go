package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/gates"
	"kubetrace/internal/staticpod"
	"kubetrace/tracing"
)

// Cluster compares a cluster with what the spec says, and returns what is not so,
// the worst first, or an empty list. It judges
//
//   - of every control-plane node the pods of etcd (unless it is external) and
//     kube-apiserver: flags and variables, as their releases take them, feature
//     gates, the mount of the tracing file, and whether they run;
//   - of every node the kubelet's live configuration, and the ConfigMap that
//     kubelets to come read;
//   - the collector's DaemonSet and ConfigMap, a running pod on every node whose
//     components send, and who has taken its ports if there is none;
//   - where they are given, kube-apiserver's tracing file, and what containerd's
//     configuration says of tracing without effect.
//
// The gateway and the backend are not judged, nor, where the OpenTelemetry operator
// makes the collector, what it writes into its DaemonSet and ConfigMap. What the spec
// disables or the release cannot do is not judged either. Fields that the
// API server or others have added to the collector's objects are no findings. The
// error is a *tracing.InvalidSpecError.
func Cluster(spec tracing.TracingSpec, state State) ([]Finding, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return ClusterFor(r, state), nil
}

// ClusterFor is Cluster of a spec that is resolved already.
func ClusterFor(r tracing.Resolved, state State) []Finding {
	i := &inspector{Resolved: r, State: state}
	if len(state.Nodes) == 0 {
		i.find(Finding{Component: tracing.ComponentKubelet, Setting: "nodes", Want: "all nodes", Have: "none", Severity: Unseen, Cure: "Give the nodes: kubectl get nodes -o yaml"})
	}
	controlPlane := 0
	for _, node := range state.Nodes {
		if i.isControlPlane(node) {
			controlPlane++
			i.etcd(node)
			i.apiServer(node)
		}
		i.kubelet(node)
		i.containerd(node)
	}
	if len(state.Nodes) > 0 && controlPlane == 0 {
		i.find(Finding{Component: tracing.ComponentAPIServer, Setting: "nodes", Want: "nodes with the label node-role.kubernetes.io/control-plane", Have: "none", Severity: Unseen, Cure: "Give all nodes: kubectl get nodes -o yaml. A control plane that is not on nodes cannot be judged"})
	}
	i.strangers()
	i.kubeletConfig()
	i.collector()
	return sorted(i.findings)
}

// inspector collects findings.
type inspector struct {
	tracing.Resolved
	State
	findings []Finding
}

func (i *inspector) find(f Finding) { i.findings = append(i.findings, f) }

// isControlPlane says whether a node has the label that kubeadm gives, or a pod of the
// control plane: the label is taken away where load balancers are to choose the node.
func (i *inspector) isControlPlane(node corev1.Node) bool {
	for _, label := range []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"} {
		if _, ok := node.Labels[label]; ok {
			return true
		}
	}
	for _, component := range []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer} {
		if pod, _ := (on{i, component, node.Name}).staticPod(); pod != nil && isStatic(pod) {
			return true
		}
	}
	return false
}

// isStatic says whether a pod stands for one of a node's manifests.
func isStatic(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return mirror
}

// strangers finds what was given of nodes that were not.
func (i *inspector) strangers() {
	if len(i.Nodes) == 0 {
		return
	}
	known := map[string]bool{}
	for _, node := range i.Nodes {
		known[node.Name] = true
	}
	missing := func(component tracing.Component, node, what string) {
		if !known[node] {
			i.find(Finding{Component: component, Node: node, Setting: "node", Want: "among the nodes", Have: "only in " + what, Severity: Unseen,
				Cure: "Give all nodes: kubectl get nodes -o yaml. A file is given by the name of its node"})
		}
	}
	for _, node := range slices.Sorted(maps.Keys(i.Configz)) {
		missing(tracing.ComponentKubelet, node, "a configz")
	}
	for _, node := range slices.Sorted(maps.Keys(i.TracingFiles)) {
		missing(tracing.ComponentAPIServer, node, "a tracing file")
	}
	for _, node := range slices.Sorted(maps.Keys(i.Containerd)) {
		missing(runtimeComponent, node, "a configuration of containerd")
	}
	for p := range i.Pods {
		pod := &i.Pods[p]
		if component := pod.Labels["component"]; pod.Namespace == "kube-system" && isStatic(pod) && pod.Spec.NodeName != "" &&
			(component == string(tracing.ComponentEtcd) || component == string(tracing.ComponentAPIServer)) {
			missing(tracing.Component(component), pod.Spec.NodeName, "a pod")
		}
	}
}

// on is a component on a node, for what is found there.
type on struct {
	*inspector
	component tracing.Component
	node      string
}

func (o on) add(severity Severity, setting, want, have, format string, args ...any) {
	o.find(Finding{Component: o.component, Node: o.node, Setting: setting, Want: want, Have: have, Severity: severity, Cure: fmt.Sprintf(format, args...)})
}

// staticPod returns the pod of a component on a node and its container: one that
// stands for a manifest before another that has such a container.
func (o on) staticPod() (pod *corev1.Pod, container *corev1.Container) {
	for p := range o.Pods {
		other := &o.Pods[p]
		if other.Namespace != "kube-system" || nodeOf(other) != o.node || over(other) || pod != nil && !isStatic(other) {
			continue
		}
		for c := range other.Spec.Containers {
			if other.Spec.Containers[c].Name == string(o.component) {
				pod, container = other, &other.Spec.Containers[c]
			}
		}
	}
	return pod, container
}

// over says whether a pod has ended for good.
func over(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// nodeOf is the node that a pod is or will be on: the pods of a DaemonSet say so
// before the scheduler does.
func nodeOf(pod *corev1.Pod) string {
	if pod.Spec.NodeName != "" || pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil {
		return pod.Spec.NodeName
	}
	required := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil {
		return ""
	}
	for _, term := range required.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key == "metadata.name" && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}

const notReady = "running and not ready"

// trouble says why a container does not run, or nothing where it does.
func trouble(pod *corev1.Pod, container string) string {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != container {
			continue
		}
		last := ""
		if ended := status.LastTerminationState.Terminated; ended != nil {
			last = fmt.Sprintf(", ended with %d", ended.ExitCode)
		}
		switch {
		case status.State.Waiting != nil:
			message := strings.Join(strings.Fields(status.State.Waiting.Message), " ")
			return strings.TrimSuffix(status.State.Waiting.Reason+last+": "+message, ": ")
		case status.State.Terminated != nil:
			return fmt.Sprintf("ended with %d", status.State.Terminated.ExitCode)
		case status.State.Running != nil && !status.Ready:
			return notReady
		}
		return ""
	}
	if pod.Status.Phase == corev1.PodRunning || pod.Status.Phase == "" {
		return ""
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Status == corev1.ConditionFalse && condition.Message != "" {
			return string(pod.Status.Phase) + ": " + condition.Message
		}
	}
	return string(pod.Status.Phase)
}

// running finds a container that does not run, unless a finding says why already.
func (o on) running(pod *corev1.Pod) {
	why := trouble(pod, string(o.component))
	if why == "" || slices.ContainsFunc(o.findings, func(f Finding) bool {
		return f.Component == o.component && f.Node == o.node && f.Severity == RefusesToStart
	}) {
		return
	}
	if pod.Status.Phase == corev1.PodPending && len(pod.Status.ContainerStatuses) == 0 {
		o.add(Unseen, "pod "+pod.Name, "running", why, "Wait a minute or two and look again: the kubelet has started it anew, and has yet to say how it is")
		return
	}
	if why == notReady {
		o.add(Stale, "pod "+pod.Name, "ready", why, "Wait, or look at its log: kubectl -n %s logs %s", pod.Namespace, pod.Name)
		return
	}
	o.add(RefusesToStart, "pod "+pod.Name, "running", why, "Look at its log: kubectl -n %s logs %s, or crictl logs on the node", pod.Namespace, pod.Name)
}

// flagsOf reads a container's flags. The last of a name is the one that holds, but
// for gates, which add up. The components of Kubernetes read _ as -.
func flagsOf(c *corev1.Container) map[string]string {
	flags := map[string]string{}
	all := slices.Concat(c.Command, c.Args)
	for i := 0; i < len(all); i++ {
		text := all[i]
		if !strings.HasPrefix(text, "-") {
			continue
		}
		name, value, with := strings.Cut(strings.TrimLeft(text, "-"), "=")
		if !with {
			value = "true"
			if i+1 < len(all) && !strings.HasPrefix(all[i+1], "-") {
				value = all[i+1]
				i++
			}
		}
		name = staticpod.FlagName(tracing.Component(c.Name), name)
		if before := flags[name]; name == gates.Flag && before != "" {
			value = before + "," + value
		}
		flags[name] = value
	}
	return flags
}

// quoted is a value that may be nothing.
func quoted(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}
