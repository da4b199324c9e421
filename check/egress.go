package check

import (
	"net"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// egressSelector judges the file that the flag names. With an entry for the control
// plane, kube-apiserver sends its spans through it and always dials TCP; entries for
// others, such as the cluster, leave them alone.
// Source: k8s.io/apiserver pkg/server/options/tracing.go, egressDialer.
func (r reporter) egressSelector(file string) {
	if file == "" {
		return
	}
	name := "--" + setting.FlagEgressSelector
	text, given := r.EgressSelectors[r.node]
	if !given {
		r.add(Unseen, name, "no entry controlplane", file, "Look whether the file on the node has a selection with the name controlplane, which kube-apiserver's spans would go through, or give its content %s", r.contentAs("State.EgressSelectors, to Cluster"))
		return
	}
	var config struct {
		Kind             string `json:"kind"`
		EgressSelections []struct {
			Name       string `json:"name"`
			Connection struct {
				ProxyProtocol string `json:"proxyProtocol"`
			} `json:"connection"`
		} `json:"egressSelections"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil || config.Kind != "EgressSelectorConfiguration" {
		r.add(RefusesToStart, file, "an EgressSelectorConfiguration", quoted(config.Kind), "Write the file anew, or take the flag --%s out: kube-apiserver does not start with a file that it cannot read", setting.FlagEgressSelector)
		return
	}
	for _, selection := range config.EgressSelections {
		if strings.ToLower(selection.Name) == "controlplane" {
			r.throughEgress(file+" controlplane", selection.Connection.ProxyProtocol)
			return
		}
	}
	if len(config.EgressSelections) > 0 && r.panicsWithoutEntry() {
		r.add(RefusesToStart, file, "an entry controlplane", "none", "Take the flag --%s out, or upgrade to 1.26 or later: kube-apiserver %s panics where it has a selector without this entry and sends spans (kubernetes/kubernetes#112976)", setting.FlagEgressSelector, r.KubernetesMinor())
	}
}

// panicsWithoutEntry says whether kube-apiserver of the spec's release panics with a
// selector that has no entry for the control plane.
func (r reporter) panicsWithoutEntry() bool {
	return slices.ContainsFunc(r.Warnings, func(w tracing.Warning) bool { return w.Code == tracing.WarnEgressSelectorPanic })
}

// throughEgress judges an entry for the control plane.
func (r reporter) throughEgress(setting, protocol string) {
	endpoint := r.ComponentEndpoint()
	host, _, _ := net.SplitHostPort(endpoint)
	ip := net.ParseIP(host)
	switch {
	case strings.HasPrefix(endpoint, "unix"):
		r.add(NoTraces, setting, "no such entry", quoted(protocol), "Write an address such as 127.0.0.1:4317 as endpoint in the spec, or take the entry out: with it kube-apiserver dials TCP alone, and does not reach %s", endpoint)
	case protocol == "Direct":
	case ip != nil && ip.IsLoopback():
		r.add(NoTraces, setting, "no such entry, or Direct", quoted(protocol), "Take the entry out, or write proxyProtocol: Direct: kube-apiserver's spans go through the proxy, whose %s is not the node's", endpoint)
	default:
		r.add(Stale, setting, "no such entry, or Direct", quoted(protocol), "Take the entry out, or write proxyProtocol: Direct: kube-apiserver's spans go through the proxy, and arrive only where and while it reaches %s", endpoint)
	}
}
