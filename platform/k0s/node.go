package k0s

import (
	"fmt"
	"slices"
	"strings"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/collector"
	"kubetrace/containerd"
	"kubetrace/tracing"
)

// The systemd units that k0s install makes.
const (
	unitController = "k0scontroller"
	unitWorker     = "k0sworker"
)

// containerdPrefix begins the variables of k0s' unit that containerd gets without it, and
// no other component.
// Source: github.com/k0sproject/k0s pkg/supervisor/supervisor.go, getEnv
// (v1.36.3+k0s.2:344).
const containerdPrefix = "CONTAINERD_"

// containerdFolder holds files that k0s has containerd's configuration import.
// Source: github.com/k0sproject/k0s pkg/component/worker/containerd.go (v1.27.1+k0s.0:63).
const containerdFolder = "/etc/k0s/containerd.d"

// Node returns what has to be on every controller (kubetrace.ControlPlane) or worker
// (kubetrace.Worker), beside the ClusterConfig of [Cluster]:
//
//   - kube-apiserver's tracing file, on controllers
//   - a collector's configuration and unit, on controllers without a kubelet, where the
//     exporter is one that a host reaches; collector.HostFiles has what it needs of Secrets
//   - variables of containerd as a drop-in of the unit, or its tables of tracing as a file
//     that k0s has it import, where the spec names containerd and the node has one
//
// The commands are for when the files are there. Before systemctl enable --now
// kubetrace-collector can run, a controller needs the collector's program,
// collector.HostProgram (/usr/local/bin/otelcol), and the files of collector.HostFiles'
// Secrets, such as /etc/kubetrace/collector/headers.env where headers have them. The error is that of [Resolve], or says
// that the role is none.
func Node(spec tracing.TracingSpec, role kubetrace.Role, o Options) (kubetrace.Node, error) {
	if role != kubetrace.ControlPlane && role != kubetrace.Worker {
		return kubetrace.Node{}, fmt.Errorf("role %q is not known: write %s for a controller or %s for a worker", role, kubetrace.ControlPlane, kubetrace.Worker)
	}
	r, err := Resolve(spec, o)
	if err != nil {
		return kubetrace.Node{}, err
	}
	var node kubetrace.Node
	add := func(path string, component tracing.Component, content []byte) {
		node.Files = append(node.Files, kubetrace.NodeFile{Path: path, Content: content, Mode: 0o644, Owner: "root:root", Component: component})
	}
	unit := unitWorker
	if role == kubetrace.ControlPlane {
		unit = unitController
		if file := apiserver.TracingConfigurationFor(r); file != nil {
			content, err := tracing.Marshal(file)
			if err != nil {
				return kubetrace.Node{}, err
			}
			add(r.Spec().APIServer.ConfigFile, tracing.ComponentAPIServer, content)
		}
	}
	if host := collector.HostFilesFor(r); host != nil && role == kubetrace.ControlPlane && needsHost(r, o) {
		add(collector.HostConfigPath, tracing.ComponentCollector, host.Config)
		add(collector.HostUnitPath, tracing.ComponentCollector, host.Unit.Marshal())
		node.Commands = append(node.Commands, "systemctl daemon-reload", "systemctl enable --now "+collector.HostService)
	}
	if drop := containerd.ServiceDropInFor(r); drop != nil && (role == kubetrace.Worker || o.ControllersRunKubelet) {
		for i := range drop.Environment {
			drop.Environment[i].Name = containerdPrefix + drop.Environment[i].Name
		}
		add("/etc/systemd/system/"+unit+".service.d/90-kubetrace.conf", tracing.ComponentContainerd, drop.Marshal())
		if len(node.Commands) == 0 {
			node.Commands = append(node.Commands, "systemctl daemon-reload")
		}
	}
	if config := containerd.ConfigFileFor(r); config != nil && !r.ContainerdVariables() && (role == kubetrace.Worker || o.ControllersRunKubelet) {
		add(containerdFolder+"/90-kubetrace.toml", tracing.ComponentContainerd, config.Marshal())
	}
	slices.SortFunc(node.Files, func(a, b kubetrace.NodeFile) int { return strings.Compare(a.Path, b.Path) })
	return node, nil
}

// NodeFor is Node of a spec that is resolved already, by [Resolve] or not.
func NodeFor(r tracing.Resolved, role kubetrace.Role, o Options) (kubetrace.Node, error) {
	return Node(r.Spec(), role, o)
}
