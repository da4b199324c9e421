package check_test

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubetrace/check"
)

// more adds a node of which nothing is given but a collector's pod that never runs.
func more(s *check.State, change func(*corev1.Node)) {
	node := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "c", Labels: map[string]string{corev1.LabelOSStable: "linux"}, Annotations: map[string]string{}}}
	node.Status.NodeInfo.KubeletVersion = "v1.37.1"
	change(&node)
	s.Nodes = append(s.Nodes, node)
	pending := pod(s, "kubetrace-collector-b").DeepCopy()
	pending.Name, pending.Spec.NodeName, pending.Status = "kubetrace-collector-c", "c", corev1.PodStatus{Phase: corev1.PodPending}
	s.Pods = append(s.Pods, *pending)
	s.DaemonSets[0].Status.DesiredNumberScheduled = 3
}

// TestIgnoredNodes has nodes whose components no collector of ours can serve.
func TestIgnoredNodes(t *testing.T) {
	for name, change := range map[string]func(*corev1.Node){
		"a virtual node by its version": func(n *corev1.Node) { n.Status.NodeInfo.KubeletVersion = "v1.19.1-vk-azure-aci-1.4.5" },
		"a virtual node by its label":   func(n *corev1.Node) { n.Labels["type"] = "virtual-kubelet" },
		"a virtual node by its taint": func(n *corev1.Node) {
			n.Spec.Taints = []corev1.Taint{{Key: "virtual-kubelet.io/provider", Value: "mock", Effect: corev1.TaintEffectNoSchedule}}
		},
		"a node of Fargate":                   func(n *corev1.Node) { n.Labels["eks.amazonaws.com/compute-type"] = "fargate" },
		"a simulated node by its annotation":  func(n *corev1.Node) { n.Annotations["kwok.x-k8s.io/node"] = "fake" },
		"a simulated node by its label":       func(n *corev1.Node) { n.Labels["kwok.x-k8s.io/node"] = "fake" },
		"a node of Windows by its label":      func(n *corev1.Node) { n.Labels[corev1.LabelOSStable] = "windows" },
		"a node of Windows by what it says":   func(n *corev1.Node) { n.Status.NodeInfo.OperatingSystem = "windows" },
		"a node that the options do not want": func(n *corev1.Node) { n.Labels["pool"] = "edge" },
	} {
		scenario{name, "1.37", func(s *check.State) { more(s, change) }, nil}.run(t, check.Options{IgnoreNodes: must(labels.Parse("pool=edge"))(t)})
	}
	scenario{"a node like others", "1.37", func(s *check.State) { more(s, func(*corev1.Node) {}) }, []string{
		"collector on c: pod kubetrace-collector-c is Pending",
		"kubelet on c: configz is none",
	}}.run(t, check.Options{IgnoreNodes: labels.Nothing()})
	scenario{"a pod that is not ready beside one that is not judged", "1.37", func(s *check.State) {
		more(s, func(n *corev1.Node) { n.Labels["type"] = "virtual-kubelet" })
		s.DaemonSets[0].Status.NumberReady = 1
	}, []string{"collector: status.numberReady is 1, wanted is 3"}}.run(t, check.Options{})
}

// TestOptions has clusters that kubeadm did not make.
func TestOptions(t *testing.T) {
	withoutControlPlane := func(s *check.State) {
		s.Pods = s.Pods[2:] // of the collector
		s.ConfigMaps = s.ConfigMaps[1:]
	}
	managed := func(s *check.State) {
		withoutControlPlane(s)
		delete(s.Nodes[0].Labels, "node-role.kubernetes.io/control-plane")
	}
	hidden := check.Options{WithoutKubeadm: true, HiddenControlPlane: true}
	scenario{"all in one process", "1.37", withoutControlPlane, nil}.run(t, hidden)
	scenario{"a provider's control plane", "1.37", managed, nil}.run(t, hidden)
	scenario{"static pods without kubeadm", "1.37", func(s *check.State) { s.ConfigMaps = s.ConfigMaps[1:] }, nil}.run(t, check.Options{WithoutKubeadm: true})
	scenario{"a tracing file of a process", "1.37", func(s *check.State) {
		withoutControlPlane(s)
		s.TracingFiles = map[string][]byte{"a": []byte("{}")}
	}, []string{
		"kube-apiserver on a: /etc/kubernetes/tracing-config.yaml endpoint is nothing",
		"kube-apiserver on a: /etc/kubernetes/tracing-config.yaml samplingRatePerMillion is nothing",
		"kube-apiserver on a: /etc/kubernetes/tracing-config.yaml apiVersion is nothing, wanted is apiserver.config.k8s.io/v1beta1 (stale)",
	}}.run(t, hidden)
	scenario{"nobody said so", "1.37", managed, []string{
		"kube-apiserver: nodes is none, wanted is nodes with the label node-role.kubernetes.io/control-plane (not seen)",
		"kubelet: ConfigMap kubelet-config is none",
	}}.run(t, check.Options{})
}

// TestUnreadable has a finding for each thing that could not be read, and judges the
// rest.
func TestUnreadable(t *testing.T) {
	for _, test := range []scenario{
		{"the empty configz of a node that is not ready", "1.37", func(s *check.State) {
			delete(s.Configz, "b")
			s.Nodes[1].Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
			_ = s.AddConfigz("b", nil)
			flag(s, "etcd", "enable-distributed-tracing")
		}, []string{
			"etcd on a: --enable-distributed-tracing is nothing",
			"kubelet on b: configz is what cannot be read, wanted is the kubelet's live configuration (not seen): The configz of b cannot be read: it is empty, as where the kubelet did not answer: ask again when the node is ready, with kubectl get --raw /api/v1/nodes/NODE/proxy/configz. Give it: kubectl get --raw /api/v1/nodes/b/proxy/configz. The node is not ready: ask when it is",
		}},
		{"a configz that was read the second time", "1.37", func(s *check.State) { _ = s.AddConfigz("b", []byte("{}")) }, nil},
		{"a configz that kubectl was refused", "1.37", func(s *check.State) {
			delete(s.Configz, "b")
			_ = s.AddConfigz("b", []byte(`{"kind": "Status", "message": "nodes \"b\" is forbidden"}`))
		}, []string{`The configz of b cannot be read: line 1: the API server did not ask the kubelet: nodes "b" is forbidden`}},
		{"a configz of a node that is not there", "1.37", func(s *check.State) { _ = s.AddConfigz("z", nil) },
			[]string{"cluster on z: configz is what cannot be read, wanted is what can be read (not seen): The configz of z cannot be read"}},
		{"a text of no kind", "1.37", func(s *check.State) {
			_ = s.Add([]byte("Unable to connect to the server: refused: EOF"))
			s.Unreadable[0].Source = "pods.yaml"
		}, []string{"cluster: pods.yaml: text is what cannot be read, wanted is what can be read (not seen): It is neither YAML nor JSON"}},
		{"an answer that kubectl was refused", "1.37", func(s *check.State) {
			_ = s.Add([]byte("{kind: Status, message: nodes is forbidden}"))
		}, []string{"cluster: text is what cannot be read, wanted is what can be read (not seen): Kubectl was refused: nodes is forbidden"}},
		{"the pod of etcd", "1.37", func(s *check.State) {
			*pod(s, "etcd-a") = corev1.Pod{}
			_ = s.Add([]byte("{kind: Pod, metadata: {name: etcd-a, namespace: kube-system}, spec: {nodeName: a, containers: {}}}"))
		}, []string{"cluster on a: Pod kube-system/etcd-a is what cannot be read, wanted is what can be read (not seen): The Pod kube-system/etcd-a cannot be read: its spec.containers is a object"}},
		{"the DaemonSet", "1.37", func(s *check.State) {
			s.DaemonSets = nil
			_ = s.Add([]byte("{kind: DaemonSet, metadata: {name: kubetrace-collector, namespace: kubetrace-system}, spec: {template: 7}}"))
		}, []string{"cluster: DaemonSet kubetrace-system/kubetrace-collector is what cannot be read"}},
		{"what a client could not get", "1.37", func(s *check.State) {
			s.Unreadable = append(s.Unreadable, check.Unreadable{What: "ConfigMap kube-system/kubeadm-config", Err: errors.New("timed out")}, check.Unreadable{What: "events"})
		}, []string{
			"cluster: ConfigMap kube-system/kubeadm-config is what cannot be read, wanted is what can be read (not seen): Timed out",
			"cluster: events is what cannot be read, wanted is what can be read (not seen): Give it again",
		}},
	} {
		test.run(t, check.Options{})
	}
}
