package k3s

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/distribution"
	"kubetrace/release"
	"kubetrace/tracing"
)

// The kinds of warnings that are about k3s and RKE2.
const (
	// WarnContainerdTemplate: the spec's containerd reads its configuration alone, which
	// k3s and RKE2 write themselves.
	WarnContainerdTemplate tracing.WarningCode = "ContainerdTemplate"
	// WarnDatastore: kube-apiserver's calls to its datastore end where it is no etcd, or a
	// file does not say whether it is one.
	WarnDatastore tracing.WarningCode = "Datastore"
	// WarnKubeletConfig: kubelets are given a file that takes the place of a person's.
	WarnKubeletConfig tracing.WarningCode = "KubeletConfig"
)

// Resolve resolves a spec for a cluster of k3s or RKE2: the etcd is the one that the
// release brings, which is resolved as an external one of its version; kube-apiserver's
// file is in /etc/rancher/k3s or /etc/rancher/rke2, where apiServer.configFile is the
// library's default. kubetrace.GenerateFor makes the bundle of the result, and check and
// upgrade take its Spec. Resolving that Spec again gives the same outputs.
//
// Write the version with its patch, "v1.33.11" or "v1.33.11+k3s1": etcd changes between
// patches. The error is a *tracing.InvalidSpecError, or says what is wrong with the
// options. It refuses what tracing.Resolve refuses, and
//   - an image of etcd, and for k3s a version of etcd that the release does not have
//   - a version without its patch, where the flags of etcd changed between patches
//   - kube-apiserver before 1.26, which ends itself with the egress selector of k3s
//   - names of etcd that k3s would write as numbers, truth values or lists
func Resolve(spec tracing.TracingSpec, o Options) (tracing.Resolved, error) {
	o, err := o.withDefaults()
	if err != nil {
		return tracing.Resolved{}, err
	}
	if other := otherSuffix(spec.KubernetesVersion, o.Distribution); other != "" {
		return tracing.Resolved{}, &tracing.InvalidSpecError{Errors: field.ErrorList{field.Invalid(field.NewPath("kubernetesVersion"), spec.KubernetesVersion, fmt.Sprintf("this is a release of %s, and Options.Distribution is %s: write that of the cluster", other, o.Distribution))}}
	}
	d := distribution.Distribution{
		Name: o.name(), Etcd: release.EtcdOfK3s, ConfigFile: o.TracingPath(), OtherDatastore: o.ExternalDatastore, CheckEtcdText: checkEtcdText,
	}
	if o.Distribution == RKE2 {
		d.Etcd, d.AnyEtcd = release.EtcdOfRKE2, true // etcd-image
	}
	r, err := distribution.Resolve(spec, d)
	if err != nil {
		return tracing.Resolved{}, err
	}
	if r.ContainerdTOML() && !r.ContainerdVariables() {
		r.Warnings = append(r.Warnings, tracing.Warning{
			Code: WarnContainerdTemplate, Field: "containerd.version", Release: "containerd " + r.Spec().Containerd.Version,
			Message: "This containerd reads no variables, and " + o.name() + " writes its config.toml itself, so nothing is written for it",
			Cure:    "Put what containerd.ConfigFile returns into its config.toml.tmpl, or go to a release of " + o.name() + " with containerd 1.7.16 or later",
		})
	}
	if file := kubeletConfig(r, o); file != "" {
		r.Warnings = append(r.Warnings, tracing.Warning{
			Code: WarnKubeletConfig, Field: "kubelet.disabled", Release: "kubelet " + r.OldestKubelet().Kubernetes,
			Message: "Before 1.32 a kubelet reads one file, that of the last config= in kubelet-arg: config=" + file + " takes the place of one that you have there, with all that is in it",
			Cure:    "Where you have one, put tracing into it with apply.Documents, and then write true for the nodes; or go to 1.32",
		})
	}
	if o.ExternalDatastore && r.NotGenerated(tracing.ComponentAPIServer) == nil {
		r.Warnings = append(r.Warnings, tracing.Warning{
			Code: WarnDatastore, Field: "etcd", Release: o.name(),
			Message: "What answers kube-apiserver's calls to its datastore sends no spans, so these calls end at kube-apiserver",
			Cure:    "Nothing has to be done",
		})
	}
	return r, nil
}

// otherSuffix returns the other distribution, where a version is one of its.
func otherSuffix(version string, own Distribution) string {
	for _, d := range []Distribution{K3s, RKE2} {
		if strings.Contains(version, "+"+string(d)) && d != own {
			return string(d)
		}
	}
	return ""
}

// checkEtcdText says what k3s would make of a text in etcd's configuration file, where
// that is no text.
//
// Source: github.com/k3s-io/k3s pkg/daemons/executor/executor.go, ToConfigFile.
func checkEtcdText(text string) string {
	const instead = ", with which etcd does not start: write a name with a letter in it, such as etcd-%s"
	var list []string
	switch {
	case isNumber(text):
		return fmt.Sprintf("k3s and RKE2 write it as a number"+instead, text)
	case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"):
		return fmt.Sprintf("k3s and RKE2 write it as a truth value"+instead, text)
	case yaml.Unmarshal([]byte(text), &list) == nil:
		return "k3s and RKE2 write it as a list, with which etcd does not start: write a name of letters, such as etcd"
	}
	return ""
}

func isNumber(text string) bool { _, err := strconv.Atoi(text); return err == nil }
