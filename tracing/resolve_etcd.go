package tracing

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

func (r *resolver) resolveEtcd(path *field.Path) {
	spec := r.spec.Etcd
	if spec.Disabled {
		r.omit(ComponentEtcd, path.Child("disabled"), disabledReason)
		return
	}
	r.checkRate(path.Child("samplingRatePerMillion"), spec.SamplingRatePerMillion)
	r.checkArgument(path.Child("serviceName"), spec.ServiceName)
	r.checkArgument(path.Child("instanceID"), spec.InstanceID)
	if spec.InstanceID != "" {
		r.warn(WarnInstanceIDShared, path.Child("instanceID"), "every etcd",
			"kubeadm gives every member of a cluster the same flags, so all members share this service.instance.id",
			"With more than one member leave it empty: the collector then adds the name of each node")
	}
	r.checkEtcdImage(path)
	if !spec.External {
		r.warnOfRegistry(path)
	}

	named, source, ok := r.namedEtcd(path)
	switch {
	case !ok || r.controlPlane.Kubernetes == "":
		return // reported already
	case source == nil && spec.External:
		r.required(path.Child("version"), "kubeadm does not choose the version of an external etcd, and its flags depend on it: write it, such as %q", "3.5.21")
	case source == nil:
		r.defaultEtcd(path)
	default:
		r.explicitEtcd(path, named, source)
	}
	if spec.External && r.etcd.Traced {
		r.warn(WarnEtcdExternal, path.Child("external"), "etcd "+named.String(),
			"kubeadm does not run this etcd, so nothing in its documents configures it",
			"Give etcd the flags, the environment variables or the fields of its configuration file that the run-book lists, in one form, never both flags and variables: etcd ends itself when it has a setting twice")
	}
}

// checkEtcdImage judges the two fields that kubeadm puts together.
func (r *resolver) checkEtcdImage(path *field.Path) {
	spec := r.spec.Etcd
	if spec.External {
		const alone = "kubeadm does not run an external etcd: write etcd.version alone"
		if spec.ImageRepository != "" {
			r.forbidden(path.Child("imageRepository"), alone)
		}
		if spec.ImageTag != "" {
			r.forbidden(path.Child("imageTag"), alone)
		}
		return
	}
	if spec.ImageRepository != "" && !repository(spec.ImageRepository) {
		r.invalid(path.Child("imageRepository"), spec.ImageRepository, "write the part of the image before /etcd, without a tag, such as quay.io/coreos or registry.k8s.io")
	}
}

var imageTagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// preRelease is a tag of an etcd that was not released.
var preRelease = regexp.MustCompile(`(?i)-(alpha|beta|rc)`)

// namedEtcd returns the version that the spec names and the path of the field
// that names it, nil where none does. It says false where one is wrong.
func (r *resolver) namedEtcd(path *field.Path) (named release.Version, source *field.Path, ok bool) {
	spec := r.spec.Etcd
	ok = true
	if spec.Version != "" {
		source = path.Child("version")
		if named, ok = release.ParseVersion(spec.Version); !ok || !named.HasPatch() || preRelease.MatchString(spec.Version) {
			r.invalid(source, spec.Version, "write all three numbers of etcd's version, such as %q: its flags changed between patches", "3.5.21")
			ok = false
		}
	}
	if spec.ImageTag == "" || spec.External {
		return named, source, ok
	}
	tagPath := path.Child("imageTag")
	tagged, hasVersion := release.VersionOfTag(spec.ImageTag)
	switch {
	case !imageTagPattern.MatchString(spec.ImageTag):
		r.invalid(tagPath, spec.ImageTag, "this is not an image tag: write one such as 3.5.21-0")
		return named, source, false
	case preRelease.MatchString(spec.ImageTag):
		r.invalid(tagPath, spec.ImageTag, "the flags of a pre-release are not known: write a release, such as 3.5.21-0")
		return named, source, false
	case !hasVersion && spec.Version == "":
		r.invalid(tagPath, spec.ImageTag, "this tag names no version of etcd, and its flags depend on it: write etcd.version too")
		return named, source, false
	case !hasVersion || !ok:
		return named, source, ok
	case spec.Version != "" && !named.Agrees(tagged):
		r.invalid(path.Child("version"), spec.Version, "etcd.imageTag says %s: leave one of them out, or write the same into both", tagged)
		return named, source, false
	}
	return tagged, tagPath, true
}

// defaultEtcd resolves the etcd that kubeadm chooses, of which only a range is
// known.
func (r *resolver) defaultEtcd(path *field.Path) {
	row := r.controlPlane
	r.etcd = row.DefaultEtcd()
	name := fmt.Sprintf("etcd %s to %s, kubeadm's default for Kubernetes %s", row.EtcdLowest, row.EtcdHighest, row.Kubernetes)
	if !row.EtcdTraced {
		r.omit(ComponentEtcd, path.Child("imageTag"), fmt.Sprintf("it may be etcd %s, and before 3.5.5 tracing samples everything and leaks memory", row.EtcdLowest))
		r.warn(WarnEtcdNotTraced, path.Child("imageTag"), name,
			"Before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990), so etcd is left alone",
			"Write an etcd.imageTag of 3.5.11 or later, such as 3.5.16-0")
		if repository := r.spec.Etcd.ImageRepository; repository != "" {
			r.invalid(path.Child("imageRepository"), repository,
				"kubeadm's default etcd for Kubernetes %s is left alone, so this would be lost: write etcd.imageTag too, such as 3.5.16-0, or set the repository in your own configuration", row.Kubernetes)
		}
		return
	}
	if !row.EtcdSamplingRateFlag {
		r.warnOfRootSampling(path, path.Child("imageTag"), name)
	}
}

// explicitEtcd resolves an etcd whose version the spec names.
func (r *resolver) explicitEtcd(path *field.Path, named release.Version, source *field.Path) {
	spec := r.spec.Etcd
	etcd, support := release.EtcdAt(named)
	switch {
	case support == release.SupportTooOld:
		r.invalid(source, named.String(), "etcd before 3.5 has no tracing: write 3.5.11 or later, or set etcd.disabled")
		return
	case !etcd.Traced:
		r.invalid(source, named.String(), "before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990): write 3.5.11 or later, or set etcd.disabled")
		return
	case !spec.External && spec.ImageTag == "":
		r.undecidedEtcd(path, named, etcd)
		return
	case !spec.External && !r.startable(named, source):
		return
	}
	r.etcd = etcd
	name := "etcd " + named.String()
	if support == release.SupportNewer {
		r.warn(WarnNewerRelease, source, name,
			fmt.Sprintf("This release is newer than %s, the newest that is known here, and is treated as that one", release.NewestEtcd()),
			"Look for a newer kubetrace, and try the outputs on a cluster that may break")
	}
	if !r.etcd.SamplingRateFlag {
		r.warnOfRootSampling(path, source, name)
	}
}

// undecidedEtcd resolves an etcd whose version the spec names, and kubeadm chooses
// nevertheless: the version decides nothing, and a flag that is one too many ends
// the etcd that runs.
func (r *resolver) undecidedEtcd(path *field.Path, named release.Version, etcd EtcdRelease) {
	row, harm := r.controlPlane, ""
	switch {
	case !row.InstallsEtcd(named):
		r.invalid(path.Child("version"), r.spec.Etcd.Version, "kubeadm would run etcd %s to %s for Kubernetes %s: write etcd.imageTag too, %q, so that it runs this one", row.EtcdLowest, row.EtcdHighest, row.Kubernetes, named.Numbers()+"-0")
		return
	case !row.EtcdTraced:
		harm = "etcd is left alone: before 3.5.5 it samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990)"
	case etcd.SamplingRateFlag && !row.EtcdSamplingRateFlag:
		harm = "no sampling rate is written, whose flag ends an etcd before 3.5.11"
	}
	r.defaultEtcd(path)
	if harm != "" {
		r.warn(WarnEtcdVersionIgnored, path.Child("version"), "etcd "+named.String(),
			fmt.Sprintf("etcd.version does not decide which etcd runs: kubeadm runs %s to %s for Kubernetes %s, depending on its own patch, so %s", row.EtcdLowest, row.EtcdHighest, row.Kubernetes, harm),
			fmt.Sprintf("Write etcd.imageTag, such as %s-0, which decides it", named.Numbers()))
	}
}

// startable reports an etcd that this release's kubeadm could not start, with or
// without tracing, because of the flags that kubeadm itself gives it.
func (r *resolver) startable(named release.Version, source *field.Path) bool {
	row := r.controlPlane
	switch {
	case row.StartsEtcd(named):
		return true
	case row.EtcdNewest == "":
		r.invalid(source, named.String(), "kubeadm %s gives etcd flags that came with %s: write an etcd of %s or later", row.Kubernetes, row.EtcdOldest, row.EtcdOldest)
	default:
		r.invalid(source, named.String(), "kubeadm %s gives etcd flags that are gone after %s: write an etcd of %s to %s", row.Kubernetes, row.EtcdNewest, row.EtcdOldest, row.EtcdNewest)
	}
	return false
}

// warnOfRegistry warns of a tag that the registry most likely does not have:
// Kubernetes' own appends a build, etcd's own begins with a v.
func (r *resolver) warnOfRegistry(path *field.Path) {
	spec := r.spec.Etcd
	kubernetes := spec.ImageRepository == "" || spec.ImageRepository == "registry.k8s.io" || spec.ImageRepository == "k8s.gcr.io"
	upstream := spec.ImageRepository == "quay.io/coreos" || spec.ImageRepository == "gcr.io/etcd-development"
	switch {
	case strings.HasSuffix(spec.ImageRepository, "/etcd"):
		r.warn(WarnEtcdImage, path.Child("imageRepository"), "etcd "+spec.ImageTag,
			"kubeadm adds /etcd itself, and so pulls "+spec.ImageRepository+"/etcd",
			"Write "+strings.TrimSuffix(spec.ImageRepository, "/etcd")+" unless that is meant")
	case kubernetes && spec.ImageTag != "" && !buildTag.MatchString(spec.ImageTag):
		r.warn(WarnEtcdImage, path.Child("imageTag"), "etcd "+spec.ImageTag,
			"kubeadm pulls registry.k8s.io/etcd unless another repository is named, and the tags there end in a build, such as 3.5.21-0",
			"Write such a tag, or etcd.imageRepository too")
	case upstream && (spec.ImageTag == "" || buildTag.MatchString(spec.ImageTag)):
		r.warn(WarnEtcdImage, path.Child("imageRepository"), "etcd "+spec.ImageTag,
			"kubeadm's own tags end in a build, such as 3.5.21-0, and those of "+spec.ImageRepository+" begin with a v",
			"Write etcd.imageTag too, such as v3.5.21")
	}
}

// buildTag is a tag of registry.k8s.io/etcd.
var buildTag = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+-[0-9]+$`)

// warnOfRootSampling warns of etcd 3.5.5 to 3.5.10, which have no rate.
func (r *resolver) warnOfRootSampling(path, source *field.Path, name string) {
	r.warn(WarnEtcdNoRootSampling, source, name,
		"etcd before 3.5.11 has no sampling rate and never samples a request that brings no trace context; what a traced kube-apiserver asks of it is traced",
		"Write an etcd.imageTag of 3.5.11 or later, such as 3.5.16-0, if requests of other clients are to be traced")
	if r.spec.Etcd.SamplingRatePerMillion != nil {
		r.warn(WarnEtcdRateIgnored, path.Child("samplingRatePerMillion"), name,
			"The flag for the sampling rate would end an etcd before 3.5.11 at start, so the rate is not written",
			"Write an etcd.imageTag of 3.5.11 or later, such as 3.5.16-0, or leave the rate out")
	}
}
