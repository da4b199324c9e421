package check

import (
	"errors"
	"maps"
	"net"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/internal/otelcol"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// collector judges the collector's objects and pods.
func (i *inspector) collector() {
	r := reporter{inspector: i, component: tracing.ComponentCollector}
	if i.NotGenerated(tracing.ComponentCollector) != nil {
		return
	}
	want := collector.DaemonSetFor(i.Resolved)
	at := slices.IndexFunc(i.DaemonSets, func(d appsv1.DaemonSet) bool {
		return d.Namespace == want.Namespace && d.Name == want.Name
	})
	if at < 0 {
		if made := i.byOperator(want); made != nil {
			r.configMap(made.Spec.Template.Spec.Volumes)
			r.presence(made, made)
			return
		}
		if i.isUnreadable(objectName("DaemonSet", want.Namespace, want.Name)) {
			return // which is a finding already
		}
		severity := NoTraces
		if len(i.DaemonSets) == 0 && !i.seenWithout(want) {
			severity = Unseen // perhaps nobody gave any
		}
		r.add(severity, "DaemonSet "+want.Namespace+"/"+want.Name, "there", "none", "Apply the objects of collector.Objects, or give the DaemonSet: kubectl -n %s get daemonsets -o yaml", want.Namespace)
		return
	}
	have := &i.DaemonSets[at]
	r.daemonSet(want, have)
	r.configMap(have.Spec.Template.Spec.Volumes)
	r.presence(want, have)
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

// daemonSet compares what we have written with what is there.
func (r reporter) daemonSet(want, have *appsv1.DaemonSet) {
	for _, d := range differences(asTree(want.Spec), asTree(have.Spec), "spec") {
		severity, cure := Stale, "Apply the DaemonSet of collector.DaemonSet again"
		switch {
		case strings.Contains(d.path, "hostNetwork"):
			severity, cure = NoTraces, "Write true: the components send to the node's loopback address"
		case strings.Contains(d.path, "hostIP"), strings.Contains(d.path, "ecurityContext"):
			severity = Exposed
		}
		r.add(severity, "DaemonSet "+d.path, d.want, d.have, "%s", cure)
	}
}

// operatorVolume is the volume that the operator mounts the configuration by.
// Source: github.com/open-telemetry/opentelemetry-operator internal/naming,
// ConfigMapVolume.
const operatorVolume = "otc-internal"

// configMap judges the configuration that the DaemonSet's pods mount.
func (r reporter) configMap(volumes []corev1.Volume) {
	want := collector.ConfigMapFor(r.Resolved)
	find := func(name string) *corev1.ConfigMap {
		i := slices.IndexFunc(r.ConfigMaps, func(c corev1.ConfigMap) bool { return c.Namespace == want.Namespace && c.Name == name })
		if i < 0 {
			return nil
		}
		return &r.ConfigMaps[i]
	}
	mounted := ""
	for _, volume := range volumes {
		if volume.ConfigMap == nil || volume.Name != otelcol.ConfigVolume && volume.Name != operatorVolume {
			continue // others may mount what they like
		}
		if !r.hasConfigMaps(want.Namespace) {
			r.add(Unseen, "ConfigMap "+volume.ConfigMap.Name, "the collector's configuration", "none", "Give it: kubectl -n %s get configmaps -o yaml", want.Namespace)
			continue
		}
		name := volume.ConfigMap.Name
		have := find(name)
		if have == nil {
			r.add(RefusesToStart, "ConfigMap "+name, "there", "none", "Apply it, or give it: kubectl -n %s get configmaps -o yaml", want.Namespace)
			continue
		}
		mounted = name
		for _, key := range slices.Sorted(maps.Keys(have.Data)) {
			r.listensTooWide(name, have.Data[key])
		}
	}
	if mounted != want.Name {
		return // the DaemonSet's own finding
	}
	for _, key := range slices.Sorted(maps.Keys(want.Data)) {
		if have := find(want.Name).Data[key]; have != want.Data[key] {
			wanted, got := firstDifference(want.Data[key], have)
			r.add(howBad(want.Data[key], have), "ConfigMap "+want.Name+" "+key, wanted, got, "Apply the ConfigMap of collector.ConfigMap again, and restart the pods: kubectl -n %s rollout restart daemonset", want.Namespace)
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

// firstDifference is the first line that two texts differ in, but for the spaces around it.
func firstDifference(want, have string) (string, string) {
	first, second := setting.FirstDifference(trimmed(want), trimmed(have))
	if first == second {
		return "other spaces", "other spaces"
	}
	return quoted(first), quoted(second)
}

// trimmed is a text without the spaces around its lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

// listensTooWide finds what listens on more than the node's loopback address.
func (r reporter) listensTooWide(name, text string) {
	var config struct {
		Receivers  map[string]any `json:"receivers"`
		Extensions map[string]any `json:"extensions"`
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		r.add(RefusesToStart, "ConfigMap "+name, "a collector's configuration", "what cannot be read", "%s", setting.Sentence(err.Error()))
		return
	}
	r.listens("ConfigMap "+name+" receivers", config.Receivers)
	r.listens("ConfigMap "+name+" extensions", config.Extensions)
}

func (r reporter) listens(at string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			endpoint, ok := tree[key].(string)
			if key != "endpoint" || !ok {
				r.listens(at+"."+key, tree[key])
				continue
			}
			host, _, err := net.SplitHostPort(endpoint)
			if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && !ip.IsLoopback()) {
				r.add(Exposed, at+".endpoint", "a loopback address", endpoint, "Write %s: whoever reaches the node could send spans", r.ComponentEndpoint())
			}
		}
	case []any:
		for _, element := range tree {
			r.listens(at, element)
		}
	}
}
