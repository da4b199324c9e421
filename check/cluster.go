package check

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// Cluster compares a cluster with what the spec says, and returns what is not so,
// the worst first, or an empty list. It judges
//
//   - of every control-plane node the pods of etcd and kube-apiserver: flags and
//     variables, as their releases take them, feature gates, the mount of the tracing
//     file, an egress selector, and whether they run. An external etcd is not missed,
//     and judged where a static pod or a process of State.Processes is there;
//   - of every node the kubelet's live configuration, and the ConfigMap that
//     kubelets to come read;
//   - the collector's DaemonSet and ConfigMap, a running pod on every node whose
//     components send, and why there is none;
//   - the container runtime of every node, where the spec names it, by the form of the
//     settings that the node's release reads;
//   - where they are given, kube-apiserver's tracing file, and an endpoint in
//     containerd's configuration that is without effect.
//
// The gateway and the backend are not judged, nor, where the OpenTelemetry operator
// makes the collector, what it writes into its DaemonSet and ConfigMap. What the spec
// disables or the release cannot do is not judged either. What the API server or
// others have added to the collector's objects is no finding. What was given and
// cannot be read is one finding, and the rest is judged. The error is a
// *tracing.InvalidSpecError.
func Cluster(spec tracing.TracingSpec, state State) ([]Finding, error) {
	return ClusterWith(spec, state, Options{})
}

// ClusterFor is Cluster of a spec that is resolved already.
func ClusterFor(r tracing.Resolved, state State) []Finding {
	return ClusterWithFor(r, state, Options{})
}

// ClusterWith is [Cluster] of a cluster that kubeadm did not make, or of whose nodes
// not all are judged. Without being told it passes over nodes whose components cannot
// send to a collector of ours: virtual and simulated ones, by the marks that Virtual
// Kubelet, kwok and Fargate leave, and those of Windows.
func ClusterWith(spec tracing.TracingSpec, state State, options Options) ([]Finding, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return ClusterWithFor(r, state, options), nil
}

// ClusterWithFor is ClusterWith of a spec that is resolved already.
func ClusterWithFor(r tracing.Resolved, state State, options Options) []Finding {
	i := newInspector(r, state, options)
	if len(state.Nodes) == 0 {
		i.find(Finding{Component: tracing.ComponentKubelet, Setting: "nodes", Want: "all nodes", Have: "none", Severity: Unseen, Cure: "Give the nodes: kubectl get nodes -o yaml"})
	}
	controlPlane := 0
	for n := range state.Nodes {
		node := &state.Nodes[n]
		if i.ignored(node) {
			continue
		}
		here := i.isControlPlane(node)
		if here {
			controlPlane++
		}
		if here || i.hasProcess(node, tracing.ComponentEtcd) {
			i.etcd(node)
		}
		if here || i.hasProcess(node, tracing.ComponentAPIServer) {
			i.apiServer(node)
		}
		i.kubelet(node)
		i.runtime(node)
	}
	if len(state.Nodes) > 0 && controlPlane == 0 && !options.HiddenControlPlane {
		i.find(Finding{Component: tracing.ComponentAPIServer, Setting: "nodes", Want: "nodes with the label node-role.kubernetes.io/control-plane", Have: "none", Severity: Unseen, Cure: "Give all nodes: kubectl get nodes -o yaml. Where the control plane is not on nodes, say that it is hidden (Options.HiddenControlPlane)"})
	}
	i.unknownNodes()
	i.unreadable()
	i.stored()
	i.collector()
	return sorted(i.findings)
}

// inspector holds what is compared, and collects findings.
type inspector struct {
	tracing.Resolved
	State
	options Options
	// nodes are State.Nodes by their names.
	nodes map[string]*corev1.Node
	// pods are those of State.Pods that are or will be on a node, by its name, so that
	// no node has to look through the pods of all others.
	pods     map[string][]*corev1.Pod
	findings []Finding
}

func newInspector(r tracing.Resolved, state State, options Options) *inspector {
	i := &inspector{Resolved: r, State: state, options: options,
		nodes: make(map[string]*corev1.Node, len(state.Nodes)), pods: make(map[string][]*corev1.Pod, len(state.Nodes))}
	for n := range state.Nodes {
		i.nodes[state.Nodes[n].Name] = &state.Nodes[n]
	}
	for p := range state.Pods {
		pod := &state.Pods[p]
		if node := nodeOf(pod); node != "" {
			i.pods[node] = append(i.pods[node], pod)
		}
	}
	return i
}

func (i *inspector) find(f Finding) { i.findings = append(i.findings, f) }

// unknownNodes finds what was given of nodes that are not among State.Nodes.
func (i *inspector) unknownNodes() {
	if len(i.Nodes) == 0 {
		return // which is a finding already
	}
	missing := func(component tracing.Component, node, what string) {
		if i.nodes[node] == nil {
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
	for _, node := range slices.Sorted(maps.Keys(i.Processes)) {
		missing(tracing.ComponentAPIServer, node, "a process")
	}
	for _, node := range slices.Sorted(maps.Keys(i.EtcdFiles)) {
		missing(tracing.ComponentEtcd, node, "a configuration file of etcd")
	}
	for _, node := range slices.Sorted(maps.Keys(i.EgressSelectors)) {
		missing(tracing.ComponentAPIServer, node, "an egress selector")
	}
	for _, node := range slices.Sorted(maps.Keys(i.Containerd)) {
		missing(tracing.ComponentContainerd, node, "a configuration of containerd")
	}
	for _, node := range slices.Sorted(maps.Keys(i.ContainerdEnvironment)) {
		missing(tracing.ComponentContainerd, node, "an environment of containerd")
	}
	for _, node := range slices.Sorted(maps.Keys(i.CRIO)) {
		missing(tracing.ComponentCRIO, node, "a configuration of CRI-O")
	}
	for p := range i.Pods {
		pod := &i.Pods[p]
		if component := pod.Labels["component"]; pod.Namespace == metav1.NamespaceSystem && isStatic(pod) && pod.Spec.NodeName != "" &&
			(component == string(tracing.ComponentEtcd) || component == string(tracing.ComponentAPIServer)) {
			missing(tracing.Component(component), pod.Spec.NodeName, "a pod")
		}
	}
}

// clusterComponent is what findings are reported as that are of no one component.
const clusterComponent tracing.Component = "cluster"

// unreadable finds what could not be read. A configz of a node that is judged is
// the kubelet's finding.
func (i *inspector) unreadable() {
	for _, u := range i.Unreadable {
		if u.What == configz && i.nodes[u.Node] != nil {
			continue
		}
		name := u.What
		if u.Source != "" {
			name = u.Source + ": " + u.What
		}
		cure := "Give it again, as kubectl prints it"
		if u.Err != nil {
			cure = setting.Sentence(u.Err.Error())
		}
		i.find(Finding{Component: clusterComponent, Node: u.Node, Setting: name, Want: "what can be read", Have: "what cannot be read", Severity: Unseen, Cure: cure})
	}
}

// isUnreadable says whether an object was given and could not be read, which is a
// finding already.
func (i *inspector) isUnreadable(what string) bool {
	return slices.ContainsFunc(i.Unreadable, func(u Unreadable) bool { return u.What == what })
}

// reporter reports what is found of one component, on a node or, where that is empty,
// in the whole cluster.
type reporter struct {
	*inspector
	component tracing.Component
	node      string
	// at stands before each setting, where the component has more than one place on
	// the node: "pod etcd-events-a ". It is mostly empty.
	at string
}

// contentAs says how the content of a file is given, which of a node is by its name:
// [Flags] knows no node, and has a field for it.
func (r reporter) contentAs(field string) string {
	if r.node == "" {
		return "as " + field
	}
	return "with the node's name"
}

func (r reporter) add(severity Severity, setting, want, have, format string, args ...any) {
	r.find(Finding{Component: r.component, Node: r.node, Setting: r.at + setting, Want: want, Have: have, Severity: severity, Cure: fmt.Sprintf(format, args...)})
}
