// Package distribution resolves a spec for the distributions of Kubernetes that bring an
// etcd of their own and give it its settings themselves: k3s, RKE2 and k0s.
package distribution

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
	"kubetrace/tracing"
)

// Distribution is what matters of one.
type Distribution struct {
	// Name is what people call it.
	Name string
	// Etcd returns the etcd that a release has, as release.EtcdOfK3s does.
	Etcd func(release.Version) (lowest, highest string, known bool)
	// ConfigFile is where kube-apiserver's file is unless the spec names another place
	// than the library's default.
	ConfigFile string
	// EtcdFrom is the first minor release that can give its etcd flags, or empty where
	// all can.
	EtcdFrom string
	// OtherDatastore says that the cluster has no etcd that the distribution runs.
	OtherDatastore bool
	// AnyEtcd says that it may be told to run another etcd than its own.
	AnyEtcd bool
	// NoEgressSelector says that kube-apiserver is given no egress selector.
	NoEgressSelector bool
	// CheckEtcdText says what is wrong with a text as a value of a flag of etcd, or
	// nothing. It may be nil.
	CheckEtcdText func(text string) string
}

// K0s is that of k0s. Its ClusterConfig has spec.storage.etcd.extraArgs from 1.26 on.
//
// Source: github.com/k0sproject/k0s pkg/apis/k0s.k0sproject.io/v1beta1/storage.go
// (v1.25.16+k0s.0, v1.26.0+k0s.0:128).
func K0s(otherDatastore bool) Distribution {
	return Distribution{Name: "k0s", Etcd: release.EtcdOfK0s, ConfigFile: "/etc/k0s/tracing-config.yaml", EtcdFrom: "1.26", OtherDatastore: otherDatastore}
}

// Resolve resolves a spec: its etcd is one that the distribution has, and is resolved as
// an external one of that version, since kubeadm runs none. Resolving the spec of the
// result again gives the same. The error is a *tracing.InvalidSpecError.
func Resolve(spec tracing.TracingSpec, d Distribution) (tracing.Resolved, error) {
	spec = *spec.DeepCopy()
	if spec.APIServer.ConfigFile == "" || spec.APIServer.ConfigFile == tracing.DefaultConfigFile {
		spec.APIServer.ConfigFile = d.ConfigFile
	}
	warnings, errs := d.etcd(&spec)
	resolved, err := tracing.Resolve(spec)
	var invalid *tracing.InvalidSpecError
	switch {
	case errors.As(err, &invalid):
		errs = append(errs, invalid.Errors...)
	case err != nil:
		return tracing.Resolved{}, err
	}
	kept := warnings
	for _, w := range resolved.Warnings {
		switch w.Code {
		case tracing.WarnEgressSelectorPanic:
			if !d.NoEgressSelector {
				errs = append(errs, field.Invalid(field.NewPath("apiServer", "disabled"), false, fmt.Sprintf("%s gives kube-apiserver an egress selector without an entry controlplane, with which kube-apiserver before 1.26 ends itself when it is traced (kubernetes/kubernetes#112979): write true, or go to 1.26 or later", d.Name)))
			}
		case tracing.WarnEtcdExternal, tracing.WarnKubeletDropIn: // the distribution's settings hold what these speak of
			continue
		case tracing.WarnEtcdNoRootSampling, tracing.WarnEtcdRateIgnored:
			w.Field, w.Cure = "kubernetesVersion", "Go to a release of "+d.Name+" whose etcd is 3.5.11 or later, or live with it"
		case tracing.WarnInstanceIDShared:
			w.Message = "the same settings on every server give all members this service.instance.id"
		}
		kept = append(kept, w)
	}
	if len(errs) > 0 {
		return tracing.Resolved{}, &tracing.InvalidSpecError{Errors: errs}
	}
	resolved.Warnings = kept
	return resolved, nil
}

// EtcdUntraced says why a resolved spec has no etcd that is traced, though the spec before
// does not disable it, or nothing.
func (d Distribution) EtcdUntraced(before tracing.TracingSpec, r tracing.Resolved) string {
	why := r.NotGenerated(tracing.ComponentEtcd)
	switch {
	case why == nil || before.Etcd.Disabled:
		return ""
	case d.OtherDatastore:
		return "the datastore is no etcd that " + d.Name + " runs, so it gets no settings"
	}
	for _, w := range r.Warnings {
		if w.Code == tracing.WarnEtcdNotTraced {
			return w.Field + ": " + w.Message
		}
	}
	return why.Field + ": " + why.Reason
}

// etcd makes the etcd of a spec that of the distribution.
func (d Distribution) etcd(spec *tracing.TracingSpec) (warnings []tracing.Warning, errs field.ErrorList) {
	path, etcd := field.NewPath("etcd"), &spec.Etcd
	version, ok := release.ParseVersion(spec.KubernetesVersion)
	switch {
	case etcd.Disabled || !ok: // tracing.Resolve says what is wrong with a version
		return nil, nil
	case d.OtherDatastore:
		*etcd = tracing.EtcdSpec{Disabled: true}
		return nil, nil
	}
	if from, bounded := release.ParseVersion(d.EtcdFrom); bounded && version.CompareMinor(from) < 0 {
		*etcd = tracing.EtcdSpec{Disabled: true}
		return []tracing.Warning{{Code: tracing.WarnEtcdNotTraced, Field: "kubernetesVersion", Release: d.Name + " " + version.Minor(),
			Message: "Before " + d.EtcdFrom + " it has no way to give its etcd flags, so etcd is left alone", Cure: "Go to " + d.EtcdFrom + " or later"}}, nil
	}
	const own = "%s brings its etcd: take it out, and write etcd.version where it is told to run another one"
	if etcd.ImageTag != "" {
		errs = append(errs, field.Forbidden(path.Child("imageTag"), fmt.Sprintf(own, d.Name)))
	}
	if etcd.ImageRepository != "" {
		errs = append(errs, field.Forbidden(path.Child("imageRepository"), fmt.Sprintf(own, d.Name)))
	}
	if d.CheckEtcdText != nil {
		for name, text := range map[string]string{"instanceID": etcd.InstanceID, "serviceName": etcd.ServiceName} {
			if problem := d.CheckEtcdText(text); problem != "" && text != "" {
				errs = append(errs, field.Invalid(path.Child(name), text, problem))
			}
		}
		slices.SortFunc(errs, func(a, b *field.Error) int { return strings.Compare(a.Field, b.Field) })
	}
	if len(errs) > 0 {
		*etcd = tracing.EtcdSpec{Disabled: true}
		return nil, errs
	}
	lowest, highest, known := d.Etcd(version)
	if etcd.Version != "" {
		if named, ok := release.ParseVersion(etcd.Version); ok && known && !d.AnyEtcd && !within(named, lowest, highest) {
			errs = append(errs, field.Invalid(path.Child("version"), etcd.Version, fmt.Sprintf("%s for Kubernetes %s has etcd %s: leave it out", d.Name, version, ranged(lowest, highest))))
		}
		etcd.External = true
		return nil, errs
	}
	low, _ := tracing.EtcdReleaseOf(lowest)
	high, _ := tracing.EtcdReleaseOf(highest)
	name := "etcd " + ranged(lowest, highest) + " of " + d.Name
	switch {
	case low.FlagPrefix != high.FlagPrefix:
		*etcd = tracing.EtcdSpec{Disabled: true}
		return nil, field.ErrorList{field.Invalid(field.NewPath("kubernetesVersion"), spec.KubernetesVersion, fmt.Sprintf("%s has etcd %s in its patches of this release, whose flags differ: write the patch too", d.Name, ranged(lowest, highest)))}
	case !low.Traced:
		*etcd = tracing.EtcdSpec{Disabled: true}
		return []tracing.Warning{{Code: tracing.WarnEtcdNotTraced, Field: "kubernetesVersion", Release: name,
			Message: "Before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990), so etcd is left alone",
			Cure:    "Go to a release of " + d.Name + " whose etcd is 3.5.11 or later"}}, nil
	}
	etcd.External, etcd.Version = true, lowest
	if !known {
		warnings = append(warnings, tracing.Warning{Code: tracing.WarnNewerRelease, Field: "kubernetesVersion", Release: d.Name + " " + version.Minor(),
			Message: "It is not known here which etcd this release has, and it is taken for " + lowest,
			Cure:    "Look for a newer kubetrace, or write etcd.version"})
	}
	return warnings, nil
}

// within says whether a version is one of a range.
func within(v release.Version, lowest, highest string) bool {
	return !release.EtcdBefore(v.Numbers(), lowest) && !release.EtcdBefore(highest, v.Numbers())
}

// ranged is a range for people.
func ranged(lowest, highest string) string {
	if lowest == highest {
		return lowest
	}
	return lowest + " to " + highest
}
