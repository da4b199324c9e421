package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"kubetrace/tracing"
)

// planner compares what two releases need.
type planner struct {
	old, new tracing.Resolved
	step     *Step
	kubelets string // the oldest kubelet's version, as far as the changes have come
}

func (p *planner) add(c Change) { p.step.Changes = append(p.step.Changes, c) }

// plan collects the changes in the order in which they are made.
func (p *planner) plan() {
	if p.runtimesAlone() {
		p.runtimes()
		p.oldRuntimeFiles()
		return
	}
	p.kubeletGates()
	p.kubeletSkew()
	p.kubeadmAPI()
	p.etcd()
	p.serverGates()
	p.runtimes() // a new kubelet may want a new one
	p.nodes()
	p.later(tracing.ComponentAPIServer)
	p.objects() // before the kubelets send to them
	p.later(tracing.ComponentKubelet)
	p.oldRuntimeFiles()
}

// kubeletSkew has kubelets that are too old for the new control plane upgraded
// first, as far as the old one allows.
func (p *planner) kubeletSkew() {
	spec := p.new.Spec()
	stay := spec.KubeletVersion
	spec.KubeletVersion = p.kubelets
	if _, err := tracing.Resolve(spec); err == nil {
		return
	}
	to := p.step.From
	if _, err := tracing.MinorsAfter(stay, to); err == nil {
		to = stay
	}
	p.upgradeKubelets(Before, to, fmt.Sprintf("A kubelet of %s is too old for a control plane of %s", p.kubelets, p.step.To))
}

const upgradeNode = "kubeadm upgrade node"

// upgradeKubelets has the programs of all kubelets replaced.
func (p *planner) upgradeKubelets(phase Phase, to, why string) {
	p.add(Change{
		Phase: phase, Component: tracing.ComponentKubelet, Where: Nodes, Setting: "kubelets", Old: "kubelets of " + p.kubelets, New: "kubelets of " + to,
		Why: why + ". Drain a node (kubectl drain NODE --ignore-daemonsets), write what has changed in kubelet-config (" + upgradeNode + " phase kubelet-config), replace the kubelet's program, restart it (systemctl daemon-reload && systemctl restart kubelet), and let pods come back (kubectl uncordon NODE)",
	})
	p.kubelets = to
}

// kubeadmAPI has files migrated that the new kubeadm does not read.
func (p *planner) kubeadmAPI() {
	was, is := p.old.ControlPlane(), p.new.ControlPlane()
	if was.KubeadmOldestAPIVersion == is.KubeadmOldestAPIVersion {
		return
	}
	p.add(Change{
		Phase: Before, Component: tracing.ComponentAPIServer, Where: OwnFiles, Setting: "apiVersion", Old: was.KubeadmOldestAPIVersion, New: was.KubeadmAPIVersion, Stale: true,
		Why: fmt.Sprintf("kubeadm %s refuses %s. Migrate them with kubeadm %s, which reads both, once kubernetesVersion in them is %s. It writes no KubeletConfiguration or KubeProxyConfiguration: append those of the old file, or nodes that are made from it are not traced. It adds an InitConfiguration with this machine's name and address: take it out where there was none", is.Kubernetes, was.KubeadmOldestAPIVersion, was.Kubernetes, was.Kubernetes),
		Run: "kubeadm config migrate --old-config OLD --new-config NEW",
	})
}

// nodes are the upgrade itself.
func (p *planner) nodes() {
	to := p.new.Spec().KubeletVersion
	others := OtherNodes
	if sameVersion(p.kubelets, to) {
		others = OtherControlPlane
	}
	if p.step.From == p.step.To && others == OtherNodes && !slices.ContainsFunc(p.step.Changes, func(c Change) bool { return c.Component != tracing.ComponentKubelet }) {
		p.upgradeKubelets(During, to, "The control plane is newer already")
		return
	}
	version := "v" + strings.TrimPrefix(p.step.To, "v")
	if p.new.KubernetesPatch() == "" {
		version += ".PATCH"
	}
	c := Change{Phase: During, Component: tracing.ComponentAPIServer, Where: FirstNode, Setting: "kubeadm upgrade apply",
		Why: "Use the new kubeadm. Where patches were given at init or join, kubeadm forgets them: give them again with --patches", Run: "kubeadm upgrade apply " + preRelease(version) + version}
	p.add(c)
	c.Where, c.Setting, c.Run = others, upgradeNode, upgradeNode
	p.add(c)
	if others == OtherNodes {
		p.upgradeKubelets(During, to, "A kubelet is never newer than kube-apiserver, so they come after the control plane")
	}
}

func sameVersion(a, b string) bool { return strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v") }

// preRelease is the flag without which kubeadm refuses a version.
func preRelease(version string) string {
	switch {
	case strings.Contains(version, "-rc"):
		return "--allow-release-candidate-upgrades "
	case strings.Contains(version, "-alpha"), strings.Contains(version, "-beta"):
		return "--allow-experimental-upgrades "
	}
	return ""
}
