package minikube

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
	"kubetrace/tracing"
)

// The kinds of warnings that are about minikube.
const (
	// WarnKubelet: minikube has no way to have this kubelet traced.
	WarnKubelet tracing.WarningCode = "MinikubeKubelet"
	// WarnContainerd: minikube writes the configuration of this containerd itself.
	WarnContainerd tracing.WarningCode = "MinikubeContainerd"
)

// certificates is the one folder of minikube's that kubeadm mounts into kube-apiserver.
// Source: k8s.io/minikube pkg/minikube/vmpath/constants.go, GuestKubernetesCertsDir.
const certificates = "/var/lib/minikube/certs"

// DefaultConfigFile is where kube-apiserver's file is, unless the spec's
// apiServer.configFile names another place than the library's default.
const DefaultConfigFile = certificates + "/tracing-config.yaml"

// oldest is the first release that minikube starts.
// Source: k8s.io/minikube pkg/minikube/constants/constants.go, OldestKubernetesVersion.
const oldest = "1.28"

// Resolve resolves a spec for minikube, which runs kubeadm of the release:
// kube-apiserver's file is [DefaultConfigFile], where apiServer.configFile is the library's
// default. The kubelet is disabled, with a warning, where minikube cannot have it traced.
// kubetrace.GenerateFor makes the bundle of the result, and check takes its Spec.
//
// The error is a *tracing.InvalidSpecError. It refuses what tracing.Resolve refuses, and
// releases before 1.28, an etcd that the spec names, a file of kube-apiserver outside of
// minikube's folder of certificates, and names of etcd that minikube would not write as
// they are.
func Resolve(spec tracing.TracingSpec) (tracing.Resolved, error) {
	spec = *spec.DeepCopy()
	if spec.APIServer.ConfigFile == "" || spec.APIServer.ConfigFile == tracing.DefaultConfigFile {
		spec.APIServer.ConfigFile = DefaultConfigFile
	}
	errs := check(spec)
	var warnings []tracing.Warning
	resolved, err := tracing.Resolve(spec)
	var invalid *tracing.InvalidSpecError
	switch {
	case errors.As(err, &invalid):
		errs = append(errs, invalid.Errors...)
	case err != nil:
		return tracing.Resolved{}, err
	case resolved.NotGenerated(tracing.ComponentKubelet) == nil && resolved.OldestKubelet().KubeletDropIn != release.DropInPlain:
		warnings = append(warnings, tracing.Warning{
			Code: WarnKubelet, Field: "kubeletVersion", Release: "kubelet " + resolved.OldestKubelet().Kubernetes,
			Message: "minikube gives its kubelet flags alone, and before 1.30 none of them leads to a folder of settings, so the kubelet is left alone",
			Cure:    "Start Kubernetes 1.30 or later",
		})
		spec.Kubelet.Disabled = true
		if resolved, err = tracing.Resolve(spec); err != nil {
			return tracing.Resolved{}, err
		}
	}
	if len(errs) > 0 {
		return tracing.Resolved{}, &tracing.InvalidSpecError{Errors: errs}
	}
	if resolved.ContainerdTOML() && !resolved.ContainerdVariables() {
		warnings = append(warnings, tracing.Warning{
			Code: WarnContainerd, Field: "containerd.version", Release: "containerd " + spec.Containerd.Version,
			Message: "This containerd reads no variables, and minikube writes its config.toml itself, so nothing is written for it",
			Cure:    "Use a minikube with containerd 1.7.16 or later",
		})
	}
	for _, w := range resolved.Warnings {
		if w.Code != tracing.WarnKubeletDropIn {
			warnings = append(warnings, w)
		}
	}
	resolved.Warnings = warnings
	return resolved, nil
}

// check finds what minikube cannot do.
func check(spec tracing.TracingSpec) (errs field.ErrorList) {
	invalid := func(value any, message string, names ...string) {
		at := field.NewPath(names[0], names[1:]...)
		errs = append(errs, field.Invalid(at, value, message))
	}
	version, ok := release.ParseVersion(spec.KubernetesVersion)
	first, _ := release.ParseVersion(oldest)
	if ok && version.CompareMinor(first) < 0 {
		invalid(spec.KubernetesVersion, "minikube starts Kubernetes "+oldest+" and later: write such a version", "kubernetesVersion")
	}
	if file := spec.APIServer.ConfigFile; !spec.APIServer.Disabled && (path.Dir(file) != certificates) {
		invalid(file, "of minikube's own folders kube-apiserver sees "+certificates+" alone: leave it out, or write a file in it", "apiServer", "configFile")
	}
	etcd := spec.Etcd
	if etcd.Disabled {
		return errs
	}
	const own = "minikube runs the etcd of kubeadm and has no way to name another: leave it out"
	if etcd.External {
		invalid(true, own, "etcd", "external")
	}
	if etcd.ImageTag != "" {
		invalid(etcd.ImageTag, own, "etcd", "imageTag")
	}
	if etcd.ImageRepository != "" {
		invalid(etcd.ImageRepository, own, "etcd", "imageRepository")
	}
	for _, name := range []struct{ field, value string }{{"serviceName", etcd.ServiceName}, {"instanceID", etcd.InstanceID}} {
		if strings.ContainsAny(name.value, "\"\\“”") {
			invalid(name.value, fmt.Sprintf("minikube writes it between double quotes as it is, so kubeadm reads something else: write it without %s", `" and \`), "etcd", name.field)
		}
	}
	return errs
}
