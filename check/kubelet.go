package check

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// kubelet judges what a node's kubelet runs with.
func (i *inspector) kubelet(node *corev1.Node) {
	r := reporter{inspector: i, component: tracing.ComponentKubelet, node: node.Name}
	if i.NotGenerated(tracing.ComponentKubelet) != nil {
		return
	}
	if version := node.Status.NodeInfo.KubeletVersion; version != "" {
		if err := i.CheckNodeVersion(version, false); err != nil {
			want := r.KubernetesMinor()
			if oldest := r.OldestKubelet().Kubernetes; oldest != want {
				want = oldest + " to " + want
			}
			r.add(Stale, "version", want, version, "%s", setting.Sentence(err.Error()))
		}
	}
	config, given := i.Configz[node.Name]
	if !given {
		r.noConfigz(node)
		return
	}
	release, known := tracing.ReleaseOf(node.Status.NodeInfo.KubeletVersion)
	if !known {
		release = r.OldestKubelet()
	}
	r.kubeletTracing(config, release)
}

// noConfigz finds that a kubelet's configuration was not given or cannot be read.
func (r reporter) noConfigz(node *corev1.Node) {
	have, cure := "none", ""
	for _, u := range r.Unreadable {
		if u.What == configz && u.Node == node.Name && u.Err != nil {
			have, cure = "what cannot be read", setting.Sentence(u.Err.Error())+". "
		}
	}
	again := ""
	if !isReady(node) {
		again = ". The node is not ready: ask when it is"
	}
	r.add(Unseen, configz, "the kubelet's live configuration", have, "%sGive it: kubectl get --raw /api/v1/nodes/%s/proxy/configz%s", cure, node.Name, again)
}

// kubeletTracing judges the configuration of kubelets of some releases. One that runs
// was started before.
func (r reporter) kubeletTracing(config KubeletConfig, releases ...tracing.Release) {
	known := setting.KubeletGates(r.Resolved, releases...)
	for k := range known {
		known[k].Fatal = known[k].Fatal && config.Tracing != nil
	}
	given := setting.GatesOf(config.FeatureGates)
	for _, v := range setting.JudgeGates(known, given) {
		v, have := v, ""
		name := v.Name
		if v.At >= 0 {
			name, have = given[v.At].Name, strconv.FormatBool(given[v.At].On)
			if v.Name != "" && !given[v.At].Is(v.Name) { // AllBeta
				v.Value = v.Name + "=" + v.Value
			}
		} else if config.Tracing != nil {
			v.Class = setting.RefusesToStart
		}
		r.report(v, setting.FieldGates+"."+name, have)
	}
	if config.Tracing == nil {
		r.add(NoTraces, setting.FieldTracing, r.ComponentEndpoint(), "nothing", "Merge the fragment of kubelet.Configuration into the kubelet's configuration, and restart it")
		return
	}
	r.destination(setting.FieldTracing+".", *config.Tracing)
}

// destination judges where a component sends to, and how much.
func (r reporter) destination(prefix string, config tracingv1.TracingConfiguration) {
	endpoint, rate := setting.Destination(config)
	have := map[string]string{setting.FieldEndpoint: endpoint, setting.FieldRate: rate}
	for _, v := range setting.JudgeDestination(r.Resolved, r.component, config) {
		r.report(v, prefix+v.Name, have[v.Name])
	}
}
