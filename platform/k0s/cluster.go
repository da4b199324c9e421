package k0s

import (
	"bytes"

	"kubetrace/apiserver"
	"kubetrace/apply"
	"kubetrace/etcd"
	"kubetrace/internal/distribution"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// NewCluster returns a ClusterConfig of nothing but tracing: flags of kube-apiserver and
// etcd, and the worker profile default, which is that of all workers that name none. The
// error is that of [Resolve].
func NewCluster(spec tracing.TracingSpec, o Options) (*ClusterConfig, error) {
	r, err := Resolve(spec, o)
	if err != nil {
		return nil, err
	}
	config := &ClusterConfig{APIVersion: "k0s.k0sproject.io/v1beta1", Kind: "ClusterConfig", Metadata: Metadata{"k0s"}}
	if config.Spec.API, err = component(apiserver.ArgsFor(r)); err != nil {
		return nil, err
	}
	args, err := component(etcd.ArgsFor(r))
	if args != nil {
		config.Spec.Storage = &Storage{Type: "etcd", Etcd: args}
	}
	if fields := kubelet.FieldsFor(r); fields != nil {
		config.Spec.WorkerProfiles = []WorkerProfile{{"default", fields}}
	}
	return config, err
}

// NewClusterFor is NewCluster of a spec that is resolved already, by [Resolve] or not.
func NewClusterFor(r tracing.Resolved, o Options) (*ClusterConfig, error) {
	return NewCluster(r.Spec(), o)
}

// component is what a component is given, or nil where that is nothing.
func component(args []kubeadm.Arg) (*Component, error) {
	if len(args) == 0 {
		return nil, nil
	}
	byName, err := kubeadm.ArgMap(args)
	return &Component{byName}, err
}

// Cluster returns a person's own ClusterConfig, k0s.yaml, with tracing in it, or
// [NewCluster] as text where base is empty. base may be a k0sctl.yaml too, which has the
// ClusterConfig in spec.k0s.config: k0sctl writes it to the controllers. Everything else stays as it was written,
// comments too, and doing it twice changes nothing: it is apply.Documents, with its
// errors, and what it says of the settings that were there. Every worker profile gets the
// kubelet's part, since none adds to another, and one of the name default is added. Nothing
// of etcd is added where spec.storage is kine or has an external cluster; Untraced says so.
// Warnings are those of [Resolve].
func Cluster(spec tracing.TracingSpec, base []byte, o Options) (apply.Result, error) {
	r, err := Resolve(spec, o)
	if err != nil {
		return apply.Result{}, err
	}
	text := base
	isNew := len(bytes.TrimSpace(base)) == 0
	if isNew {
		config, err := NewCluster(spec, o)
		if err != nil {
			return apply.Result{}, err
		}
		if text, err = config.Marshal(); err != nil {
			return apply.Result{}, err
		}
	}
	result, err := apply.DocumentsFor(r, text, apply.Options{Overwrite: o.Overwrite})
	if err != nil {
		return apply.Result{}, err
	}
	if isNew {
		result.Receipt.Edits = []apply.Edit{{To: len(base), Old: string(base), New: string(text)}}
	}
	if why := distribution.K0s(o.ExternalDatastore).EtcdUntraced(spec, r); why != "" {
		result.Untraced = append([]apply.Untraced{{Component: tracing.ComponentEtcd, Reason: why}}, result.Untraced...)
	}
	result.Warnings = r.Warnings
	return result, nil
}

// ClusterFor is Cluster of a spec that is resolved already, by [Resolve] or not.
func ClusterFor(r tracing.Resolved, base []byte, o Options) (apply.Result, error) {
	return Cluster(r.Spec(), base, o)
}
