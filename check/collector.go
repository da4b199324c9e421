package check

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/tracing"
)

// collector judges the collector's objects and pods.
func (i *inspector) collector() {
	o := on{i, tracing.ComponentCollector, ""}
	if i.NotGenerated(tracing.ComponentCollector) != nil {
		return
	}
	want := collector.DaemonSetFor(i.Resolved)
	at := slices.IndexFunc(i.DaemonSets, func(d appsv1.DaemonSet) bool {
		return d.Namespace == want.Namespace && d.Name == want.Name
	})
	if at < 0 {
		if made := i.byOperator(want); made != nil {
			o.configMap(made.Spec.Template.Spec.Volumes)
			o.runs(made, *made)
			return
		}
		severity := NoTraces
		if len(i.DaemonSets) == 0 && !i.seenWithout(want) {
			severity = Unseen // perhaps nobody gave any
		}
		o.add(severity, "DaemonSet "+want.Namespace+"/"+want.Name, "there", "none", "Apply the objects of collector.Objects, or give the DaemonSet: kubectl -n %s get daemonsets -o yaml", want.Namespace)
		return
	}
	have := i.DaemonSets[at]
	o.daemonSet(want, &have)
	o.configMap(have.Spec.Template.Spec.Volumes)
	o.runs(want, have)
}

// runs says whether a collector runs wherever components send, as its pods or else
// the status of the DaemonSet has it.
func (o on) runs(want *appsv1.DaemonSet, have appsv1.DaemonSet) {
	before := len(o.findings)
	o.pods(want, have.Status)
	if len(o.findings) == before {
		o.rollout(have)
	}
}

// byOperator is the DaemonSet that the OpenTelemetry operator makes of the resource
// of package collector/operator. What is in it is the operator's.
func (i *inspector) byOperator(want *appsv1.DaemonSet) *appsv1.DaemonSet {
	for d := range i.DaemonSets {
		set := &i.DaemonSets[d]
		if set.Namespace == want.Namespace && set.Name == want.Name+"-collector" &&
			set.Labels["app.kubernetes.io/managed-by"] == "opentelemetry-operator" && set.Spec.Selector != nil && len(set.Spec.Template.Spec.Containers) > 0 {
			return set
		}
	}
	return nil
}

// seenWithout says whether the collector's namespace was given and has no pod of
// ours: kubectl's list of DaemonSets is the same where there are none and where
// nobody asked for them, but every namespace has a ConfigMap.
func (i *inspector) seenWithout(want *appsv1.DaemonSet) bool {
	return i.hasConfigMaps(want.Namespace) &&
		!slices.ContainsFunc(i.Pods, func(p corev1.Pod) bool { return isCollector(want, &p) })
}

// hasConfigMaps says whether those of a namespace were given.
func (i *inspector) hasConfigMaps(namespace string) bool {
	return slices.ContainsFunc(i.ConfigMaps, func(c corev1.ConfigMap) bool { return c.Namespace == namespace })
}

// rollout finds a change that has not arrived everywhere.
func (o on) rollout(have appsv1.DaemonSet) {
	status := have.Status
	switch {
	case status.ObservedGeneration < have.Generation:
		o.add(Stale, "status.observedGeneration", fmt.Sprint(have.Generation), fmt.Sprint(status.ObservedGeneration), "Wait: the change has not been seen yet")
	case status.UpdatedNumberScheduled < status.DesiredNumberScheduled:
		o.add(Stale, "status.updatedNumberScheduled", fmt.Sprint(status.DesiredNumberScheduled), fmt.Sprint(status.UpdatedNumberScheduled), "Wait for the rollout: kubectl -n %s rollout status daemonset %s", have.Namespace, have.Name)
	case status.NumberReady < status.DesiredNumberScheduled:
		o.add(NoTraces, "status.numberReady", fmt.Sprint(status.DesiredNumberScheduled), fmt.Sprint(status.NumberReady), "Look at the pods: kubectl -n %s get pods -o wide", have.Namespace)
	}
}

// pods says whether a collector runs on every node whose components send.
func (o on) pods(want *appsv1.DaemonSet, status appsv1.DaemonSetStatus) {
	ofNamespace := func(p corev1.Pod) bool { return p.Namespace == want.Namespace }
	if status.NumberReady > 0 && len(o.Nodes) > 0 && !slices.ContainsFunc(o.Pods, ofNamespace) {
		o.add(Unseen, "pods", "the collector's pods", "none", "Give them: kubectl get pods -A -o yaml")
		return
	}
	for _, node := range o.Nodes {
		if !o.isControlPlane(node) && !chosen(want, node) {
			continue
		}
		here := on{o.inspector, o.component, node.Name}
		pod := here.pod(want)
		if pod == nil {
			here.add(NoTraces, "pod", "a collector on the node", "none", "Let the DaemonSet tolerate the node's taints and choose its labels: what the components of this node send is lost")
			continue
		}
		why := trouble(pod, want.Spec.Template.Spec.Containers[0].Name)
		if why == "" {
			continue
		}
		if port, by := here.taken(want); by != "" && !beforeItStarts(why) {
			here.add(NoTraces, "port "+itoa(int64(port)), "free", "taken by "+by, "Move one of them: the endpoint, collector.healthPort or collector.metricsPort in the spec. The collector: %s", why)
			continue
		}
		here.add(NoTraces, "pod "+pod.Name, "running and ready", why, "Look at its log: kubectl -n %s logs %s", pod.Namespace, pod.Name)
	}
}

// pod is the collector's on a node: one that runs before another, such as one that
// the kubelet had to end and that is still listed.
func (o on) pod(want *appsv1.DaemonSet) (found *corev1.Pod) {
	for p := range o.Pods {
		pod := &o.Pods[p]
		if !isCollector(want, pod) || nodeOf(pod) != o.node || pod.DeletionTimestamp != nil || over(pod) {
			continue
		}
		if found == nil || trouble(pod, want.Spec.Template.Spec.Containers[0].Name) == "" {
			found = pod
		}
	}
	return found
}

// isCollector says whether a pod is the DaemonSet's.
func isCollector(want *appsv1.DaemonSet, pod *corev1.Pod) bool {
	return pod.Namespace == want.Namespace && labelled(pod.Labels, want.Spec.Selector.MatchLabels)
}

// beforeItStarts says whether a container waits for something that no port is to
// blame for.
func beforeItStarts(why string) bool {
	return slices.ContainsFunc([]string{"ErrImage", "ImagePull", "InvalidImage", "CreateContainer"}, func(reason string) bool { return strings.HasPrefix(why, reason) })
}

// chosen says whether our DaemonSet is meant for a node.
func chosen(want *appsv1.DaemonSet, node corev1.Node) bool {
	spec := want.Spec.Template.Spec
	return labelled(node.Labels, spec.NodeSelector) && spec.Affinity == nil && // which is for control-plane nodes
		node.Labels["kubernetes.io/os"] != "windows"
}

func labelled(have, want map[string]string) bool {
	for key, value := range want {
		if have[key] != value {
			return false
		}
	}
	return true
}

// taken returns the port of ours that another pod of the node has.
func (o on) taken(want *appsv1.DaemonSet) (port int32, by string) {
	for _, mine := range want.Spec.Template.Spec.Containers[0].Ports {
		for p := range o.Pods {
			pod := &o.Pods[p]
			if isCollector(want, pod) || nodeOf(pod) != o.node || over(pod) {
				continue
			}
			for _, container := range pod.Spec.Containers {
				for _, theirs := range container.Ports {
					number := theirs.HostPort
					if pod.Spec.HostNetwork {
						number = theirs.ContainerPort
					}
					if number == mine.HostPort && protocol(theirs) == protocol(mine) && meet(theirs.HostIP, mine.HostIP) {
						return mine.HostPort, "the pod " + pod.Namespace + "/" + pod.Name
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

// meet says whether two listeners with addresses of a node are in each other's way.
func meet(a, b string) bool {
	all := func(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
	return a == b || all(a) || all(b)
}

// daemonSet compares what we have written with what is there.
func (o on) daemonSet(want, have *appsv1.DaemonSet) {
	for _, d := range differences(asTree(want.Spec), asTree(have.Spec), "spec") {
		severity, cure := Stale, "Apply the DaemonSet of collector.DaemonSet again"
		switch {
		case strings.Contains(d.path, "hostNetwork"):
			severity, cure = NoTraces, "Write true: the components send to the node's loopback address"
		case strings.Contains(d.path, "hostIP"), strings.Contains(d.path, "ecurityContext"):
			severity = Exposed
		}
		o.add(severity, "DaemonSet "+d.path, d.want, d.have, "%s", cure)
	}
}

// configMap judges the configuration that the DaemonSet's pods mount.
func (o on) configMap(volumes []corev1.Volume) {
	want := collector.ConfigMapFor(o.Resolved)
	find := func(name string) *corev1.ConfigMap {
		i := slices.IndexFunc(o.ConfigMaps, func(c corev1.ConfigMap) bool { return c.Namespace == want.Namespace && c.Name == name })
		if i < 0 {
			return nil
		}
		return &o.ConfigMaps[i]
	}
	mounted := ""
	for _, volume := range volumes {
		if volume.ConfigMap == nil {
			continue
		}
		if !o.hasConfigMaps(want.Namespace) {
			o.add(Unseen, "ConfigMap "+volume.ConfigMap.Name, "the collector's configuration", "none", "Give it: kubectl -n %s get configmaps -o yaml", want.Namespace)
			continue
		}
		name := volume.ConfigMap.Name
		have := find(name)
		if have == nil {
			o.add(RefusesToStart, "ConfigMap "+name, "there", "none", "Apply it, or give it: kubectl -n %s get configmaps -o yaml", want.Namespace)
			continue
		}
		mounted = name
		for _, key := range slices.Sorted(maps.Keys(have.Data)) {
			o.exposed(name, have.Data[key])
		}
	}
	if mounted != want.Name {
		return // the DaemonSet's own finding
	}
	for _, key := range slices.Sorted(maps.Keys(want.Data)) {
		if have := find(want.Name).Data[key]; have != want.Data[key] {
			wanted, got := firstDifference(want.Data[key], have)
			o.add(howBad(want.Data[key], have), "ConfigMap "+want.Name+" "+key, wanted, got, "Apply the ConfigMap of collector.ConfigMap again, and restart the pods: kubectl -n %s rollout restart daemonset", want.Namespace)
		}
	}
}

// howBad says what a collector makes of another configuration than ours.
func howBad(want, have string) Severity {
	type configuration struct {
		Receivers struct {
			OTLP struct {
				Protocols struct {
					GRPC struct {
						Endpoint string `json:"endpoint"`
					} `json:"grpc"`
				} `json:"protocols"`
			} `json:"otlp"`
		} `json:"receivers"`
		Service struct {
			Pipelines map[string]any `json:"pipelines"`
		} `json:"service"`
	}
	var ours, theirs configuration
	errs := errors.Join(yaml.Unmarshal([]byte(want), &ours), yaml.Unmarshal([]byte(have), &theirs))
	_, traces := theirs.Service.Pipelines["traces"]
	switch {
	case errs != nil || len(theirs.Service.Pipelines) == 0:
		return RefusesToStart
	case !traces || theirs.Receivers.OTLP.Protocols.GRPC.Endpoint != ours.Receivers.OTLP.Protocols.GRPC.Endpoint && !everywhere(theirs.Receivers.OTLP.Protocols.GRPC.Endpoint):
		return NoTraces
	}
	return Stale
}

// everywhere says whether an endpoint is on all addresses, which reaches the
// components too and is a finding of its own.
func everywhere(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	ip := net.ParseIP(host)
	return err == nil && (host == "" || ip != nil && ip.IsUnspecified())
}

// firstDifference is the first line that two texts differ in.
func firstDifference(want, have string) (string, string) {
	a, b := strings.Split(want, "\n"), strings.Split(have, "\n")
	for i := range max(len(a), len(b)) {
		first, second := "", ""
		if i < len(a) {
			first = strings.TrimSpace(a[i])
		}
		if i < len(b) {
			second = strings.TrimSpace(b[i])
		}
		if first != second {
			return quoted(first), quoted(second)
		}
	}
	return "other spaces", "other spaces"
}

// exposed finds what listens on more than the node's loopback address.
func (o on) exposed(name, text string) {
	var config struct {
		Receivers  map[string]any `json:"receivers"`
		Extensions map[string]any `json:"extensions"`
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		o.add(RefusesToStart, "ConfigMap "+name, "a collector's configuration", "what cannot be read", "%s", sentence(err))
		return
	}
	o.listens("ConfigMap "+name+" receivers", config.Receivers)
	o.listens("ConfigMap "+name+" extensions", config.Extensions)
}

func (o on) listens(at string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			endpoint, ok := tree[key].(string)
			if key != "endpoint" || !ok {
				o.listens(at+"."+key, tree[key])
				continue
			}
			host, _, err := net.SplitHostPort(endpoint)
			if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && !ip.IsLoopback()) {
				o.add(Exposed, at+".endpoint", "a loopback address", endpoint, "Write %s: whoever reaches the node could send spans", o.ComponentEndpoint())
			}
		}
	case []any:
		for _, element := range tree {
			o.listens(at, element)
		}
	}
}
