package k3s

import (
	"slices"
	"strings"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/containerd"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// Node returns what has to be on every server (kubetrace.ControlPlane) or agent
// (kubetrace.Worker) before k3s or RKE2 starts there, for installers that write files:
//
//   - the flags of kube-apiserver and etcd, and those of kubelets before 1.32, in
//     config.yaml.d (see [Settings]); leave this file, [Options.DropInPath], out where
//     [Config] has put them into config.yaml
//   - kube-apiserver's tracing file, on servers
//   - the kubelet's part, as a drop-in of its configuration, or up to 1.31 as a file
//   - variables of containerd as a drop-in of the unit, where the spec names containerd.
//     kube-apiserver and kubelet see them too, and go by their own settings
//
// There are no patches, and no commands: restart the unit where it runs already. The
// error is that of [Settings].
func Node(spec tracing.TracingSpec, role kubetrace.Role, o Options) (kubetrace.Node, error) {
	r, o, err := resolve(spec, role, o)
	if err != nil {
		return kubetrace.Node{}, err
	}
	var node kubetrace.Node
	add := func(path string, component tracing.Component, content []byte, e error) {
		node.Files = append(node.Files, kubetrace.NodeFile{Path: path, Content: content, Mode: 0o644, Owner: "root:root", Component: component})
		if err == nil {
			err = e
		}
	}
	if drop := dropIn(r, role, o); !drop.isEmpty() {
		content, err := drop.Marshal()
		add(o.DropInPath(), "", content, err)
	}
	if file := apiserver.TracingConfigurationFor(r); file != nil && role == kubetrace.ControlPlane {
		content, err := tracing.Marshal(file)
		add(r.Spec().APIServer.ConfigFile, tracing.ComponentAPIServer, content, err)
	}
	if config := kubelet.ConfigurationFor(r); config != nil {
		path := kubeletConfig(r, o)
		if path == "" {
			path = o.kubeletDropIn()
		}
		content, err := tracing.Marshal(config)
		add(path, tracing.ComponentKubelet, content, err)
	}
	if drop := containerd.ServiceDropInFor(r); drop != nil {
		add(o.unitDropIn(role), tracing.ComponentContainerd, drop.Marshal(), nil)
	}
	slices.SortFunc(node.Files, func(a, b kubetrace.NodeFile) int { return strings.Compare(a.Path, b.Path) })
	return node, err
}

// NodeFor is Node of a spec that is resolved already, by [Resolve] or not.
func NodeFor(r tracing.Resolved, role kubetrace.Role, o Options) (kubetrace.Node, error) {
	return Node(r.Spec(), role, o)
}
