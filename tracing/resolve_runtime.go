package tracing

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

// containerdForms says in which forms the containerd of a spec is given its settings.
type containerdForms struct{ variables, toml bool }

// resolveContainerd looks up what the nodes' containerd reads.
func (r *resolver) resolveContainerd(path *field.Path) {
	spec := r.spec.Containerd
	if spec == nil {
		r.omit(ComponentContainerd, path, "the spec names none")
		return
	}
	r.checkRate(path.Child("samplingRatePerMillion"), spec.SamplingRatePerMillion)
	version, ok := r.runtimeVersion(path.Child("version"), spec.Version, "2.3")
	if !ok {
		return
	}
	oldest, newest, support := release.ContainerdAt(version)
	first, last := release.ContainerdBounds()
	if !r.runtimeSupported(path.Child("version"), "containerd", spec.Version, first, last, support) {
		return
	}
	name, rate := "containerd "+version.String(), r.ownRate(spec.SamplingRatePerMillion)
	switch {
	case newest.FollowsParent:
		r.containerd = containerdForms{variables: newest.Variables, toml: oldest.FollowsParent && oldest.TOML && !oldest.Variables}
		if !oldest.FollowsParent {
			r.warn(WarnRuntimeUntraced, path.Child("version"), name,
				"containerd before "+newest.From+" does not read these variables, and is not traced by them",
				"Move every node to "+newest.From+" or later, and write that version")
		}
	case rate == 0:
		r.required(path.Child("samplingRatePerMillion"), "containerd %s does not ask whether the kubelet samples a call: write which part of a million calls it traces by itself, move to 1.6.32 or later, or leave containerd out", version)
		return
	default:
		r.containerd = containerdForms{toml: true}
		r.warn(WarnRuntimeIgnoresKubelet, path.Child("version"), name,
			"This containerd does not ask whether the kubelet samples a call: it traces its rate of all of them, also of the polls that come each second, and the rest of a pod's start is missing in the trace of the kubelet",
			"Move to 1.6.32 or later")
	}
	r.checkPolls(path, name, rate)
	if r.oldestKubelet.Kubernetes != "" && release.KubeletDrops(r.kubelet, oldest) {
		r.warn(WarnRuntimeOld, path.Child("version"), name,
			"Kubelet "+r.kubelet.String()+" still runs with it, and says that it loses support for it (kubelet_cri_losing_support)",
			"Move to containerd 2.0 or later before the next upgrade of the kubelets")
	}
}

// resolveCRIO judges the nodes' CRI-O, whose settings are the same in every release.
func (r *resolver) resolveCRIO(path *field.Path) {
	spec := r.spec.CRIO
	if spec == nil {
		r.omit(ComponentCRIO, path, "the spec names none")
		return
	}
	r.checkRate(path.Child("samplingRatePerMillion"), spec.SamplingRatePerMillion)
	version, ok := r.runtimeVersion(path.Child("version"), spec.Version, "1.33")
	if !ok {
		return
	}
	_, support := release.CRIOAt(version)
	first, last := release.CRIOBounds()
	if !r.runtimeSupported(path.Child("version"), "CRI-O", spec.Version, first, last, support) {
		return
	}
	name := "CRI-O " + version.String()
	r.checkPolls(path, name, r.ownRate(spec.SamplingRatePerMillion))
	if r.oldestKubelet.Kubernetes != "" && version.CompareMinor(r.kubelet) < 0 {
		r.warn(WarnRuntimeOld, path.Child("version"), name,
			"CRI-O follows the minor releases of Kubernetes, and this one is older than the kubelets ("+r.kubelet.Minor()+")",
			"Move CRI-O to "+r.kubelet.Minor())
	}
	if r.target.abstract != "" {
		r.warn(WarnRuntimeEndpoint, field.NewPath("endpoint"), name,
			`A runtime handler with runtime_type = "pod" puts http:// before the endpoint for its monitor, conmon-rs, which then sends nothing`,
			"Write an address and a port, such as "+DefaultEndpoint+", where one is in use")
	}
}

// runtimeVersion reads the version of a container runtime, and reports one that is
// none.
func (r *resolver) runtimeVersion(path *field.Path, text, example string) (release.Version, bool) {
	if text == "" {
		r.required(path, "write the oldest of the nodes, such as %q: kubectl get nodes -o wide shows it", example)
		return release.Version{}, false
	}
	version, ok := release.ParseVersion(text)
	if !ok {
		r.invalid(path, text, "write two or three numbers in quotes, such as %q", example)
	}
	return version, ok
}

// runtimeSupported reports a version that there is no row for, and warns of one that
// is newer than the table.
func (r *resolver) runtimeSupported(path *field.Path, runtime, version, oldest, newest string, support release.Support) bool {
	switch support {
	case release.SupportTooOld:
		r.unsupported(path, version, "%s has tracing from %s on: move to it, or leave %s out", runtime, oldest, path.Root())
		return false
	case release.SupportTooNew:
		r.unsupported(path, version, "the newest %s that is known here is %s: write a version of its major release, or look for a newer kubetrace", runtime, newest)
		return false
	case release.SupportNewer:
		r.warn(WarnNewerRelease, path, runtime+" "+version,
			fmt.Sprintf("This release is newer than %s, the newest that is known here, and is treated as that one", newest),
			"Look for a newer kubetrace, and try the outputs on a node that may break")
	}
	return true
}

// ownRate is a container runtime's rate, which follows no other.
func (r *resolver) ownRate(own *int32) int32 {
	if own == nil {
		return 0
	}
	return *own
}

// checkPolls warns of what a container runtime makes of a kubelet that is not traced:
// its calls, most of which are polls, bring no trace context.
func (r *resolver) checkPolls(path *field.Path, name string, rate int32) {
	if _, untraced := r.notGenerated[ComponentKubelet]; !untraced {
		return
	}
	if rate == 0 {
		r.warn(WarnRuntimeIdle, path.Child("samplingRatePerMillion"), name,
			"It traces what the kubelet samples, and the kubelet is not traced, so it sends nothing",
			"Trace the kubelet, or leave "+path.String()+" out")
		return
	}
	r.warn(WarnRuntimePolls, path.Child("samplingRatePerMillion"), name,
		fmt.Sprintf("The kubelet is not traced, so its calls bring no trace context: %d of a million of its polls are traced by themselves, of which there are several each second", rate),
		"Trace the kubelet, or leave the rate out")
}

// ContainerdVariables says whether the nodes' containerd, or one that it may be, goes by
// variables of its environment.
func (r Resolved) ContainerdVariables() bool { return r.known().containerd.variables }

// ContainerdTOML says whether the nodes' containerd, or one that it may be, is traced by
// tables of its config.toml alone.
func (r Resolved) ContainerdTOML() bool { return r.known().containerd.toml }

// ContainerdSamplingRate returns how many of a million calls without a trace context
// containerd traces.
func (r Resolved) ContainerdSamplingRate() int32 {
	if spec := r.known().spec.Containerd; spec != nil && spec.SamplingRatePerMillion != nil {
		return *spec.SamplingRatePerMillion
	}
	return 0
}

// CRIOSamplingRate returns how many of a million calls without a trace context CRI-O
// traces.
func (r Resolved) CRIOSamplingRate() int32 {
	if spec := r.known().spec.CRIO; spec != nil && spec.SamplingRatePerMillion != nil {
		return *spec.SamplingRatePerMillion
	}
	return 0
}

// EndpointURL returns ComponentEndpoint as the variables OTEL_EXPORTER_OTLP_… have it: a
// URL, whose scheme says that it is plain text. The OTLP exporter gives gRPC the host
// and the path of an abstract socket together, "unix-abstract:/name".
func (r Resolved) EndpointURL() string {
	if name := r.known().target.abstract; name != "" {
		return "http://unix-abstract:/" + name
	}
	return "http://" + r.ComponentEndpoint()
}
