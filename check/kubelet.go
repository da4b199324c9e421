package check

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

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
			r.add(Stale, "version", "as the spec says", version, "%s", sentence(err))
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
	r.kubeletTracing("", config, release)
}

// noConfigz finds that a kubelet's configuration was not given or cannot be read.
func (r reporter) noConfigz(node *corev1.Node) {
	have, cure := "none", ""
	for _, u := range r.Unreadable {
		if u.What == configz && u.Node == node.Name && u.Err != nil {
			have, cure = "what cannot be read", sentence(u.Err)+". "
		}
	}
	again := ""
	if !isReady(node) {
		again = ". The node is not ready: ask when it is"
	}
	r.add(Unseen, configz, "the kubelet's live configuration", have, "%sGive it: kubectl get --raw /api/v1/nodes/%s/proxy/configz%s", cure, node.Name, again)
}

// kubeletTracing judges a configuration of kubelets of some releases. A kubelet that
// is configured to trace and has the gate off does not start; one that runs was
// started before.
func (r reporter) kubeletTracing(prefix string, config KubeletConfig, releases ...tracing.Release) {
	on, set := config.FeatureGates[tracing.GateNameKubelet]
	beta, thereBeta := config.FeatureGates["AllBeta"]
	alpha := config.FeatureGates["AllAlpha"]
	off := NoTraces
	if config.Tracing != nil {
		off = RefusesToStart
	}
	found := map[string]bool{}
	add := func(severity Severity, gate, want, have, cure string) {
		if !found[gate] { // by another release
			r.add(severity, prefix+"featureGates."+gate, want, have, "%s", cure)
		}
		found[gate] = true
	}
	for _, release := range releases {
		switch state := release.KubeletTracing; {
		case set && (state == tracing.GateUnknown || !on && state == tracing.GateLocked):
			add(RefusesToStart, tracing.GateNameKubelet, "nothing", strconv.FormatBool(on), "Take it out: the kubelet of "+release.Kubernetes+" does not have the gate, or it is locked")
		case set && !on:
			add(off, tracing.GateNameKubelet, "true", "false", "Take it out, or write true: without the gate the kubelet is not traced, and does not start with a tracing configuration")
		case !set && !alpha && state == tracing.GateRequired:
			add(off, tracing.GateNameKubelet, "true", "nothing", "Write it: up to 1.26 the kubelet is not traced without the gate, and does not start with a tracing configuration")
		case !set && thereBeta && !beta && state == tracing.GateOptional:
			add(off, "AllBeta", "nothing", "false", "Take it out, or write featureGates."+tracing.GateNameKubelet+": true: it switches off the tracing of the kubelet, which does not start then with a tracing configuration")
		}
	}
	if config.Tracing == nil {
		r.add(NoTraces, prefix+"tracing", r.ComponentEndpoint(), "nothing", "Lay the fragment of kubelet.Configuration into the kubelet's configuration, and restart it")
		return
	}
	r.configuration(prefix+"tracing.endpoint", prefix+"tracing.samplingRatePerMillion", *config.Tracing, r.KubeletSamplingRate())
}

// storedKubelet judges what kubeadm gives to kubelets that join or are upgraded.
func (i *inspector) storedKubelet() {
	r := reporter{inspector: i, component: tracing.ComponentKubelet}
	if i.NotGenerated(tracing.ComponentKubelet) != nil {
		return
	}
	// Up to 1.23 its name has the release.
	names := []string{"kubelet-config", "kubelet-config-" + i.KubernetesMinor()}
	for _, configMap := range i.ConfigMaps {
		if configMap.Namespace != "kube-system" || !slices.Contains(names, configMap.Name) {
			continue
		}
		prefix := "ConfigMap " + configMap.Name + " "
		config, err := kubeletConfig([]byte(configMap.Data["kubelet"]))
		if err != nil {
			r.add(RefusesToStart, prefix+"kubelet", "a KubeletConfiguration", "what cannot be read", "%s", sentence(err))
			return
		}
		before := len(i.findings)
		r.kubeletTracing(prefix, config, r.OldestKubelet(), r.ControlPlane())
		for f := range i.findings[before:] {
			// No kubelet runs with it yet.
			if found := &i.findings[before+f]; found.Severity == NoTraces || found.Severity == Exposed {
				found.Severity = Stale
			}
		}
		return
	}
	r.add(Unseen, "ConfigMap kubelet-config", "what kubelets that join read", "none", "Give it: kubectl -n kube-system get configmaps -o yaml. Where kubeadm did not make the cluster, say so (Options.WithoutKubeadm)")
}
