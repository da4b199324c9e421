package upgrade

import (
	"fmt"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// etcd is about etcd, whose settings have to be there before the new one starts.
func (p *planner) etcd() {
	before, after := p.old.Spec().Etcd, p.new.Spec().Etcd
	change := func(c Change) {
		c.Phase, c.Component, c.Where = Before, tracing.ComponentEtcd, ClusterConfiguration
		if after.External {
			c.Where = ExternalEtcd
		}
		p.add(c)
	}
	switch {
	case after.Disabled:
	case before.ImageTag != after.ImageTag:
		c := Change{Setting: "etcd.local.imageTag", New: "imageTag: " + after.ImageTag, Why: "kubeadm runs the etcd that this names"}
		if before.ImageTag != "" {
			c.Old = "imageTag: " + before.ImageTag
		}
		change(c)
	case after.External && before.Version != after.Version:
		change(Change{Setting: "etcd", Old: "etcd " + before.Version, New: "etcd " + after.Version,
			Why: "kubeadm does not run this etcd. Replace a member's program and its settings together, and wait until it is healthy. A flag that it does not know keeps etcd from starting; with such a variable or field of its file it starts, and is not traced"})
	}
	for _, d := range setting.Compare(p.old, p.new, tracing.ComponentEtcd) {
		change(p.etcdFlag(d))
	}
	if c, ok := p.carriedAlong(); ok {
		change(c)
	}
}

// externalEtcd warns of what a plan does not know of an etcd that kubeadm does not run.
func externalEtcd(steps []Step) []tracing.Warning {
	etcd := steps[len(steps)-1].Spec.Etcd
	if !etcd.External {
		return nil
	}
	return []tracing.Warning{{
		Code: tracing.WarnEtcdExternal, Field: "etcd.external", Release: strings.TrimSpace("etcd " + etcd.Version),
		Message: "etcd is not kubeadm's. Which release of it runs after the upgrade this plan takes from etcd.version and Target.EtcdVersion, and does not know; so it does not know either whether its flags change their spelling, as they do from 3.5 to 3.6 and to 3.7",
		Cure:    "See which etcd will run and plan with that as Target.EtcdVersion. On k3s, RKE2, k0s and Talos do not follow the steps, which are kubeadm's: generate anew for the new release with Resolve of the platform's package (Spec of platform/talos)",
	}}
}

// etcdFlag is about a flag of etcd that is new, goes, or is written otherwise.
func (p *planner) etcdFlag(d setting.Difference) Change {
	c := Change{Setting: "--" + d.Is.Name, Old: d.Was.Argument(), New: d.Is.Argument(), Why: "The new release's etcd does not take the old spelling"}
	switch {
	case c.New == "":
		c.Setting, c.Why = "--"+d.Was.Name, "Not every etcd of the new release has this flag, and etcd does not start with one that it does not have"
		return c
	case c.Old == "":
		c.Optional, c.Why = true, "Every etcd of the new release has this flag, and can be traced"
		return c
	case setting.EtcdOf(p.new).Takes(d.Was.Name):
		c.Optional, c.Why = true, "The new release's etcd takes either spelling, but not both at once, and later ones take the new spelling alone"
	}
	if !setting.EtcdOf(p.old).MayTake(d.Is.Name) {
		c.Why += ". The old release's does not take the new one: give it with the new program, and let no control-plane node join until the upgrade has begun"
	}
	return c
}

// carriedAlong is about flags in the old spelling that were never replaced, since
// there are releases of etcd that take both.
func (p *planner) carriedAlong() (Change, bool) {
	before, after := setting.EtcdOf(p.old), setting.EtcdOf(p.new)
	prefix, was, is := setting.EtcdOldSpelling()
	_, newest := p.new.EtcdRange()
	return Change{
		Setting: "--" + is, Old: "--" + was + " and its like", New: "--" + is + " and its like", Stale: true, Optional: after.MayTake(was),
		Why: fmt.Sprintf("Flags that were written for older releases may still be there. etcd %s, which a cluster of %s may run, does not start with them, and the upgrade to it fails. That goes for every flag of etcd that begins with %s, of which those that are not of tracing are yours to rename", newest, p.new.KubernetesMinor(), prefix),
	}, before != after && before.MayTake(was) && !after.Takes(was)
}

// kubeadmFlags is where kubeadm keeps the flags of a node's kubelet.
// https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/
const kubeadmFlags = "/var/lib/kubelet/kubeadm-flags.env"

// kubeletGates are about the gates with which a kubelet of the cluster no longer
// starts, the oldest one or one of the control plane's release.
func (p *planner) kubeletGates() {
	before := setting.KubeletGates(p.old, p.old.OldestKubelet(), p.old.ControlPlane())
	after := setting.KubeletGates(p.new, p.new.OldestKubelet(), p.new.ControlPlane())
	c := Change{Component: tracing.ComponentKubelet, Where: KubeletConfiguration, Setting: setting.FieldGates, Why: "the kubelet does not start"}
	p.refused(before, after, c, "")
	c.Where, c.Path, c.Setting = KubeadmFlags, kubeadmFlags, "--"+setting.FlagGates
	p.refused(before, after, c, ". kubeletExtraArgs have become these flags, which nothing here edits")
	c.Where, c.Path, c.Setting = KubeletFiles, "", setting.FieldGates
	p.refused(before, after, c, ". They win over what kubeadm keeps, and nothing here edits them")
}

// serverGates are about those of the control plane and of kube-proxy.
func (p *planner) serverGates() {
	before, after := setting.ServerGates(p.old), setting.ServerGates(p.new)
	p.refused(before, after, Change{Component: tracing.ComponentAPIServer, Where: ClusterConfiguration, Setting: "--" + setting.FlagGates,
		Why: "kube-apiserver, kube-controller-manager and kube-scheduler do not start"}, "")
	p.refused(before, after, Change{Component: "kube-proxy", Where: KubeProxyConfiguration, Setting: setting.FieldGates, Why: "kube-proxy does not start"},
		". kind writes the gates of a cluster for kube-proxy too. apply.Documents edits the text of the ConfigMap, config.conf")
}

// refused is about gates with which the readers of a place no longer start, as c.Why
// says.
func (p *planner) refused(before, after []setting.KnownGate, c Change, also string) {
	change := func(gates []string, format string) {
		if c := c; len(gates) > 0 {
			c.Phase, c.Old, c.Stale, c.Why = Before, strings.Join(gates, " and "), true, fmt.Sprintf(format, c.Why, p.new.KubernetesMinor())+also
			p.add(c)
		}
	}
	gone, locked := setting.RefusedGates(before, after)
	change(gone, "Where it is there, on or off, %s: Kubernetes %s does not have the gate")
	change(locked, "Where one is there, %s: Kubernetes %s does not let it be switched off")
}

// later is about what may change when no component of the old release is left. The
// kubelets of a cluster share a configuration, which is for the oldest of them.
func (p *planner) later(component tracing.Component) {
	for _, d := range setting.Compare(p.old, p.new, component) {
		c := Change{Phase: After, Component: component, Where: KubeletConfiguration, Setting: d.Is.Name, Old: d.Was.Line(), New: d.Is.Line(), Optional: true}
		switch server := component == tracing.ComponentAPIServer; {
		case d.Was.Kind == setting.Gate:
			c.Setting, c.Why = setting.FieldGates, "The gate is on by itself now"
			if server {
				c.Where, c.Setting, c.Old = ClusterConfiguration, "--"+setting.FlagGates, d.Was.Argument()
			}
			if end := setting.GateEnds(d.Was.Name); end != "" {
				c.Why += ". It has to be out before " + end
			}
		case server:
			c.Where, c.Path = NodeFile, p.new.Spec().APIServer.ConfigFile
			c.Why = "The new release still reads what was written for the old one, which may not read the new: leave the file while a kube-apiserver of it may start again. kube-apiserver reads it when it starts"
		default:
			c.Why = "Every kubelet can be traced now. An older one does not know the field, and one does not start with it whose gate is missing"
			c.Run = upgradeNode + " phase kubelet-config && systemctl restart kubelet"
		}
		p.add(c)
	}
}
