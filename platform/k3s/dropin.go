package k3s

import (
	"fmt"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/release"
	"kubetrace/tracing"
)

// DropIn is a file of config.yaml.d. Its keys end in +, so that what is in it is added to
// the lists of the files before. A file behind it that has one of these keys without +
// takes its place.
// https://docs.k3s.io/installation/configuration#configuration-file
type DropIn struct {
	// KubeAPIServerArg, EtcdArg and KubeletArg are flags, "name=value".
	KubeAPIServerArg []string `json:"kube-apiserver-arg+,omitempty" yaml:"kube-apiserver-arg+,omitempty"`
	EtcdArg          []string `json:"etcd-arg+,omitempty" yaml:"etcd-arg+,omitempty"`
	KubeletArg       []string `json:"kubelet-arg+,omitempty" yaml:"kubelet-arg+,omitempty"`
}

// Marshal returns the file.
func (d DropIn) Marshal() ([]byte, error) { return tracing.Marshal(d) }

// isEmpty says whether there is nothing in it.
func (d DropIn) isEmpty() bool { return len(d.KubeAPIServerArg)+len(d.EtcdArg)+len(d.KubeletArg) == 0 }

// Settings returns the flags of a node of a role as a file of config.yaml.d, which is
// empty where the node needs none. Kubelets from 1.32 on read a file of their own, which
// [Node] has. The error is that of [Resolve], or says that the role is none.
func Settings(spec tracing.TracingSpec, role kubetrace.Role, o Options) (DropIn, error) {
	r, o, err := resolve(spec, role, o)
	if err != nil {
		return DropIn{}, err
	}
	return dropIn(r, role, o), nil
}

// SettingsFor is Settings of a spec that is resolved already, by [Resolve] or not.
func SettingsFor(r tracing.Resolved, role kubetrace.Role, o Options) (DropIn, error) {
	return Settings(r.Spec(), role, o)
}

// resolve resolves everything that the functions of a role take.
func resolve(spec tracing.TracingSpec, role kubetrace.Role, o Options) (tracing.Resolved, Options, error) {
	o, err := o.withDefaults()
	if err != nil {
		return tracing.Resolved{}, o, err
	}
	if role != kubetrace.ControlPlane && role != kubetrace.Worker {
		return tracing.Resolved{}, o, fmt.Errorf("role %q is not known: write %s for a server or %s for an agent", role, kubetrace.ControlPlane, kubetrace.Worker)
	}
	r, err := Resolve(spec, o)
	return r, o, err
}

func dropIn(r tracing.Resolved, role kubetrace.Role, o Options) DropIn {
	var d DropIn
	if role == kubetrace.ControlPlane {
		d.KubeAPIServerArg, d.EtcdArg = list(apiserver.ArgsFor(r)), list(etcd.ArgsFor(r))
	}
	if file := kubeletConfig(r, o); file != "" {
		d.KubeletArg = []string{"config=" + file}
	}
	return d
}

// list is nil where there are no flags.
func list(args []kubeadm.Arg) []string {
	if len(args) == 0 {
		return nil
	}
	return kubeadm.ArgList(args)
}

// kubeletConfig is the file that kubelets are given, or nothing where they read drop-ins
// or are not traced.
func kubeletConfig(r tracing.Resolved, o Options) string {
	if r.NotGenerated(tracing.ComponentKubelet) != nil || readsDropIns(r) {
		return ""
	}
	return o.kubeletFile()
}

// readsDropIns says whether all kubelets read a folder.
func readsDropIns(r tracing.Resolved) bool {
	oldest, _ := release.ParseVersion(r.OldestKubelet().Kubernetes)
	return release.K3sReadsKubeletDropIns(oldest)
}
