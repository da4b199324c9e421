package etcd

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// Args returns etcd's flags for tracing. They begin with experimental- up to
// etcd 3.5, that is for Kubernetes up to 1.33 unless the spec names an etcd. It
// is empty where etcd is disabled or its default for the release, 1.22 to 1.25,
// may be one that must not be traced. The error is a
// *tracing.InvalidSpecError.
func Args(spec tracing.TracingSpec) ([]kubeadm.Arg, error) {
	return generate.List(spec, ArgsFor)
}

// ArgsFor is Args of a spec that is resolved already.
func ArgsFor(r tracing.Resolved) []kubeadm.Arg {
	var args []kubeadm.Arg
	for _, s := range setting.Of(r, tracing.ComponentEtcd) {
		args = append(args, kubeadm.Arg{Name: s.Name, Value: s.Value})
	}
	return args
}

// Env returns the same settings as Args as environment variables, for an etcd
// that kubeadm does not run. Use one or the other: etcd ends itself when a
// setting is in both. It is empty and errs where Args does.
func Env(spec tracing.TracingSpec) ([]corev1.EnvVar, error) {
	return generate.List(spec, EnvFor)
}

// EnvFor is Env of a spec that is resolved already.
func EnvFor(r tracing.Resolved) []corev1.EnvVar {
	var env []corev1.EnvVar
	for _, s := range setting.Of(r, tracing.ComponentEtcd) {
		env = append(env, corev1.EnvVar{Name: setting.EtcdVariable(s.Name), Value: s.Value})
	}
	return env
}
