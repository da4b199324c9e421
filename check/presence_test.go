package check_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/check"
	"kubetrace/tracing"
)

const without = "collector on b: pod is none, wanted is a collector on the node (silently no traces): "

// withoutPod takes the collector's pod of the worker away.
func withoutPod(s *check.State) { *pod(s, "kubetrace-collector-b") = corev1.Pod{} }

func taint(s *check.State, taints ...corev1.Taint) { s.Nodes[1].Spec.Taints = taints }

func tolerations(s *check.State, tolerations ...corev1.Toleration) {
	s.DaemonSets[0].Spec.Template.Spec.Tolerations = tolerations
}

// failed is an event of the DaemonSet at a time.
func failed(minute int, message string) corev1.Event {
	return corev1.Event{
		InvolvedObject: corev1.ObjectReference{Kind: "DaemonSet", Namespace: "kubetrace-system", Name: "kubetrace-collector"},
		Reason:         "FailedCreate", Message: message, LastTimestamp: metav1.Time{Time: time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC)},
	}
}

const (
	podSecurity = `Error creating: pods "kubetrace-collector-" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)`
	quota       = `Error creating: insufficient quota to match these scopes: [{PriorityClass In [system-node-critical system-cluster-critical]}]`
)

// absent are clusters without a collector on a node, for one reason or the other.
var absent = []scenario{
	{"nobody knows why", "1.37", withoutPod, []string{
		without + "See why the DaemonSet makes no pod here: kubectl -n kubetrace-system describe daemonset kubetrace-collector. Pod security admission may forbid its pods, or a quota those of the priority class system-node-critical",
	}},
	{"a taint that the DaemonSet does not tolerate any more", "1.37", func(s *check.State) {
		withoutPod(s)
		taint(s, corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule})
		tolerations(s, corev1.Toleration{Key: "dedicated", Value: "cpu"}, corev1.Toleration{Key: "other", Operator: corev1.TolerationOpExists})
	}, []string{
		without + "Apply the DaemonSet of collector.DaemonSet again: the node has the taint dedicated=gpu:NoSchedule",
		"collector: DaemonSet spec.template.spec.tolerations is [",
	}},
	{"a taint that is tolerated, and one that keeps nothing off", "1.37", func(s *check.State) {
		withoutPod(s)
		taint(s, corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule}, corev1.Taint{Key: "slow", Effect: corev1.TaintEffectPreferNoSchedule},
			corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule})
		tolerations(s, corev1.Toleration{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule})
	}, []string{
		without + "See why",
		"collector: DaemonSet spec.template.spec.tolerations is [",
	}},
	{"a node that the DaemonSet does not choose", "1.37", func(s *check.State) {
		withoutPod(s)
		s.DaemonSets[0].Spec.Template.Spec.NodeSelector = map[string]string{"kubernetes.io/os": "linux", "traced": "yes"}
	}, []string{without + "Let the DaemonSet's nodeSelector choose the node's labels"}},
	{"pods that pod security admission forbids, as the last event says", "1.37", func(s *check.State) {
		withoutPod(s)
		other := failed(9, "another's")
		other.InvolvedObject.Name = "other"
		s.Events = []corev1.Event{failed(2, podSecurity), failed(1, quota), other}
	}, []string{"collector: pods is none on 1, such as b, wanted is a collector on every node (silently no traces): Let the namespace have pods in the host's network: kubectl label namespace kubetrace-system --overwrite pod-security.kubernetes.io/enforce=privileged. They are refused: " + podSecurity}},
	{"pods that a quota forbids", "1.37", func(s *check.State) {
		withoutPod(s)
		*pod(s, "kubetrace-collector-a") = corev1.Pod{}
		s.DaemonSets[0].Status.NumberReady = 0
		s.Events = []corev1.Event{failed(1, podSecurity), failed(2, quota)}
	}, []string{"collector: pods is none on 2, such as a, wanted is a collector on every node (silently no traces): Give the namespace kubetrace-system a ResourceQuota with a scopeSelector for the PriorityClass, or write another collector.priorityClassName into the spec. They are refused: " + quota}},
	{"pods that something else forbids", "1.37", func(s *check.State) {
		withoutPod(s)
		s.Events = []corev1.Event{failed(1, "Error creating: admission webhook \"policy\" denied the request")}
	}, []string{"Do what the message says: kubectl -n kubetrace-system get events. They are refused: Error creating: admission webhook"}},
	{"a namespace that is not privileged", "1.37", func(s *check.State) {
		withoutPod(s)
		s.Namespaces = []corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "kubetrace-system", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}}
	}, []string{"collector: pods is none on 1, such as b, wanted is a collector on every node (silently no traces): Let the namespace have pods in the host's network: kubectl label namespace kubetrace-system --overwrite pod-security.kubernetes.io/enforce=privileged. They are refused: the namespace enforces the pod security standard restricted"}},
	{"a privileged namespace", "1.37", func(s *check.State) {
		withoutPod(s)
		s.Namespaces = []corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "kubetrace-system", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "privileged"}}}}
	}, []string{without + "See why"}},
	{"a pod that terminates", "1.37", func(s *check.State) { pod(s, "kubetrace-collector-b").DeletionTimestamp = &metav1.Time{} },
		[]string{"collector on b: pod kubetrace-collector-b is terminating, wanted is running and ready (silently no traces): Wait until it is gone: the DaemonSet makes a new one then. Where it stays, the kubelet"}},
	{"a pod that cannot terminate", "1.37", func(s *check.State) {
		pod(s, "kubetrace-collector-b").DeletionTimestamp = &metav1.Time{}
		pod(s, "kubetrace-collector-b").Finalizers = []string{"example.com/hold"}
	}, []string{"collector on b: pod kubetrace-collector-b is terminating, wanted is running and ready (silently no traces): Wait until it is gone: the DaemonSet makes a new one then. Where it stays, find who is to take the finalizer example.com/hold off"}},
	{"a pod that was evicted", "1.37", func(s *check.State) {
		pod(s, "kubetrace-collector-b").Status = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "The node was low on resource: memory."}
	}, []string{"collector on b: pod kubetrace-collector-b is Evicted: The node was low on resource: memory., wanted is running and ready (silently no traces): Free what the node has run out of"}},
}

func TestAbsent(t *testing.T) {
	for _, test := range absent {
		test.run(t, check.Options{})
	}
}

// A taint that the spec itself does not tolerate is not mended by applying it again.
func TestTaintOfSpec(t *testing.T) {
	own := tracing.TracingSpec{KubernetesVersion: "1.37", Collector: tracing.CollectorSpec{Tolerations: []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}}}
	state := healthy(t, own)
	withoutPod(&state)
	taint(&state, corev1.Taint{Key: "dedicated"}, corev1.Taint{Key: "other", Effect: corev1.TaintEffectNoExecute})
	compare(t, must(check.Cluster(own, state))(t), []string{without + "Add a toleration of it to collector.tolerations in the spec: the node has the taint other:NoExecute"})
}
