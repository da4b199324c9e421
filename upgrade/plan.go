package upgrade

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/tracing"
)

// Step is an upgrade by one minor release, or within one.
type Step struct {
	// From and To are the control plane's versions: minor releases, or with the
	// patch where the spec or the target has it.
	From, To string
	// Spec is that of the cluster after the step: the spec as it was written, with
	// other versions. Keep it, and generate the files of the control plane's nodes
	// from it.
	Spec tracing.TracingSpec
	// Changes are what to do, in their order.
	Changes []Change
	// Warnings are what a person should know about the cluster after the step and did
	// not have to know before it.
	Warnings []tracing.Warning

	resolved tracing.Resolved
	from     string // minor
}

// Plan returns the steps from the cluster that a spec describes to another release,
// one minor release each; a single step where only the patch changes. Within a step
// the order of the changes is that in which to do them: those before, then the
// nodes, then those after. Changes of one phase and place can be made at once.
//
// What etcd and kube-apiserver need of the new release has to be in the
// ClusterConfiguration before kubeadm upgrade apply, which makes the new static
// pods from it; Step.ClusterConfiguration edits it. It changes no pod that runs, but
// a control-plane node that joined between the edit and the upgrade would get the
// new settings with the old programs. kubeadm upgrade itself writes
// kubernetesVersion and the version of its API.
//
// Plan is about kubeadm, and knows of an etcd that kubeadm does not run what the spec and
// the target say. Where spec.etcd.external is set, the first warning of the first step
// says so: whether that etcd is the one that runs, and so whether its flags change their
// spelling, the plan does not know. k3s, RKE2, k0s and Talos bring an etcd of their own
// and know no kubeadm: do not follow the plan there, and generate anew for the new
// release, with Resolve of the platform's package, or Spec of platform/talos.
//
// Plan gives the same for a spec and for its WithDefaults, but that the Spec of each
// step is like the one that was given.
//
// The error is the *tracing.InvalidSpecError of the spec; or a *[TargetError] where the
// target is no later version than the spec, or says of kubelets what cannot be; or a
// *[StepError] around one where a step on the way does not allow what the target says
// or leaves as it is, such as an etcd.imageTag that the release cannot start, or an etcd
// that skips a minor release.
func Plan(spec tracing.TracingSpec, target Target) ([]Step, error) {
	old, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	minors, err := tracing.MinorsAfter(spec.KubernetesVersion, target.KubernetesVersion)
	if err != nil {
		return nil, targetError("KubernetesVersion", target.KubernetesVersion, "%s", err)
	}
	if err := target.checkKubelets(old.Spec()); err != nil {
		return nil, err
	}
	if err := target.checkRuntimes(spec); err != nil {
		return nil, err
	}
	end := target.KubernetesVersion
	if len(minors) == 0 {
		minors = []string{old.KubernetesMinor()}
		if bare := strings.TrimPrefix(end, "v"); bare == minors[0] || bare == strings.TrimPrefix(spec.KubernetesVersion, "v") {
			end = spec.KubernetesVersion // which may have its patch
		}
		if reflect.DeepEqual(target.after(spec, end, true).WithDefaults(), old.Spec()) {
			return nil, targetError("KubernetesVersion", target.KubernetesVersion, "the cluster is of %s already: write a later version, with its patch where only that changes, or the etcd, the kubelets or the container runtime that are to change", spec.KubernetesVersion)
		}
	}
	var steps []Step
	start := spec
	for i, minor := range minors {
		last := i == len(minors)-1
		step := Step{From: spec.KubernetesVersion, To: minor, from: old.KubernetesMinor()}
		if last {
			step.To = end
		}
		step.Spec = target.after(spec, step.To, last)
		if step.resolved, err = tracing.Resolve(step.Spec); err != nil {
			err = target.invalid(step.Spec.Validate(), step, last)
		} else {
			err = target.checkEtcd(old, step, last)
		}
		if err != nil {
			return nil, &StepError{From: step.From, To: step.To, Err: err}
		}
		step.Warnings = slices.DeleteFunc(slices.Clone(step.resolved.Warnings), func(w tracing.Warning) bool {
			return slices.ContainsFunc(old.Warnings, func(before tracing.Warning) bool { return before.Code == w.Code && before.Field == w.Field })
		})
		p := planner{old: old, new: step.resolved, step: &step, kubelets: old.Spec().KubeletVersion}
		p.plan()
		steps = append(steps, step)
		spec, old = step.Spec, step.resolved
	}
	steps[0].Warnings = slices.Concat(externalEtcd(steps), target.containerdFirst(start, steps), steps[0].Warnings)
	return steps, nil
}

// PlanFor is Plan of a spec that is resolved already. The Spec of each step has the
// spec's defaults written out, which no longer follow what they were derived from.
func PlanFor(r tracing.Resolved, target Target) ([]Step, error) { return Plan(r.Spec(), target) }

// ClusterConfiguration edits the document that kubeadm keeps in the ConfigMap
// kubeadm-config, before the upgrade of the step: the settings of the new release
// replace those of the old one, and what of the spec is missing is added, of which
// the Changes say nothing. So kube-apiserver's tracing file has to be on every
// control-plane node. Flags and gates of anything but tracing stay as they are. See
// apply.Documents for the result and the errors; a document of another kind is a
// *apply.DocumentError. Options.From and NoNewDocument need not be set.
func (s Step) ClusterConfiguration(text []byte, o apply.Options) (apply.Result, error) {
	return s.edit("ClusterConfiguration", ClusterConfiguration, text, o)
}

// edit edits the one document that kubeadm keeps in a place.
func (s Step) edit(kind string, place Place, text []byte, o apply.Options) (apply.Result, error) {
	var document struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(text, &document); err == nil && document.Kind != kind {
		return apply.Result{}, &apply.DocumentError{Document: document.Kind, Setting: "kind", Value: document.Kind, Message: fmt.Sprintf("write %s: give the text of %s", kind, place)}
	}
	o.From, o.NoNewDocument = s.from, true
	return apply.DocumentsFor(s.resolved, text, o)
}

// KubeletConfiguration edits the document that kubeadm keeps in the ConfigMap
// kubelet-config: before the step where Changes have something of Phase Before for
// it, since kubeadm upgrade writes it to the nodes, and after the step to add
// tracing. A gate that is on by itself it leaves. See apply.Documents for the result
// and the errors; a document of another kind is a *apply.DocumentError.
func (s Step) KubeletConfiguration(text []byte, o apply.Options) (apply.Result, error) {
	return s.edit("KubeletConfiguration", KubeletConfiguration, text, o)
}

// Phase returns the changes of one phase, in their order.
func (s Step) Phase(phase Phase) []Change {
	var all []Change
	for _, change := range s.Changes {
		if change.Phase == phase {
			all = append(all, change)
		}
	}
	return all
}

// String returns the step as a list for people, what to know before what to do.
func (s Step) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "From %s to %s\n", s.From, s.To)
	for _, warning := range s.Warnings {
		fmt.Fprintf(&text, "Note: %s\n", warning)
	}
	for i, change := range s.Changes {
		fmt.Fprintf(&text, "%d. %s.\n", i+1, change)
	}
	return text.String()
}
