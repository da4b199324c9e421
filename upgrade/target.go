package upgrade

import (
	"fmt"

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
}

// only says whether nothing but the release is to change.
func (t Target) only() bool { return t == Target{KubernetesVersion: t.KubernetesVersion} }

// check says what of a target a cluster cannot become.
func (t Target) check(old tracing.Resolved) error {
	spec := old.Spec()
	if t.KubeletVersion != "" {
		if _, err := tracing.MinorsAfter(t.KubeletVersion, t.KubernetesVersion); err != nil {
			return fmt.Errorf("kubelets of %s in a cluster of %s: %w", t.KubeletVersion, t.KubernetesVersion, err)
		}
		if _, err := tracing.MinorsAfter(spec.KubeletVersion, t.KubeletVersion); err != nil {
			return fmt.Errorf("kubelets of %s in place of %s: %w", t.KubeletVersion, spec.KubeletVersion, err)
		}
	}
	return nil
}

// checkEtcd says what of a step etcd cannot do.
func checkEtcd(old, now tracing.Resolved) error {
	spec := now.Spec().Etcd
	if _, ok := tracing.EtcdReleaseOf(spec.ImageTag); !ok && spec.ImageTag != "" && !spec.External {
		return fmt.Errorf("etcd.imageTag: %s: kubeadm upgrade reads the tag as a version, and ends with an error: tag the image so, such as %s-1", spec.ImageTag, now.ControlPlane().EtcdHighest)
	}
	was, _ := old.EtcdRange()
	is, _ := now.EtcdRange()
	switch { // kubeadm's own follow one another
	case tracing.EtcdBefore(is, was):
		return fmt.Errorf("etcd %s in place of %s: kubeadm leaves an etcd alone that is newer than what it is told to run: write %s or a later one", is, was, was)
	case tracing.EtcdSkips(was, is):
		return fmt.Errorf("etcd %s in place of %s: etcd goes from one minor release to the next, and %s ends itself on what %s has left: upgrade every member to one in between first, with a plan of its own", is, was, is, was)
	}
	return nil
}

// after returns the spec of the cluster after the step to a version, where spec is
// that before it.
func (t Target) after(spec tracing.TracingSpec, version string, last bool) tracing.TracingSpec {
	spec = *spec.DeepCopy()
	spec.KubernetesVersion, spec.KubeletVersion = version, ""
	if _, err := tracing.MinorsAfter(t.KubeletVersion, version); err == nil {
		spec.KubeletVersion = t.KubeletVersion // they follow until there
	}
	if !spec.Etcd.External && spec.Etcd.ImageTag == "" {
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
	return spec
}
