package kind

import (
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"gopkg.in/yaml.v3"

	"kubetrace"
	"kubetrace/internal/edit"
	"kubetrace/internal/reader"
	"kubetrace/tracing"
)

const (
	clusterKind = "Cluster"
)

// Cluster returns a copy of base, or a cluster of one control-plane node where
// base is nil, that traces itself as the spec says. base is not changed. Print
// the result with tracing.Marshal; kind reads it with --config.
//
// hostDir is the folder of the bundle's files on the machine that runs kind,
// where apiserver/tracing-config.yaml has to be before kind starts: Docker makes
// a folder of a file that is missing. A relative path is relative to kind's
// working directory, so an absolute one is better.
//
// Everything of base is kept: nodes, mounts, networking, containerd patches and
// kubeadm patches, the latter in their order, behind ours. Nodes without an
// image get the newest kindest/node tag known for the spec's minor release, or that of
// the spec's very patch where it is known. Where a patch of base sets a
// list or flag of ours as a whole (apiServer.extraVolumes, feature-gates), ours
// are added to it. Giving the result as base again changes nothing, and giving it
// with another spec, of whatever release, replaces our patches by those of that
// spec. The nodes' images are then yours to change before.
//
// Where the spec names containerd, every node gets a drop-in of its service mounted, or,
// where the nodes' containerd reads its configuration alone, the cluster a patch of that.
// [NodeContainerd] is the containerd of the images that nodes get, and [ImageContainerd]
// that of others, for which the spec is believed where it is not known.
//
// Settings that the release no longer takes are changed as apply.Documents does,
// which edits kind clusters by the same rules: flags of etcd in another spelling are
// renamed, and feature gates that the release does not know are taken out.
//
// The error is a *tracing.InvalidSpecError for the spec and an
// *[InvalidClusterError] for base: a node image of another release, a gate of
// tracing that is switched off, a patch that cannot be read, that sets something of
// ours to another value or that writes flags as a list where kind writes a map
// (Kubernetes up to 1.35), a mount at the same path, a node image whose containerd does
// not read what is made for the spec's, tables of tracing in somebody's own patch of
// containerd's configuration, or a spec with CRI-O, which no image of kind
// has. kind passes over a patch whose apiVersion it does not write for the release; so
// does this function.
func Cluster(spec tracing.TracingSpec, base *v1alpha4.Cluster, hostDir string) (*v1alpha4.Cluster, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return ClusterFor(resolved, base, hostDir)
}

// ClusterFor is Cluster of a spec that is resolved already.
func ClusterFor(r tracing.Resolved, base *v1alpha4.Cluster, hostDir string) (*v1alpha4.Cluster, error) {
	cluster := &v1alpha4.Cluster{}
	if base != nil {
		cluster = base.DeepCopy()
	}
	problems := typeOf(cluster)
	tree, err := asTree(cluster)
	if err != nil {
		return nil, err
	}
	edited, report, _ := edit.Document(r, tree, edit.Options{
		HostDir: hostDir, TracingFile: kubetrace.FileTracingConfiguration, ContainerdFile: kubetrace.FileContainerd, ContainerdPath: kubetrace.NodeFileContainerd,
	})
	if problems = append(problems, report.Problems...); len(problems) > 0 {
		return nil, invalid(problems)
	}
	// Only what is edited takes the way through the tree.
	var changed v1alpha4.Cluster
	text, err := yaml.Marshal(edited)
	if err == nil {
		err = yaml.Unmarshal(text, &changed)
	}
	if err != nil {
		return nil, err
	}
	cluster.Nodes, cluster.FeatureGates = changed.Nodes, changed.FeatureGates
	cluster.ContainerdConfigPatches = changed.ContainerdConfigPatches
	cluster.KubeadmConfigPatches, cluster.KubeadmConfigPatchesJSON6902 = changed.KubeadmConfigPatches, changed.KubeadmConfigPatchesJSON6902
	return cluster, nil
}

// typeOf makes a cluster one of kind's, and returns what else it says it is.
func typeOf(cluster *v1alpha4.Cluster) (problems []edit.Problem) {
	for _, it := range []struct {
		field, want string
		have        *string
	}{{"apiVersion", reader.KindAPIVersion, &cluster.APIVersion}, {"kind", clusterKind, &cluster.Kind}} {
		if *it.have != "" && *it.have != it.want {
			problems = append(problems, edit.Problem{Path: []any{it.field}, Setting: it.field, Value: *it.have, Message: "write " + it.want})
		}
		*it.have = it.want
	}
	return problems
}

// asTree returns what a cluster says, as kind's own reader would see it.
func asTree(cluster *v1alpha4.Cluster) (tree map[string]any, err error) {
	text, err := yaml.Marshal(cluster)
	if err != nil {
		return nil, err
	}
	return tree, yaml.Unmarshal(text, &tree)
}

// invalid is the error of what is wrong with a cluster.
func invalid(problems []edit.Problem) *InvalidClusterError {
	return &InvalidClusterError{Errors: edit.FieldErrors(problems)}
}
