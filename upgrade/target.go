package upgrade

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/tracing"
)

// Target is what a cluster is upgraded to.
type Target struct {
	// KubernetesVersion is the control plane's, "1.37" or "v1.37.2". Required.
	KubernetesVersion string
	// KubeletVersion is the oldest kubelet's in the end. It defaults to the control
	// plane's; write an older one where the kubelets stay behind.
	KubeletVersion string
	// EtcdImageTag is etcd's in the end. It defaults to the spec's, which is an error
	// where a release on the way cannot run it. It is that of the last step: where
	// etcd has to change before, plan to there first.
	EtcdImageTag string
	// EtcdVersion is etcd's in the end, where kubeadm does not run it or its image's
	// tag names no version. It defaults to the spec's. Without a tag, the version
	// that a spec names of the etcd that kubeadm chooses is that of its own release.
	EtcdVersion string
	// ContainerdVersion and CRIOVersion are the container runtime's in the end, where
	// the spec names it. They default to the spec's, and are not older. The runtime is
	// replaced in the last step, before the kubelets; what it then goes by has to be on
	// the nodes before. Where kubelets on the way would lose support for a containerd, a
	// warning of the first step says so: plan from KubernetesVersion to the same one
	// first, with the new ContainerdVersion alone.
	ContainerdVersion, CRIOVersion string
}

func targetError(field, value, format string, args ...any) error {
	return &TargetError{Field: field, Value: value, Message: fmt.Sprintf(format, args...)}
}

// checkKubelets says what of a target the kubelets cannot become.
func (t Target) checkKubelets(spec tracing.TracingSpec) error {
	if t.KubeletVersion == "" {
		return nil
	}
	if _, err := tracing.MinorsAfter(t.KubeletVersion, t.KubeletVersion); err != nil {
		return targetError("KubeletVersion", t.KubeletVersion, "%s", err)
	}
	if _, err := tracing.MinorsAfter(t.KubeletVersion, t.KubernetesVersion); err != nil {
		return targetError("KubeletVersion", t.KubeletVersion, "kubelets of %s in a cluster of %s: a kubelet is never newer than kube-apiserver: write %s or an earlier one", t.KubeletVersion, t.KubernetesVersion, t.KubernetesVersion)
	}
	if _, err := tracing.MinorsAfter(spec.KubeletVersion, t.KubeletVersion); err != nil {
		return targetError("KubeletVersion", t.KubeletVersion, "kubelets of %s in place of %s: kubelets do not go back: write %s or a later one", t.KubeletVersion, spec.KubeletVersion, spec.KubeletVersion)
	}
	return nil
}

// checkRuntimes says what of a target is about a container runtime that the spec does
// not name, or older than the spec's.
func (t Target) checkRuntimes(spec tracing.TracingSpec) error {
	switch {
	case t.ContainerdVersion != "" && spec.Containerd == nil:
		return targetError("ContainerdVersion", t.ContainerdVersion, "the spec names no containerd: write containerd.version as it is now into the spec, or leave this out")
	case t.CRIOVersion != "" && spec.CRIO == nil:
		return targetError("CRIOVersion", t.CRIOVersion, "the spec names no CRI-O: write crio.version as it is now into the spec, or leave this out")
	case t.ContainerdVersion != "" && tracing.RuntimeBefore(t.ContainerdVersion, spec.Containerd.Version):
		return targetError("ContainerdVersion", t.ContainerdVersion, "%s is older than the spec's %s: write that or a later one", t.ContainerdVersion, spec.Containerd.Version)
	case t.CRIOVersion != "" && tracing.RuntimeBefore(t.CRIOVersion, spec.CRIO.Version):
		return targetError("CRIOVersion", t.CRIOVersion, "%s is older than the spec's %s: write that or a later one", t.CRIOVersion, spec.CRIO.Version)
	}
	return nil
}

// checkEtcd says what of a step etcd cannot do.
func (t Target) checkEtcd(old tracing.Resolved, step Step, last bool) error {
	tag, path := step.Spec.Etcd.ImageTag, "etcd.version"
	if tag != "" {
		path = "etcd.imageTag"
	}
	was, _ := old.EtcdRange()
	is, newest := step.resolved.EtcdRange()
	_, versioned := tracing.EtcdReleaseOf(tag)
	switch {
	case step.Spec.Etcd.Disabled:
	case tag != "" && !versioned:
		return t.ofStep(path, tag, fmt.Sprintf("kubeadm upgrade reads the tag as a version, and ends with an error: tag the image so, such as %s-1, and write that", newest), step, last)
	case tracing.EtcdBefore(is, was):
		return t.ofStep(path, is, fmt.Sprintf("kubeadm leaves an etcd alone that is newer than what it is told to run: write %s or a later one", was), step, last)
	case tracing.EtcdSkips(was, is):
		return t.ofStep(path, is, fmt.Sprintf("etcd goes from one minor release to the next, and this one ends itself on what %s has left: write one in between, upgrade every member to it, and plan on from there", was), step, last)
	}
	return nil
}

// invalid is the error of a step after which the spec is invalid.
func (t Target) invalid(problems field.ErrorList, step Step, last bool) error {
	var errs []error
	for _, problem := range problems {
		errs = append(errs, t.ofStep(problem.Field, problem.BadValue, problem.Detail, step, last))
	}
	return errors.Join(errs...)
}

// ofStep is the error of a value that the spec would have after a step. Only the last
// step is of the target's etcd.
func (t Target) ofStep(path string, value any, problem string, step Step, last bool) error {
	if value != nil && value != "" {
		problem = fmt.Sprintf("%v: %s", value, problem)
	}
	problem = path + ": " + problem
	switch {
	case strings.HasPrefix(path, "etcd.") && !last:
		return targetError("KubernetesVersion", t.KubernetesVersion, "%s is beyond %s, which does not go with this etcd: %s. Write %s first, with an etcd that goes with both as EtcdImageTag, and plan on from there",
			t.KubernetesVersion, step.To, problem, step.from)
	case path == "kubeletVersion":
		return targetError("KubeletVersion", t.KubeletVersion, "%s, or write a later version", problem)
	case path == "etcd.imageTag":
		return targetError("EtcdImageTag", t.EtcdImageTag, "%s", problem)
	case strings.HasPrefix(path, "containerd.") && t.ContainerdVersion != "":
		return targetError("ContainerdVersion", t.ContainerdVersion, "%s", problem)
	case strings.HasPrefix(path, "crio.") && t.CRIOVersion != "":
		return targetError("CRIOVersion", t.CRIOVersion, "%s", problem)
	case path == "etcd.version":
		return targetError("EtcdVersion", t.EtcdVersion, "%s", problem)
	}
	return targetError("KubernetesVersion", t.KubernetesVersion, "%s: write a version before %s, or change the spec", problem, step.To)
}

// after returns the spec of the cluster after the step to a version, where spec is
// that before it.
func (t Target) after(spec tracing.TracingSpec, version string, last bool) tracing.TracingSpec {
	from, spec := spec.KubernetesVersion, *spec.DeepCopy()
	spec.KubernetesVersion, spec.KubeletVersion = version, ""
	if _, err := tracing.MinorsAfter(t.KubeletVersion, version); err == nil {
		spec.KubeletVersion = t.KubeletVersion // they follow until there
	}
	if !spec.Etcd.External && spec.Etcd.ImageTag == "" && version != from {
		spec.Etcd.Version = "" // another kubeadm chooses another
	}
	if !last {
		return spec
	}
	if t.EtcdImageTag != "" && t.EtcdImageTag != spec.Etcd.ImageTag {
		spec.Etcd.ImageTag, spec.Etcd.Version = t.EtcdImageTag, ""
	}
	if t.EtcdVersion != "" {
		spec.Etcd.Version = t.EtcdVersion
	}
	if t.ContainerdVersion != "" && spec.Containerd != nil {
		spec.Containerd.Version = t.ContainerdVersion
	}
	if t.CRIOVersion != "" && spec.CRIO != nil {
		spec.CRIO.Version = t.CRIOVersion
	}
	return spec
}
