package containerd

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
	"kubetrace/internal/unitedit"
	"kubetrace/tracing"
)

// DropIn is a drop-in file of a systemd service.
type DropIn struct {
	// Environment are variables with values. Names follow the rules of a shell.
	Environment []corev1.EnvVar
}

// Marshal returns the file.
func (d DropIn) Marshal() []byte {
	text := "[Service]\n"
	for _, v := range d.Environment {
		text += unitedit.Assignment(v.Name, v.Value) + "\n"
	}
	return []byte(text)
}

// ServiceDropIn returns Env as a drop-in of containerd.service, for the folder
// /etc/systemd/system/containerd.service.d. It takes effect with systemctl
// daemon-reload and a restart of the service, through which the pods live on. The error
// is a *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Env is empty.
func ServiceDropIn(spec tracing.TracingSpec) (*DropIn, error) {
	return generate.Unless(spec, noDropIn, ServiceDropInFor)
}

// ServiceDropInFor is ServiceDropIn of a spec that is resolved already, or nil.
func ServiceDropInFor(r tracing.Resolved) *DropIn {
	if noDropIn(r) != nil {
		return nil
	}
	return &DropIn{Environment: EnvFor(r)}
}

func noDropIn(r tracing.Resolved) *tracing.NotGeneratedError {
	if not := r.NotGenerated(tracing.ComponentContainerd); not != nil || r.ContainerdVariables() {
		return not
	}
	return &tracing.NotGeneratedError{Component: tracing.ComponentContainerd, Field: "containerd.version", Reason: "this containerd reads its config.toml and no variables"}
}
