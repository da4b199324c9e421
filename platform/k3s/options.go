package k3s

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"kubetrace"
)

// Distribution is k3s or RKE2, which take the same settings in other places.
type Distribution string

// The distributions.
const (
	K3s  Distribution = "k3s"
	RKE2 Distribution = "rke2"
)

// Options say what the cluster is. The zero Options are for k3s with an etcd of its own,
// which is not k3s' default: without cluster-init, or server pointing to one that has it,
// k3s keeps its state in SQLite, and etcd-arg does nothing there. Set ExternalDatastore
// then. RKE2 always has an etcd, unless datastore-endpoint is set.
type Options struct {
	// Distribution is K3s or RKE2. The default is K3s.
	Distribution Distribution
	// DataDir is data-dir of the node's configuration, an absolute path. The default is
	// /var/lib/rancher/k3s or /var/lib/rancher/rke2.
	DataDir string
	// ExternalDatastore says that the cluster has no etcd of its own: it keeps its state
	// in SQLite, as k3s does unless cluster-init is set, or in what datastore-endpoint
	// names. Nothing of etcd is written then.
	ExternalDatastore bool
	// Overwrite has Config put the spec's value in the place of another, instead of the
	// error.
	Overwrite bool
}

// withDefaults returns options that are complete, or what is wrong with them.
func (o Options) withDefaults() (Options, error) {
	o.Distribution = cmp.Or(o.Distribution, K3s)
	if o.Distribution != K3s && o.Distribution != RKE2 {
		return o, fmt.Errorf("Options.Distribution is %q: write %s or %s", o.Distribution, K3s, RKE2)
	}
	o.DataDir = cmp.Or(o.DataDir, "/var/lib/rancher/"+string(o.Distribution))
	if !path.IsAbs(o.DataDir) || path.Clean(o.DataDir) != o.DataDir || strings.ContainsFunc(o.DataDir, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return o, fmt.Errorf("Options.DataDir is %q: write an absolute path without a slash at its end, such as /var/lib/rancher/%s", o.DataDir, o.Distribution)
	}
	return o, nil
}

// name is what people call the distribution.
func (o Options) name() string {
	if o.Distribution == RKE2 {
		return "RKE2"
	}
	return "k3s"
}

// folder is where a node's configuration is.
func (o Options) folder() string { return "/etc/rancher/" + string(cmp.Or(o.Distribution, K3s)) }

// ConfigPath is the node's own configuration, /etc/rancher/k3s/config.yaml.
func (o Options) ConfigPath() string { return o.folder() + "/config.yaml" }

// DropInPath is where Node puts a [DropIn], behind most people's own files.
func (o Options) DropInPath() string { return o.ConfigPath() + ".d/90-kubetrace.yaml" }

// TracingPath is where kube-apiserver's file is, unless the spec's apiServer.configFile
// names another place than the library's default.
func (o Options) TracingPath() string { return o.folder() + "/tracing-config.yaml" }

// kubeletDropIn is a file of the folder that kubelets read, and kubeletFile one that they
// are given, where they do not.
func (o Options) kubeletDropIn() string {
	return o.DataDir + "/agent/etc/kubelet.conf.d/90-kubetrace.conf"
}
func (o Options) kubeletFile() string { return o.folder() + "/kubetrace-kubelet.yaml" }

// unit is the systemd unit of a role.
func (o Options) unit(role kubetrace.Role) string {
	switch {
	case role == kubetrace.Worker:
		return string(o.Distribution) + "-agent"
	case o.Distribution == RKE2:
		return "rke2-server"
	}
	return "k3s"
}

// unitDropIn is a drop-in of that unit. The file of variables beside it is the
// installer's, which writes it anew.
func (o Options) unitDropIn(role kubetrace.Role) string {
	return "/etc/systemd/system/" + o.unit(role) + ".service.d/90-kubetrace.conf"
}
