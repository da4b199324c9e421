package containerd

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// Env returns the variables of containerd's environment, for a containerd that is
// started by something other than systemd. It is empty where the spec names no
// containerd, or one that reads its config.toml. The error is a
// *tracing.InvalidSpecError.
func Env(spec tracing.TracingSpec) ([]corev1.EnvVar, error) {
	return generate.List(spec, EnvFor)
}

// EnvFor is Env of a spec that is resolved already.
func EnvFor(r tracing.Resolved) []corev1.EnvVar {
	var env []corev1.EnvVar
	for _, s := range setting.Of(r, tracing.ComponentContainerd) {
		if s.Kind == setting.Variable {
			env = append(env, corev1.EnvVar{Name: s.Name, Value: s.Value})
		}
	}
	return env
}
