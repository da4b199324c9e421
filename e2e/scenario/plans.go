package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/e2e/components"
	"kubetrace/tracing"
)

// Plan is one of the clusters.
type Plan struct {
	// Name is the release, and what sets the cluster apart from others of it.
	Name string
	// Release is what the cluster is made of.
	Release components.Release
	// EtcdImageTag is the spec's, or empty for the etcd that kubeadm chooses.
	EtcdImageTag string
	// ControlPlane is how many control-plane nodes there are. Where it is more
	// than one, a worker joins once the collector runs.
	ControlPlane int
	// Containerd is the spec's containerd.version.
	Containerd string
	// Fleet is what an organisation has that has grown: the components send to an
	// abstract socket, the queue is on the node's disk, and a gateway stands
	// before the backend.
	Fleet bool
	// Sabotaged has one setting after the other made wrong, for check to find.
	Sabotaged bool
	// Wrong is a release whose etcd flags keep this one's etcd from starting.
	Wrong string
}

// fleet is the plan of a grown organisation.
const fleet = "1.37.2-fleet"

// preview is the release to come. Of its modules k8s.io/apiextensions-api, which
// kube-apiserver and kube-controller-manager are linked with, and
// sigs.k8s.io/iptables-wrappers, which kube-proxy is, are not served.
var preview = components.Release{Minor: "1.38", Etcd: "3.7.1", Neighbour: "1.37"}

// Plans are all clusters: one with an etcd that the spec names, the one at which
// kubeadm's API changes, the newest that is served, the newest with several nodes and
// with all that a fleet has, and the one to come.
var Plans = []Plan{
	{Name: "1.29.1", Release: components.Release{Minor: "1.29", Etcd: "3.5.11"}, EtcdImageTag: "3.5.11-0", ControlPlane: 1, Containerd: "2.3", Sabotaged: true, Wrong: "1.37"},
	{Name: "1.31.0", Release: components.Release{Minor: "1.31", Etcd: "3.5.15", Containerd: "containerd-v1.7"}, ControlPlane: 1, Containerd: "1.7", Wrong: "1.37"},
	{Name: "1.37.2", Release: components.Release{Minor: "1.37", Etcd: "3.7.0"}, ControlPlane: 1, Containerd: "2.3", Sabotaged: true, Wrong: "1.29"},
	{Name: "1.37.2-ha", Release: components.Release{Minor: "1.37", Etcd: "3.7.0"}, ControlPlane: 3, Containerd: "2.3"},
	{Name: fleet, Release: components.Release{Minor: "1.37", Etcd: "3.7.0"}, ControlPlane: 1, Containerd: "2.3", Fleet: true},
	{Name: "1.38.0-beta.0", Release: preview, ControlPlane: 1, Containerd: "2.3", Wrong: "1.29"},
}

// Newest is the plan that a first look starts.
func Newest() Plan { return Plans[2] }

// Names are those of all plans.
func Names() (names []string) {
	for _, plan := range Plans {
		names = append(names, plan.Name)
	}
	return names
}

// Find is the plan of a name.
func Find(name string) (Plan, error) {
	for _, plan := range Plans {
		if plan.Name == name {
			return plan, nil
		}
	}
	return Plan{}, fmt.Errorf("there is no cluster %q; write one of %s", name, strings.Join(Names(), ", "))
}

// clusterName is k8s.cluster.name, and the prefix of the nodes' names.
func (p Plan) clusterName() string { return "k" + strings.ReplaceAll(p.Name, ".", "-") }

// spec is what the cluster's bundle is made from.
func (p Plan) spec(set *components.Set) tracing.TracingSpec {
	all := int32(1_000_000)
	spec := tracing.TracingSpec{
		KubernetesVersion:      set.Versions["kubeadm"],
		ClusterName:            p.clusterName(),
		SamplingRatePerMillion: &all,
		Etcd:                   tracing.EtcdSpec{ImageTag: p.EtcdImageTag},
		Collector:              tracing.CollectorSpec{Image: set.CollectorImage()},
		Backend:                tracing.BackendSpec{Image: set.JaegerImage()},
	}
	if p.Containerd != "" {
		spec.Containerd = &tracing.ContainerdSpec{Version: p.Containerd}
	}
	if p.Fleet {
		spec.Endpoint = "unix-abstract:///kubetrace"
		spec.Collector.Distribution = "k8s"
		spec.Collector.Queue.Storage = tracing.StorageHostPath
		// There is no other node for it.
		spec.Gateway = &tracing.GatewaySpec{Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}}}
	}
	return spec
}

// Weathers are what has to do no harm to the cluster.
func (p Plan) Weathers() []Weather {
	if p.Fleet {
		return append(slices.Clone(Weathers), fleetWeathers...)
	}
	return Weathers
}

var versionOfName = regexp.MustCompile(`^\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?`)

// version is what the plan is called after.
func (p Plan) version() string { return "v" + versionOfName.FindString(p.Name) }

// check says whether what was built is what the plan is called after.
func (p Plan) check(set *components.Set) error {
	if got := set.Versions["kubeadm"]; got != p.version() {
		return fmt.Errorf("the plan %s builds Kubernetes %s: name it after what conformance/judge/v%s.mod pins", p.Name, got, p.Release.Minor)
	}
	return nil
}
