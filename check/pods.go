package check

import (
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// componentPod is a pod of etcd or kube-apiserver, and its container that runs it.
type componentPod struct {
	*corev1.Pod
	container *corev1.Container
	// onHost says that it is a Process and no pod: it has no image and no mounts.
	onHost bool
	// version is that of a Process, or the tag of the image.
	version string
}

// versionName is the name of the setting that says which version it is.
func (p componentPod) versionName() string {
	if p.onHost {
		return "version"
	}
	return "image"
}

// componentPods returns the processes of a component that were given, or the pods of it
// on a node: those that stand for manifests, or else others, which may be of a control plane that runs in another way.
// There may be several etcds, such as one that keeps the events alone: each sends its
// own spans, and each is judged. The first is the one that kubeadm would have made.
func (r reporter) componentPods() []componentPod {
	var all []componentPod
	for _, process := range r.Processes[r.node] {
		if process.Component == r.component {
			all = append(all, process.pod())
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, pod := range r.pods[r.node] {
		if pod.Namespace != metav1.NamespaceSystem || terminated(pod) {
			continue
		}
		if container := containerOf(pod, r.component); container != nil {
			all = append(all, componentPod{Pod: pod, container: container, version: setting.TagOf(container.Image)})
		}
	}
	if slices.ContainsFunc(all, func(p componentPod) bool { return isStatic(p.Pod) }) {
		all = slices.DeleteFunc(all, func(p componentPod) bool { return !isStatic(p.Pod) })
	}
	slices.SortStableFunc(all, func(a, b componentPod) int {
		isFirst := func(p componentPod) int {
			if p.Name == r.podName() {
				return 0
			}
			return 1
		}
		return isFirst(a) - isFirst(b)
	})
	return all
}

// podName is the name of the pod that stands for a component's manifest.
func (r reporter) podName() string { return string(r.component) + "-" + r.node }

// noPod finds that a component has no pod on a node, unless it is found already that
// the pod cannot be read.
func (r reporter) noPod(cure string) {
	if !r.isUnreadable(objectName("Pod", metav1.NamespaceSystem, r.podName())) {
		r.add(Unseen, "pod", "the pod of "+string(r.component)+" in kube-system", "none", "%s", cure)
	}
}

// of is a reporter that names the pod, where it is not the first of its component.
func (r reporter) of(n int, pod componentPod) reporter {
	if n > 0 {
		r.at = "pod " + pod.Name + " "
	}
	return r
}

// containerOf returns a pod's container of a component: by its name, or by the program
// that it runs.
func containerOf(pod *corev1.Pod, component tracing.Component) *corev1.Container {
	for c := range pod.Spec.Containers {
		container := &pod.Spec.Containers[c]
		if container.Name == string(component) || len(container.Command) > 0 && path.Base(container.Command[0]) == string(component) {
			return container
		}
	}
	return nil
}

// isStatic says whether a pod stands for one of a node's manifests.
func isStatic(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return mirror
}

// terminated says whether all of a pod's containers have ended for good.
func terminated(pod *corev1.Pod) bool {
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

// whyNotRunning says why a container does not run, or nothing where it does.
func whyNotRunning(pod *corev1.Pod, container string) string {
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
			return strings.TrimSuffix(status.State.Waiting.Reason+last+": "+oneLine(status.State.Waiting.Message), ": ")
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

// running finds a component that does not run, unless one of what was found of this
// pod, which begins at before, says why already.
func (r reporter) running(pod componentPod, before int) {
	r.at = "" // the setting names the pod
	why := whyNotRunning(pod.Pod, pod.container.Name)
	switch {
	case why == "" || slices.ContainsFunc(r.findings[before:], func(f Finding) bool { return f.Severity == RefusesToStart }):
	case pod.Status.Phase == corev1.PodPending && len(pod.Status.ContainerStatuses) == 0:
		r.add(Unseen, "pod "+pod.Name, "running", why, "Wait a minute or two and look again: the kubelet has started it anew, and has yet to say how it is")
	case why == notReady:
		r.add(Stale, "pod "+pod.Name, "ready", why, "Wait, or look at its log: kubectl -n %s logs %s", pod.Namespace, pod.Name)
	default:
		r.add(RefusesToStart, "pod "+pod.Name, "running", why, "Look at its log: kubectl -n %s logs %s, or crictl logs on the node", pod.Namespace, pod.Name)
	}
}

// quoted is a value that may be nothing.
func quoted(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// oneLine is a message without its line breaks.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }
