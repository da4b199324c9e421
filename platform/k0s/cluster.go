package k0s

import (
	"bytes"

	"kubetrace/apiserver"
	"kubetrace/apply"
	"kubetrace/etcd"
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
// [NewCluster] as text where base is empty. Everything else stays as it was written,
// comments too, and doing it twice changes nothing: it is apply.Documents, with its
// errors. Every worker profile gets the kubelet's part, since none adds to another, and
// one of the name default is added. Nothing of etcd is added where spec.storage is kine or
// has an external cluster.
func Cluster(spec tracing.TracingSpec, base []byte, o Options) ([]byte, error) {
	if len(bytes.TrimSpace(base)) == 0 {
		config, err := NewCluster(spec, o)
		if err != nil {
			return nil, err
		}
		return config.Marshal()
	}
	r, err := Resolve(spec, o)
	if err != nil {
		return nil, err
	}
	result, err := apply.DocumentsFor(r, base, apply.Options{Overwrite: o.Overwrite})
	return result.Text, err
}

// ClusterFor is Cluster of a spec that is resolved already, by [Resolve] or not.
func ClusterFor(r tracing.Resolved, base []byte, o Options) ([]byte, error) {
	return Cluster(r.Spec(), base, o)
}
