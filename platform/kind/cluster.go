package kind

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace"
	"kubetrace/internal/gates"
	"kubetrace/kubeadm"
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
// image get the preferred kindest/node tag known for the spec's minor release, or
// that of the spec's very patch where it is known. Where a patch of base sets a
// list or flag of ours as a whole (apiServer.extraVolumes, feature-gates), ours
// are added to it. Giving the result as base again changes nothing.
//
// The error is a *tracing.InvalidSpecError for the spec and an
// *[InvalidClusterError] for base: a node image of another release, a gate of
// tracing that the release does not know or that is switched off, a patch that
// cannot be read, that sets something of ours to another value or that writes
// flags as a list where kind writes a map (Kubernetes up to 1.35), a mount at the
// same path. kind passes over a patch whose apiVersion it does not write for the
// release; so does this function.
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
		switch node.Role {
		case "", v1alpha4.ControlPlaneRole, v1alpha4.WorkerRole:
		default:
			b.invalid(root.Index(i).Child("role"), node.Role, "write %s or %s", v1alpha4.ControlPlaneRole, v1alpha4.WorkerRole)
		}
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

// badHostDir is what the engines read as the end of a path; the colon behind a
// driveLetter is none.
var (
	badHostDir  = regexp.MustCompile(`[:\x00-\x1f\x7f]`)
	driveLetter = regexp.MustCompile(`^[A-Za-z]:`)
)

// mountTracingFile mounts kube-apiserver's file into every control-plane node.
// kubeadm then mounts it from there into the static pod.
func (b *builder) mountTracingFile(hostDir string) {
	if b.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	at := field.NewPath("hostDir")
	switch {
	case strings.TrimSpace(hostDir) == "":
		b.errs = append(b.errs, field.Required(at, "write the folder that will hold "+kubetrace.FileTracingConfiguration+", best as an absolute path"))
		return
	case badHostDir.MatchString(driveLetter.ReplaceAllString(hostDir, "")):
		b.invalid(at, hostDir, "container engines take a mount as host:container, so the path may hold neither ':' nor control characters: write another folder")
		return
	}
	want := v1alpha4.Mount{
		HostPath:      path.Join(hostDir, kubetrace.FileTracingConfiguration),
		ContainerPath: b.Spec().APIServer.ConfigFile,
		Readonly:      true,
	}
	for i := range b.cluster.Nodes {
		node := &b.cluster.Nodes[i]
		if !isControlPlane(*node) {
			continue
		}
		same := slices.IndexFunc(node.ExtraMounts, func(m v1alpha4.Mount) bool { return path.Clean(m.ContainerPath) == want.ContainerPath })
		switch {
		case same < 0:
			node.ExtraMounts = append(node.ExtraMounts, want)
		case path.Clean(node.ExtraMounts[same].HostPath) != want.HostPath || !node.ExtraMounts[same].Readonly:
			b.invalid(field.NewPath("nodes").Index(i).Child("extraMounts").Index(same), node.ExtraMounts[same].HostPath,
				"%s has to be mounted read-only at %s: take this mount out, or write another apiServer.configFile in the spec", want.HostPath, want.ContainerPath)
		}
	}
}

// featureGates judges the gates that kind gives to every component.
func (b *builder) featureGates() {
	for _, name := range slices.Sorted(maps.Keys(b.cluster.FeatureGates)) {
		if err := b.CheckFeatureGate(name, b.cluster.FeatureGates[name]); err != nil {
			b.invalid(field.NewPath("featureGates").Key(name), b.cluster.FeatureGates[name], "%s", err)
		}
	}
}

// patches puts our kubeadm patches before the user's and folds ours into those
// of the user's that would replace them.
func (b *builder) patches() {
	bundle, err := kubetrace.GenerateFor(b.Resolved)
	if err != nil {
		b.errs = append(b.errs, field.InternalError(field.NewPath("kubeadmConfigPatches"), err))
		return
	}
	patch := bundle.Kubeadm
	f := folder{
		builder: b,
		want:    b.wanted(patch),
		maps:    slices.Contains(rendersMaps, b.KubernetesMinor()),

		tracesEtcd:      len(patch.Etcd.Args) > 0,
		leavesEtcdImage: len(patch.Etcd.Args) > 0 && patch.Etcd.ImageTag == "",
	}

	// kind merges the cluster's gates into the flag before it applies patches,
	// so ours has to hold them too.
	addGates(patch, b.cluster.FeatureGates)
	ours := b.documents(patch)

	users := slices.Clone(b.cluster.KubeadmConfigPatches)
	f.mergePatches(field.NewPath("kubeadmConfigPatches"), users, ours)
	users = slices.DeleteFunc(users, func(text string) bool { return slices.Contains(ours, text) })
	f.jsonPatches(field.NewPath("kubeadmConfigPatchesJSON6902"), b.cluster.KubeadmConfigPatchesJSON6902)
	for i := range b.cluster.Nodes {
		node, at := &b.cluster.Nodes[i], field.NewPath("nodes").Index(i)
		f.mergePatches(at.Child("kubeadmConfigPatches"), node.KubeadmConfigPatches, nil)
		f.jsonPatches(at.Child("kubeadmConfigPatchesJSON6902"), node.KubeadmConfigPatchesJSON6902)
	}
	if all := slices.Concat(ours, users); len(all) > 0 {
		b.cluster.KubeadmConfigPatches = all
	}
}

// documents returns a patch as one text for each kubeadm document, without the
// Kubernetes version, which kind takes from the node's image.
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
func addGates(patch *kubeadm.Patch, clusterGates map[string]bool) {
	for i, arg := range patch.APIServer.Args {
		if arg.Name != gates.Flag {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(clusterGates)) {
			if name != tracing.GateNameAPIServer {
				arg.Value += "," + gates.Gate{Name: name, On: clusterGates[name]}.String()
			}
		}
		patch.APIServer.Args[i] = arg
	}
}
