package upgrade

import (
	"fmt"
	"slices"

	"kubetrace"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// A runtimeFile is a file of a container runtime, and the settings in it.
type runtimeFile struct {
	component  tracing.Component
	kind       setting.Kind
	name, path string // in the bundle, and on the nodes
	restart    string
}

var runtimeFiles = []runtimeFile{
	{tracing.ComponentContainerd, setting.Variable, kubetrace.FileContainerd, kubetrace.NodeFileContainerd, "systemctl daemon-reload && systemctl restart containerd"},
	{tracing.ComponentContainerd, setting.Field, kubetrace.FileContainerdConfig, kubetrace.NodeFileContainerdConfig, "systemctl restart containerd"},
	{tracing.ComponentCRIO, setting.Field, kubetrace.FileCRIO, kubetrace.NodeFileCRIO, "systemctl restart crio"},
}

// settings says what of a file is new in the new release and what goes.
func (f runtimeFile) settings(p *planner) (comes, goes bool) {
	for _, d := range setting.Compare(p.old, p.new, f.component) {
		comes = comes || d.Is.Kind == f.kind
		goes = goes || d.Is.Kind == "" && d.Was.Kind == f.kind
	}
	return comes, goes
}

// runtimes has the files that the new container runtimes go by put on the nodes, and
// then the runtimes replaced.
func (p *planner) runtimes() {
	for _, f := range runtimeFiles {
		if comes, _ := f.settings(p); comes {
			p.add(Change{Phase: Before, Component: f.component, Where: RuntimeFile, Path: f.path, Setting: f.name, New: "the new " + f.name,
				Why: "The new release goes by it, and without it is silently not traced. The old one passes over it"})
		}
	}
	for _, r := range []struct {
		component tracing.Component
		name      string
		was, is   string
	}{
		{tracing.ComponentContainerd, "containerd", containerdOf(p.old), containerdOf(p.new)},
		{tracing.ComponentCRIO, "CRI-O", crioOf(p.old), crioOf(p.new)},
	} {
		if r.was == r.is {
			continue
		}
		if r.component == tracing.ComponentContainerd && !p.old.ContainerdTOML() && setting.ContainerdReadsTOML(p.old) && !setting.ContainerdReadsTOML(p.new) {
			p.add(Change{Phase: Before, Component: r.component, Where: RuntimeFile, Path: "/etc/containerd/config.toml", Setting: "its tables of tracing", Old: "its tables of tracing", Optional: true, Stale: true,
				Why: fmt.Sprintf("containerd %s takes from them what no variable says, and %s passes over them. Give the service what they say as variables first, as %s has them", r.was, r.is, kubetrace.FileContainerd), Run: restartOf(r.component)})
		}
		p.add(Change{Phase: Before, Component: r.component, Where: Nodes, Setting: r.name, Old: r.name + " " + r.was, New: r.name + " " + r.is,
			Why: "Drain a node (kubectl drain NODE --ignore-daemonsets), replace the program, restart it (" + restartOf(r.component) + "), and let pods come back (kubectl uncordon NODE)"})
	}
}

// oldRuntimeFiles has what no runtime goes by any more taken away.
func (p *planner) oldRuntimeFiles() {
	for _, f := range runtimeFiles {
		_, goes := f.settings(p)
		if !goes {
			continue
		}
		why := "The new release passes over it"
		if f.kind == setting.Field {
			if setting.ContainerdReadsTOML(p.new) {
				why = "The new release takes from it only what no variable says, and containerd 2.0 nothing"
			}
			why += ". Take the same settings out of /etc/containerd/config.toml where they stand there, which apply.Runtime does"
		}
		p.add(Change{Phase: After, Component: f.component, Where: RuntimeFile, Path: f.path, Setting: f.name, Old: f.name + " of the old release", Optional: true,
			Why: why + ". Wait until no node runs containerd " + containerdOf(p.old) + " any more", Run: f.restart})
	}
}

// containerdFirst warns of a containerd that only the last step replaces, and for which
// kubelets on the way say that they lose support.
func (t Target) containerdFirst(from tracing.TracingSpec, steps []Step) []tracing.Warning {
	old := func(s Step) bool {
		return slices.ContainsFunc(s.resolved.Warnings, func(w tracing.Warning) bool {
			return w.Code == tracing.WarnRuntimeOld && w.Field == "containerd.version"
		})
	}
	last := len(steps) - 1
	if t.ContainerdVersion == "" || old(steps[last]) || !slices.ContainsFunc(steps[:last], old) {
		return nil
	}
	return []tracing.Warning{{
		Code: tracing.WarnRuntimeOld, Field: "containerd.version", Release: "containerd " + from.Containerd.Version,
		Message: "The last step replaces it, and kubelets of the steps before say that they lose support for it (kubelet_cri_losing_support)",
		Cure:    fmt.Sprintf("Replace it first, with Target{KubernetesVersion: %q, ContainerdVersion: %q}, and plan on from there to %s", from.KubernetesVersion, t.ContainerdVersion, t.KubernetesVersion),
	}}
}

func restartOf(component tracing.Component) string {
	restart := ""
	for _, f := range runtimeFiles {
		if f.component == component && restart == "" {
			restart = f.restart
		}
	}
	return restart
}

func containerdOf(r tracing.Resolved) string {
	if spec := r.Spec().Containerd; spec != nil {
		return spec.Version
	}
	return ""
}

func crioOf(r tracing.Resolved) string {
	if spec := r.Spec().CRIO; spec != nil {
		return spec.Version
	}
	return ""
}

// runtimesAlone says whether nothing changes but the container runtimes.
func (p *planner) runtimesAlone() bool {
	return p.step.From == p.step.To && p.old.Spec().Etcd == p.new.Spec().Etcd && sameVersion(p.old.Spec().KubeletVersion, p.new.Spec().KubeletVersion)
}
