package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// presence says whether a collector runs wherever components send, as its pods or else
// the status of the DaemonSet has it. want says which nodes and pods, have what is
// there.
func (r reporter) presence(want, have *appsv1.DaemonSet) {
	before := len(r.findings)
	unjudged := r.onNodes(want, have)
	if len(r.findings) == before {
		r.rollout(have, unjudged)
	}
}

// rollout finds a change that has not arrived everywhere. Pods on nodes that are not
// judged, such as virtual ones, may never be ready.
func (r reporter) rollout(have *appsv1.DaemonSet, unjudged int32) {
	status := have.Status
	desired := status.DesiredNumberScheduled
	switch {
	case status.ObservedGeneration < have.Generation:
		r.add(Stale, "status.observedGeneration", fmt.Sprint(have.Generation), fmt.Sprint(status.ObservedGeneration), "Wait: the change has not been seen yet")
	case status.UpdatedNumberScheduled < desired-unjudged:
		r.add(Stale, "status.updatedNumberScheduled", fmt.Sprint(desired), fmt.Sprint(status.UpdatedNumberScheduled), "Wait for the rollout: kubectl -n %s rollout status daemonset %s", have.Namespace, have.Name)
	case status.NumberReady < desired-unjudged:
		r.add(NoTraces, "status.numberReady", fmt.Sprint(desired), fmt.Sprint(status.NumberReady), "Look at the pods: kubectl -n %s get pods -o wide", have.Namespace)
	}
}

// onNodes says whether a collector runs on every node whose components send. It returns
// how many pods are on nodes that are not judged.
func (r reporter) onNodes(want, have *appsv1.DaemonSet) (unjudged int32) {
	ofNamespace := func(p corev1.Pod) bool { return p.Namespace == want.Namespace }
	if have.Status.NumberReady > 0 && len(r.Nodes) > 0 && !slices.ContainsFunc(r.Pods, ofNamespace) {
		r.add(Unseen, "pods", "the collector's pods", "none", "Give them: kubectl get pods -A -o yaml")
		return 0
	}
	var unexplained []*corev1.Node
	for n := range r.Nodes {
		node := &r.Nodes[n]
		here := reporter{inspector: r.inspector, component: r.component, node: node.Name}
		running, gone := here.collectorPods(want)
		switch {
		case r.ignored(node):
			if running != nil || gone != nil {
				unjudged++
			}
		case !r.isControlPlane(node) && !chosen(want, node):
		case running != nil:
			here.collectorPod(want, running)
		case gone != nil:
			here.gone(gone)
		case !here.keptOff(want, have, node):
			unexplained = append(unexplained, node)
		}
	}
	r.notMade(have, unexplained)
	return unjudged
}

// collectorPods returns the collector's pod on a node: one that runs before another.
// Where none runs or is about to, it returns the last that has ended or is terminating.
func (r reporter) collectorPods(want *appsv1.DaemonSet) (running, gone *corev1.Pod) {
	for _, pod := range r.pods[r.node] {
		switch {
		case !isCollector(want, pod):
		case pod.DeletionTimestamp != nil || terminated(pod):
			gone = pod
		case running == nil || whyNotRunning(pod, want.Spec.Template.Spec.Containers[0].Name) == "":
			running = pod
		}
	}
	return running, gone
}

// isCollector says whether a pod is the DaemonSet's.
func isCollector(want *appsv1.DaemonSet, pod *corev1.Pod) bool {
	return pod.Namespace == want.Namespace && labelled(pod.Labels, want.Spec.Selector.MatchLabels)
}

// chosen says whether our DaemonSet is meant for a node.
func chosen(want *appsv1.DaemonSet, node *corev1.Node) bool {
	spec := want.Spec.Template.Spec
	return labelled(node.Labels, spec.NodeSelector) && spec.Affinity == nil // which is for control-plane nodes
}

func labelled(have, want map[string]string) bool {
	for key, value := range want {
		if have[key] != value {
			return false
		}
	}
	return true
}

// collectorPod judges a pod that is to run.
func (r reporter) collectorPod(want *appsv1.DaemonSet, pod *corev1.Pod) {
	why := whyNotRunning(pod, want.Spec.Template.Spec.Containers[0].Name)
	if why == "" {
		return
	}
	if port, by := r.portTaken(want); by != "" && !waitsForImage(why) {
		r.add(NoTraces, "port "+fmt.Sprint(port), "free", "taken by "+by, "Move one of them: the endpoint, collector.healthPort or collector.metricsPort in the spec. The collector: %s", why)
		return
	}
	r.add(NoTraces, "pod "+pod.Name, "running and ready", why, "Look at its log: kubectl -n %s logs %s", pod.Namespace, pod.Name)
}

// waitsForImage says whether a container waits for something that no port is to
// blame for.
func waitsForImage(why string) bool {
	return slices.ContainsFunc([]string{"ErrImage", "ImagePull", "InvalidImage", "CreateContainer"}, func(reason string) bool { return strings.HasPrefix(why, reason) })
}

// gone finds that the only pod of a node has ended or is terminating.
func (r reporter) gone(pod *corev1.Pod) {
	why := strings.TrimSuffix(cmp.Or(pod.Status.Reason, string(pod.Status.Phase))+": "+oneLine(pod.Status.Message), ": ")
	setting, want := "pod "+pod.Name, "running and ready"
	switch {
	case pod.DeletionTimestamp != nil && len(pod.Finalizers) > 0:
		r.add(NoTraces, setting, want, "terminating", "Wait until it is gone: the DaemonSet makes a new one then. Where it stays, find who is to take the finalizer %s off", strings.Join(pod.Finalizers, ", "))
	case pod.DeletionTimestamp != nil:
		r.add(NoTraces, setting, want, "terminating", "Wait until it is gone: the DaemonSet makes a new one then. Where it stays, the kubelet of the node does not answer: bring it back, or delete the node")
	case pod.Status.Reason == "Evicted":
		r.add(NoTraces, setting, want, why, "Free what the node has run out of, or raise collector.resources or collector.priorityClassName in the spec: the DaemonSet makes a new pod when there is room")
	default:
		r.add(NoTraces, setting, want, why, "See why it has ended: kubectl -n %s describe pod %s. The DaemonSet makes a new one", pod.Namespace, pod.Name)
	}
}

// keptOff finds that the DaemonSet does not choose a node or tolerate its taints.
func (r reporter) keptOff(want, have *appsv1.DaemonSet, node *corev1.Node) bool {
	const setting, lost = "pod", "what the components of this node send is lost"
	spec := have.Spec.Template.Spec
	if taint := untolerated(spec, node); taint != nil {
		cure := "Add a toleration of it to collector.tolerations in the spec"
		if untolerated(want.Spec.Template.Spec, node) == nil {
			cure = "Apply the DaemonSet of collector.DaemonSet again"
		}
		r.add(NoTraces, setting, "a collector on the node", "none", "%s: the node has the taint %s, and %s", cure, taint.ToString(), lost)
		return true
	}
	if !labelled(node.Labels, spec.NodeSelector) {
		r.add(NoTraces, setting, "a collector on the node", "none", "Let the DaemonSet's nodeSelector choose the node's labels (collector.nodeSelector in the spec): %s", lost)
		return true
	}
	return false
}

// untolerated returns a taint of a node that keeps the DaemonSet's pods off it.
func untolerated(spec corev1.PodSpec, node *corev1.Node) *corev1.Taint {
	for t := range node.Spec.Taints {
		taint := &node.Spec.Taints[t]
		isTolerated := func(toleration corev1.Toleration) bool { return tolerates(toleration, taint) }
		if taint.Effect != corev1.TaintEffectPreferNoSchedule &&
			!slices.ContainsFunc(spec.Tolerations, isTolerated) && !slices.ContainsFunc(addedTolerations, isTolerated) {
			return taint
		}
	}
	return nil
}

// addedTolerations are those that the DaemonSet controller gives its pods, where they are
// in the host's network.
// Source: k8s.io/kubernetes pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations.
var addedTolerations = []corev1.Toleration{
	{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute},
	{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute},
	{Key: corev1.TaintNodeDiskPressure, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	{Key: corev1.TaintNodeMemoryPressure, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	{Key: corev1.TaintNodePIDPressure, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	{Key: corev1.TaintNodeUnschedulable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	{Key: corev1.TaintNodeNetworkUnavailable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
}

// tolerates says whether a toleration is of a taint. The method of corev1.Toleration
// has other parameters in newer releases, which also know operators that compare
// numbers: what they tolerate is not judged.
// Source: k8s.io/api core/v1/toleration.go, ToleratesTaint.
func tolerates(toleration corev1.Toleration, taint *corev1.Taint) bool {
	if toleration.Effect != "" && toleration.Effect != taint.Effect || toleration.Key != "" && toleration.Key != taint.Key {
		return false
	}
	isEqual := toleration.Operator == "" || toleration.Operator == corev1.TolerationOpEqual
	return !isEqual || toleration.Value == taint.Value
}

// notMade finds that the DaemonSet makes no pods on nodes that it is meant for. Where
// it is known why, that holds of all of them and is one finding.
func (r reporter) notMade(have *appsv1.DaemonSet, nodes []*corev1.Node) {
	if len(nodes) == 0 {
		return
	}
	if why, cure := r.forbidden(have); why != "" {
		r.add(NoTraces, "pods", "a collector on every node", fmt.Sprintf("none on %d, such as %s", len(nodes), nodes[0].Name), "%s. They are refused: %s", cure, strings.TrimSuffix(why, "."))
		return
	}
	perhaps := "Pod security admission may forbid its pods"
	if class := have.Spec.Template.Spec.PriorityClassName; class != "" {
		perhaps += ", or a quota those of the priority class " + class
	}
	for _, node := range nodes {
		reporter{inspector: r.inspector, component: r.component, node: node.Name}.add(NoTraces, "pod", "a collector on the node", "none",
			"See why the DaemonSet makes no pod here: kubectl -n %s describe daemonset %s. %s. What the components of this node send is lost", have.Namespace, have.Name, perhaps)
	}
}

// enforce is the label of a namespace that lets pod security admission refuse pods.
// Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/.
const enforce = "pod-security.kubernetes.io/enforce"

// forbidden says why the DaemonSet's pods are refused, as its last event or the labels
// of its namespace have it, or nothing.
func (r reporter) forbidden(have *appsv1.DaemonSet) (why, cure string) {
	relabel := "Let the namespace have pods in the host's network: kubectl label namespace " + have.Namespace + " --overwrite " + enforce + "=privileged"
	var last *corev1.Event
	for e := range r.Events {
		event := &r.Events[e]
		of := event.InvolvedObject
		if event.Reason == "FailedCreate" && of.Kind == "DaemonSet" && of.Namespace == have.Namespace && of.Name == have.Name &&
			(last == nil || !event.LastTimestamp.Time.Before(last.LastTimestamp.Time)) {
			last = event
		}
	}
	if last != nil {
		why = oneLine(last.Message)
		switch {
		case strings.Contains(why, "violates PodSecurity"):
			return why, relabel
		case strings.Contains(why, "quota"), strings.Contains(why, "priorityClass"):
			return why, "Give the namespace " + have.Namespace + " a ResourceQuota with a scopeSelector for the PriorityClass, or write another collector.priorityClassName into the spec"
		}
		return why, "Do what the message says: kubectl -n " + have.Namespace + " get events"
	}
	for _, namespace := range r.Namespaces {
		// The standards baseline and restricted forbid the host's network and ports.
		if level := namespace.Labels[enforce]; namespace.Name == have.Namespace && (level == "baseline" || level == "restricted") {
			return "the namespace enforces the pod security standard " + level, relabel
		}
	}
	return "", ""
}

// portTaken returns the port of ours that another pod of the node has.
func (r reporter) portTaken(want *appsv1.DaemonSet) (port int32, by string) {
	for _, ours := range want.Spec.Template.Spec.Containers[0].Ports {
		for _, pod := range r.pods[r.node] {
			if isCollector(want, pod) || terminated(pod) {
				continue
			}
			for _, container := range pod.Spec.Containers {
				for _, theirs := range container.Ports {
					number := theirs.HostPort
					if pod.Spec.HostNetwork {
						number = theirs.ContainerPort
					}
					if number == ours.HostPort && protocol(theirs) == protocol(ours) && addressesOverlap(theirs.HostIP, ours.HostIP) {
						return ours.HostPort, "the pod " + pod.Namespace + "/" + pod.Name
					}
				}
			}
		}
	}
	return 0, ""
}

func protocol(port corev1.ContainerPort) corev1.Protocol {
	return cmp.Or(port.Protocol, corev1.ProtocolTCP)
}

// addressesOverlap says whether listeners on two addresses of a node cannot have the
// same port.
func addressesOverlap(a, b string) bool {
	all := func(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
	return a == b || all(a) || all(b)
}
