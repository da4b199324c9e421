package kind

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

const (
	apiVersion  = "kind.x-k8s.io/v1alpha4"
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
// image get the newest kindest/node tag known for the spec's minor release, or
// that of the spec's very patch where it is known. Where a patch of base sets a
// list or flag of ours as a whole (apiServer.extraVolumes, feature-gates), ours
// are added to it. Giving the result as base again changes nothing.
//
// The error is a *tracing.InvalidSpecError for the spec and an
// *[InvalidClusterError] for base: a node image of another release, a feature
// gate that the release does not know, a patch that cannot be read or that sets
// something of ours to another value, a mount at the same path.
func Cluster(spec tracing.TracingSpec, base *v1alpha4.Cluster, hostDir string) (*v1alpha4.Cluster, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	return ClusterFor(resolved, base, hostDir)
}

// ClusterFor is Cluster of a spec that is resolved already.
func ClusterFor(r tracing.Resolved, base *v1alpha4.Cluster, hostDir string) (*v1alpha4.Cluster, error) {
	b := builder{Resolved: r, cluster: &v1alpha4.Cluster{}}
	if base != nil {
		b.cluster = base.DeepCopy()
	}
	b.typeMeta()
	b.nodes()
	b.mountTracingFile(hostDir)
	b.featureGates()
	b.patches()
	if len(b.errs) > 0 {
		return nil, &InvalidClusterError{Errors: b.errs}
	}
	return b.cluster, nil
}

// builder turns the copy of base into the result and collects what is wrong
// with it.
type builder struct {
	tracing.Resolved
	cluster *v1alpha4.Cluster
	errs    field.ErrorList
}

func (b *builder) invalid(p *field.Path, value any, format string, args ...any) {
	b.errs = append(b.errs, field.Invalid(p, value, fmt.Sprintf(format, args...)))
}

func (b *builder) typeMeta() {
	meta := &b.cluster.TypeMeta
	if meta.APIVersion != "" && meta.APIVersion != apiVersion {
		b.invalid(field.NewPath("apiVersion"), meta.APIVersion, "write %s", apiVersion)
	}
	if meta.Kind != "" && meta.Kind != clusterKind {
		b.invalid(field.NewPath("kind"), meta.Kind, "write %s", clusterKind)
	}
	meta.APIVersion, meta.Kind = apiVersion, clusterKind
}

// nodes judges the nodes' images and fills in those that are missing.
func (b *builder) nodes() {
	root := field.NewPath("nodes")
	if len(b.cluster.Nodes) == 0 {
		b.cluster.Nodes = []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}}
	}
	if !slices.ContainsFunc(b.cluster.Nodes, isControlPlane) {
		b.invalid(root, len(b.cluster.Nodes), "a cluster needs a control plane: add a node with the role %s", v1alpha4.ControlPlaneRole)
	}
	for i := range b.cluster.Nodes {
		node, at := &b.cluster.Nodes[i], root.Index(i).Child("image")
		if node.Image == "" {
			image, _, known := NodeImageFor(b.Resolved)
			if !known {
				b.errs = append(b.errs, field.Required(at, fmt.Sprintf("no kindest/node image is known for Kubernetes %s: write one", b.KubernetesMinor())))
			}
			node.Image = image
			continue
		}
		tag, err := tagOf(node.Image)
		if err == nil {
			err = b.CheckNodeVersion(tag, isControlPlane(*node))
		}
		if err != nil {
			b.invalid(at, node.Image, "%s", err)
		}
	}
}

// isControlPlane says whether a node is one; kind's default role is that.
func isControlPlane(node v1alpha4.Node) bool {
	return node.Role == v1alpha4.ControlPlaneRole || node.Role == ""
}

// mountTracingFile mounts kube-apiserver's file into every control-plane node.
// kubeadm then mounts it from there into the static pod.
func (b *builder) mountTracingFile(hostDir string) {
	if b.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	if hostDir == "" || strings.ContainsRune(hostDir, 0) {
		b.errs = append(b.errs, field.Required(field.NewPath("hostDir"), "write the folder that will hold apiserver/tracing-config.yaml, best as an absolute path"))
		return
	}
	want := v1alpha4.Mount{
		HostPath:      path.Join(hostDir, "apiserver", "tracing-config.yaml"),
		ContainerPath: b.Spec().APIServer.ConfigFile,
		Readonly:      true,
	}
	for i := range b.cluster.Nodes {
		node := &b.cluster.Nodes[i]
		if !isControlPlane(*node) {
			continue
		}
		at := slices.IndexFunc(node.ExtraMounts, func(m v1alpha4.Mount) bool { return m.ContainerPath == want.ContainerPath })
		switch {
		case at < 0:
			node.ExtraMounts = append(node.ExtraMounts, want)
		case node.ExtraMounts[at] != want:
			b.invalid(field.NewPath("nodes").Index(i).Child("extraMounts").Index(at), node.ExtraMounts[at].HostPath,
				"%s has to be mounted read-only at %s: take this mount out, or write another apiServer.configFile in the spec", want.HostPath, want.ContainerPath)
		}
	}
}

// featureGates judges the gates that kind gives to every component.
func (b *builder) featureGates() {
	release := b.ControlPlane()
	for _, gate := range []struct {
		name  string
		state tracing.Gate
		owner tracing.Component
	}{
		{tracing.GateNameAPIServer, release.APIServerTracing, tracing.ComponentAPIServer},
		{tracing.GateNameKubelet, release.KubeletTracing, tracing.ComponentKubelet},
	} {
		on, set := b.cluster.FeatureGates[gate.name]
		at := field.NewPath("featureGates").Key(gate.name)
		switch {
		case !set:
		case gate.state == tracing.GateUnknown:
			b.invalid(at, on, "Kubernetes %s does not know this gate and no component would start: take it out", release.Kubernetes)
		case !on && gate.state == tracing.GateLocked:
			b.invalid(at, on, "Kubernetes %s has locked this gate and no component would start: take it out", release.Kubernetes)
		case !on && b.NotGenerated(gate.owner) == nil:
			b.invalid(at, on, "without this gate nothing of %s is traced: take it out, or disable %s in the spec", gate.owner, gate.owner)
		}
	}
}

// patches puts our kubeadm patches before the user's and folds ours into those
// of the user's that would replace them.
func (b *builder) patches() {
	patch, err := kubeadm.Merge(etcd.KubeadmPatchFor(b.Resolved), apiserver.KubeadmPatchFor(b.Resolved), kubelet.KubeadmPatchFor(b.Resolved))
	if err != nil {
		b.errs = append(b.errs, field.InternalError(field.NewPath("kubeadmConfigPatches"), err))
		return
	}
	f := folder{builder: b, want: b.wanted(patch), ownEtcd: len(patch.Etcd.Args) > 0 && patch.Etcd.ImageTag == ""}

	// kind merges the cluster's gates into the flag before it applies patches,
	// so ours has to hold them too.
	addGates(patch, b.cluster.FeatureGates)
	ours := b.documents(patch)

	own := func(text string) bool { return slices.Contains(ours, text) }
	users := slices.DeleteFunc(slices.Clone(b.cluster.KubeadmConfigPatches), own)
	first := len(b.cluster.KubeadmConfigPatches) - len(users)
	f.mergePatches(field.NewPath("kubeadmConfigPatches"), users, first)
	f.jsonPatches(field.NewPath("kubeadmConfigPatchesJSON6902"), b.cluster.KubeadmConfigPatchesJSON6902)
	for i := range b.cluster.Nodes {
		node, at := &b.cluster.Nodes[i], field.NewPath("nodes").Index(i)
		f.mergePatches(at.Child("kubeadmConfigPatches"), node.KubeadmConfigPatches, 0)
		f.jsonPatches(at.Child("kubeadmConfigPatchesJSON6902"), node.KubeadmConfigPatchesJSON6902)
	}
	if all := slices.Concat(ours, users); len(all) > 0 {
		b.cluster.KubeadmConfigPatches = all
	}
}

// documents returns a patch as one text for each kubeadm document.
func (b *builder) documents(patch *kubeadm.Patch) []string {
	var texts []string
	for _, part := range []*kubeadm.Patch{{Etcd: patch.Etcd, APIServer: patch.APIServer}, {Kubelet: patch.Kubelet}} {
		text, err := kubeadm.Marshal(part, "")
		switch {
		case err != nil:
			b.errs = append(b.errs, field.InternalError(field.NewPath("kubeadmConfigPatches"), err))
		case len(text) > 0:
			texts = append(texts, string(text))
		}
	}
	return texts
}

// wanted returns what our patches set, by kind of document.
func (b *builder) wanted(patch *kubeadm.Patch) map[string]map[string]any {
	want := map[string]map[string]any{}
	for _, text := range b.documents(patch) {
		document, err := parse(text)
		if err != nil {
			b.errs = append(b.errs, field.InternalError(field.NewPath("kubeadmConfigPatches"), err))
			continue
		}
		kind, _ := document["kind"].(string)
		delete(document, "kind")
		delete(document, "apiVersion")
		want[kind] = document
	}
	return want
}

// addGates adds the cluster's feature gates to our flag, where there is one.
func addGates(patch *kubeadm.Patch, gates map[string]bool) {
	for i, arg := range patch.APIServer.Args {
		if arg.Name != gatesFlag {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(gates)) {
			if name != tracing.GateNameAPIServer {
				arg.Value += fmt.Sprintf(",%s=%t", name, gates[name])
			}
		}
		patch.APIServer.Args[i] = arg
	}
}

const gatesFlag = "feature-gates"
