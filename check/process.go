package check

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// Process is kube-apiserver or etcd that is not a pod: one that a platform runs on the
// host, or one that an installer is about to start.
type Process struct {
	// Component is tracing.ComponentAPIServer or tracing.ComponentEtcd.
	Component tracing.Component
	// Args are all its arguments, with or without the program itself, as
	// /proc/PID/cmdline has them: "--feature-gates=A=true", or a flag and its value
	// apart. Each flag has its dashes, as kubeadm.Arg.String returns it, which
	// kubeadm.ArgList leaves out. The default, nil, is no flags at all.
	Args []string
	// Env is its environment. The variables that begin with ETCD_ or OTEL_ are enough.
	Env []corev1.EnvVar
	// Version is its release with the patch, such as "1.34.1" or "3.6.4". The default is
	// the spec's, of kube-apiserver and of etcd.
	Version string
	// ConfigFile is the content of the file that etcd's flag --config-file names. In a
	// State it is EtcdFiles.
	ConfigFile []byte
}

// Flags judges what decides on tracing among all flags, feature gates and variables of
// one component: what an installer is about to start it with, or what runs on a host. It
// returns what is not as the spec says, the worst first, or an empty list. What only a
// pod has, such as mounts, is not judged, nor is the content of files that flags name,
// but for ConfigFile. The error is a *tracing.InvalidSpecError, or names a component that
// has no such flags.
func Flags(spec tracing.TracingSpec, process Process) ([]Finding, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return FlagsFor(r, process)
}

// FlagsFor is Flags of a spec that is resolved already.
func FlagsFor(resolved tracing.Resolved, process Process) ([]Finding, error) {
	i := newInspector(resolved, State{}, Options{})
	if process.ConfigFile != nil {
		i.EtcdFiles = map[string][]byte{"": process.ConfigFile}
	}
	r := reporter{inspector: i, component: process.Component}
	pod := process.pod()
	switch process.Component {
	case tracing.ComponentAPIServer:
		if i.NotGenerated(process.Component) == nil {
			r.apiServerPod(pod)
		}
	case tracing.ComponentEtcd:
		if i.NotGenerated(process.Component) == nil {
			r.etcdPod(pod)
		}
	default:
		return nil, fmt.Errorf("component %q has no flags that are judged: write %s or %s, and give what the kubelet runs with as State.Configz", process.Component, tracing.ComponentAPIServer, tracing.ComponentEtcd)
	}
	return sorted(i.findings), nil
}

// pod is the process as if a pod ran it.
func (p Process) pod() componentPod {
	container := &corev1.Container{Name: string(p.Component), Args: p.Args, Env: p.Env}
	if len(p.Args) > 0 && p.Args[0] != "" && p.Args[0][0] != '-' {
		container.Command, container.Args = p.Args[:1], p.Args[1:]
	}
	return componentPod{Pod: &corev1.Pod{}, container: container, onHost: true, version: p.Version}
}
