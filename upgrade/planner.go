package upgrade

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
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
	p.kubeletSkew()
	p.kubeadmAPI()
	p.etcdFlags()
	p.gates()
	p.nodes()
	p.gatesThatMayGo()
	p.tracingFile()
	p.objects() // before the kubelets send to them
	p.kubelet()
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

// upgradeKubelets has the programs of all kubelets replaced.
func (p *planner) upgradeKubelets(phase Phase, to, why string) {
	p.add(Change{
		Phase: phase, Component: tracing.ComponentKubelet, Where: Nodes, Setting: "kubelets", Old: "kubelets of " + p.kubelets, New: "kubelets of " + to,
		Why: why + ". Drain a node (kubectl drain NODE --ignore-daemonsets), replace the kubelet's program, restart it, and let pods come back (kubectl uncordon NODE)", Run: "systemctl daemon-reload && systemctl restart kubelet",
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

// etcdFlags compares etcd's flags by their names without a prefix.
func (p *planner) etcdFlags() {
	before, after := p.old.Spec().Etcd, p.new.Spec().Etcd
	where := ClusterConfiguration
	if after.External {
		where = ExternalEtcd
	}
	change := func(c Change) {
		c.Phase, c.Component, c.Where = Before, tracing.ComponentEtcd, where
		p.add(c)
	}
	switch {
	case after.Disabled:
	case before.ImageTag != after.ImageTag:
		change(Change{Setting: "etcd.local.imageTag", Old: text("imageTag: ", before.ImageTag), New: text("imageTag: ", after.ImageTag),
			Why: "kubeadm runs the etcd that this names"})
	case after.External && before.Version != after.Version:
		change(Change{Setting: "etcd", Old: "etcd " + before.Version, New: "etcd " + after.Version,
			Why: "kubeadm does not run this etcd. Replace a member's program and its settings together, and wait until it is healthy. A flag that it does not know keeps etcd from starting; with such a variable or field of its file it starts, and is not traced"})
	}
	was, is := etcd.ArgsFor(p.old), etcd.ArgsFor(p.new)
	for _, arg := range is {
		at := slices.IndexFunc(was, func(a kubeadm.Arg) bool { return plain(a) == plain(arg) })
		switch {
		case at < 0 && len(was) == 0:
			change(Change{Setting: "--" + arg.Name, New: arg.String(), Optional: true, Why: "etcd can be traced from this release on"})
		case at < 0:
			change(Change{Setting: "--" + arg.Name, New: arg.String(), Optional: true, Why: "Every etcd of the new release has this flag"})
		case was[at] != arg:
			change(p.renamed(was[at], arg))
		}
	}
	for _, arg := range was {
		if !slices.ContainsFunc(is, func(a kubeadm.Arg) bool { return plain(a) == plain(arg) }) {
			change(Change{Setting: "--" + arg.Name, Old: arg.String(), Why: "Not every etcd of the new release has this flag, and etcd does not start with one that it does not have"})
		}
	}
	if c, ok := p.carriedAlong(); ok {
		change(c)
	}
}

// renamed is about a flag in another spelling.
func (p *planner) renamed(was, is kubeadm.Arg) Change {
	c := Change{Setting: "--" + was.Name, Old: was.String(), New: is.String()}
	c.Why = "The new release's etcd does not take the old spelling"
	lowest, highest := p.new.EtcdRange()
	if takes(lowest, was.Name) && takes(highest, was.Name) {
		c.Optional = true
		c.Why = "The new release's etcd takes either spelling, but not both at once, and later ones take the new spelling alone"
	}
	if _, newest := p.old.EtcdRange(); !takes(newest, is.Name) {
		c.Why += ". The old release's does not take the new one"
		if p.new.Spec().Etcd.External {
			c.Why += ": give it with the new program"
		} else {
			c.Why += ": let no control-plane node join until the upgrade has begun"
		}
	}
	return c
}

func takes(etcd, flag string) bool {
	accepts, known := tracing.EtcdAccepts(etcd, flag)
	return accepts && known
}

// carriedAlong is about flags in the old spelling that were never replaced, since
// etcd 3.6 takes both.
func (p *planner) carriedAlong() (Change, bool) {
	const flag = "experimental-enable-distributed-tracing"
	lowest, newest := p.old.EtcdRange()
	oldest, highest := p.new.EtcdRange()
	if same := lowest == oldest && newest == highest; same || !takes(lowest, flag) || takes(highest, flag) {
		return Change{}, false
	}
	c := Change{
		Setting: "--experimental-…", Old: "--experimental-enable-distributed-tracing and its like", New: "--enable-distributed-tracing and its like", Stale: true,
		Why: fmt.Sprintf("Where flags that were written up to Kubernetes 1.33 are still there, etcd %s does not start and the upgrade fails. That goes for every flag of etcd that begins with experimental-, of which those that are not of tracing are yours to rename", highest),
	}
	if len(etcd.ArgsFor(p.new)) == 0 {
		c.Old, c.New = "--experimental-enable-distributed-tracing and its like", ""
	}
	if takes(oldest, flag) {
		c.Optional = true
		c.Why = fmt.Sprintf("The etcd that kubeadm %s installs takes them still, and %s, which the next kubeadm gives this release too, does not start with them, nor with any other flag that begins with experimental-", p.new.KubernetesMinor(), highest)
	}
	return c, true
}

// plain is a flag's name without the prefix.
func plain(a kubeadm.Arg) string { return strings.TrimPrefix(a.Name, "experimental-") }

// text is a value behind its name, or nothing.
func text(name, value string) string {
	if value == "" {
		return ""
	}
	return name + value
}

// gates are those that the new release does not have any more, or does not let
// anybody switch off.
func (p *planner) gates() {
	var locked []string
	for _, gate := range []struct {
		name    string
		was, is tracing.Gate
	}{
		{tracing.GateNameAPIServer, p.old.ControlPlane().APIServerTracing, p.new.ControlPlane().APIServerTracing},
		{tracing.GateNameKubelet, p.old.ControlPlane().KubeletTracing, p.new.ControlPlane().KubeletTracing},
	} {
		if gate.was == gate.is {
			continue
		}
		if gate.is == tracing.GateLocked {
			locked = append(locked, gate.name+"=false")
		}
		if gate.is != tracing.GateUnknown {
			continue
		}
		stale := gate.was != tracing.GateRequired
		p.add(Change{
			Phase: Before, Component: tracing.ComponentAPIServer, Where: ClusterConfiguration, Setting: "--feature-gates", Old: gate.name + " from the flag --feature-gates in extraArgs", Stale: stale,
			Why: fmt.Sprintf("Where it is still there, on or off, kube-apiserver, kube-controller-manager and kube-scheduler of %s do not start: it does not have the gate", p.new.KubernetesMinor()),
		})
		p.add(Change{
			Phase: Before, Component: tracing.ComponentKubelet, Where: KubeletConfiguration, Setting: "featureGates", Old: gate.name, Stale: stale,
			Why: "Where it is there, a kubelet does not start: it does not have the gate",
		})
		p.add(Change{
			Phase: Before, Component: tracing.ComponentKubelet, Where: OtherGates, Setting: "feature gates", Old: gate.name, Stale: true,
			Why: "Where it is there, kube-proxy or the kubelet does not start. kind writes the gates of a cluster for kube-proxy too, and kubeletExtraArgs become flags. Nothing here edits the flags; apply.Documents edits the text of the ConfigMap, config.conf",
		})
	}
	if len(locked) > 0 {
		p.add(Change{
			Phase: Before, Component: tracing.ComponentAPIServer, Where: AllGates, Setting: "feature gates", Old: strings.Join(locked, " and "), Stale: true,
			Why: fmt.Sprintf("Where one is there, what reads it does not start: %s does not let it be switched off", p.new.KubernetesMinor()),
		})
	}
}

// nodes are the upgrade itself.
func (p *planner) nodes() {
	patches, _ := kubeadm.PatchFiles(p.bundle().Kubeadm, p.new.ControlPlane().KubeadmAPIVersion) // ours can be written
	why := "Where patches were given at init or join, kubeadm forgets them: give them again with --patches"
	given := ""
	if len(patches) > 0 {
		why, given = "kubeadm forgets patches: give those of the bundle again", " --patches "+kubetrace.FolderPatches
	}
	version := "v" + strings.TrimPrefix(p.step.To, "v")
	if p.new.KubernetesPatch() == "" {
		version += ".PATCH"
	}
	to := p.new.Spec().KubeletVersion
	if p.step.From == p.step.To && len(p.step.Changes) == 0 && p.kubelets != to { // nothing else changes
		p.upgradeKubelets(During, to, "The control plane is newer already")
		return
	}
	p.add(Change{Phase: During, Component: tracing.ComponentAPIServer, Where: FirstNode, Setting: "kubeadm upgrade apply", Why: "Use the new kubeadm. " + why, Run: "kubeadm upgrade apply " + preRelease(version) + version + given})
	others := OtherNodes
	if p.kubelets == to {
		others = OtherControlPlane
	}
	p.add(Change{Phase: During, Component: tracing.ComponentAPIServer, Where: others, Setting: "kubeadm upgrade node", Why: "Use the new kubeadm. " + why, Run: "kubeadm upgrade node" + given})
	if p.kubelets != to {
		p.upgradeKubelets(During, to, "A kubelet is never newer than kube-apiserver, so they come after the control plane")
	}
}

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

// bundle is that of the new release.
func (p *planner) bundle() *kubetrace.Bundle {
	bundle, err := kubetrace.GenerateFor(p.new)
	if err != nil { // which those of one spec do not make
		return &kubetrace.Bundle{}
	}
	return bundle
}

// gatesThatMayGo are those that are on by themselves from now on.
func (p *planner) gatesThatMayGo() {
	if p.old.ControlPlane().APIServerTracing == tracing.GateRequired && p.new.ControlPlane().APIServerTracing != tracing.GateRequired && p.new.NotGenerated(tracing.ComponentAPIServer) == nil {
		p.add(Change{
			Phase: After, Component: tracing.ComponentAPIServer, Where: ClusterConfiguration, Setting: "--feature-gates", Old: tracing.GateNameAPIServer + "=true from the flag --feature-gates in extraArgs", Optional: true,
			Why: "The gate is on by itself now. It has to be out before 1.37",
		})
	}
}

// tracingFile is written anew when no kube-apiserver of the old release is left to
// read it. What it was is read by all later ones.
func (p *planner) tracingFile() {
	was, is := apiserver.TracingConfigurationFor(p.old), apiserver.TracingConfigurationFor(p.new)
	if was == nil || is == nil || was.APIVersion == is.APIVersion {
		return
	}
	p.add(Change{
		Phase: After, Component: tracing.ComponentAPIServer, Where: p.new.Spec().APIServer.ConfigFile, Setting: "apiVersion",
		Old: was.APIVersion, New: is.APIVersion, Optional: true,
		Why: "The new release still reads the old version, and the old release does not read the new one: leave the file while a kube-apiserver of it may start again. kube-apiserver reads it when it starts",
	})
}

// kubelet compares the fragment, which is for the oldest kubelet. Those of one
// cluster share it.
func (p *planner) kubelet() {
	was, is := kubelet.ConfigurationFor(p.old), kubelet.ConfigurationFor(p.new)
	switch {
	case was == nil && is != nil:
		p.add(Change{
			Phase: After, Component: tracing.ComponentKubelet, Where: KubeletConfiguration, Setting: "tracing", New: fragment(is), Optional: true,
			Why: "Every kubelet can be traced now. An older one does not know the field, and one does not start with it whose gate is missing",
			Run: "kubeadm upgrade node phase kubelet-config && systemctl restart kubelet",
		})
	case was != nil && is != nil && len(was.FeatureGates) > len(is.FeatureGates):
		p.add(Change{
			Phase: After, Component: tracing.ComponentKubelet, Where: KubeletConfiguration, Setting: "featureGates", Old: tracing.GateNameKubelet + ": true", Optional: true,
			Why: "The gate is on by itself now",
		})
	}
}

// fragment is what the kubelet's configuration says of tracing, in one line.
func fragment(config *kubeletv1beta1.KubeletConfiguration) string {
	text := fmt.Sprintf("tracing: {endpoint: %q, samplingRatePerMillion: %d}", *config.Tracing.Endpoint, *config.Tracing.SamplingRatePerMillion)
	for _, name := range slices.Sorted(maps.Keys(config.FeatureGates)) {
		text += fmt.Sprintf(" and featureGates: {%s: %t}", name, config.FeatureGates[name])
	}
	return text
}

// objects compares what runs in the cluster.
func (p *planner) objects() {
	old, err := kubetrace.GenerateFor(p.old)
	if err != nil {
		return
	}
	now := p.bundle()
	for _, part := range []struct {
		component tracing.Component
		file      string
		was, is   []runtime.Object
	}{
		{tracing.ComponentCollector, kubetrace.FileCollector, old.Collector, now.Collector},
		{tracing.ComponentGateway, kubetrace.FileGateway, old.Gateway, now.Gateway},
		{tracing.ComponentBackend, kubetrace.FileBackend, old.Backend, now.Backend},
	} {
		was, _ := tracing.MarshalAll(part.was) // what FS writes always marshals
		is, _ := tracing.MarshalAll(part.is)
		if !bytes.Equal(was, is) {
			p.add(Change{
				Phase: After, Component: part.component, Where: Objects, Setting: part.file, Old: "the old one", New: "the new " + part.file,
				Why: "The objects differ between the releases, and have to be there before what sends to them", Run: "kubectl apply -f " + part.file,
			})
		}
	}
}
