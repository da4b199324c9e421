package edit

import (
	"slices"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// Options say how to edit.
type Options struct {
	// Overwrite puts the spec's value in the place of another, instead of a problem.
	Overwrite bool
	// Remove takes the spec's settings out instead of adding them.
	Remove bool
	// HostDir is the folder of the bundle's files, for clusters of kind, and
	// TracingFile the name of kube-apiserver's tracing file in it.
	HostDir, TracingFile string
	// ContainerdFile is the name of the drop-in of containerd's service in HostDir, and
	// ContainerdPath where nodes of kind have it.
	ContainerdFile, ContainerdPath string
	// From is the minor release that a document may be of before an upgrade.
	From string
}

// Report is what was found in a document and done to it.
type Report struct {
	// Problems are what somebody has to change. The edited tree is of no use where
	// there are some.
	Problems []Problem
	// Added are settings that were not there, Replaced those that changed or went, and
	// Left those that a removal leaves.
	Added, Replaced, Left []Change
	// Unread are settings that lead to others, which were not looked at, and images of
	// kind's nodes whose containerd is not known.
	Unread []Change
	// Untraced says why components that the document carries are not traced by it.
	Untraced map[tracing.Component]string
	// Warnings are those of the spec where the document's platform resolves it anew, or nil.
	Warnings []tracing.Warning
}

// Change is one setting.
type Change struct {
	// Path is where it is, or what it belongs to.
	Path []any
	// Document is the kind of the document, which may be one within another:
	// "ClusterConfiguration in kubeadmConfigPatches".
	Document string
	// Component is whose setting it is, where the document has those of several.
	Component tracing.Component
	// Name is what it sets, "etcd --enable-distributed-tracing".
	Name string
	// Old and New are its values, empty where there is none.
	Old, New string
	// Class says what the component makes of what was there, and Cure why.
	Class setting.Class
	Cure  string
}

// Problem is what is wrong with a document.
type Problem struct {
	// Path is where, and Document the kind of the document there; see Change.
	Path      []any
	Document  string
	Component tracing.Component
	// Setting and Value are what is wrong, where it is one setting.
	Setting, Value string
	// Want is what it should be, where that is one value, and Adopt what to write into
	// the spec for the other one, where a valid spec can say it.
	Want, Adopt string
	// Conflict says that a value contradicts the spec's, which Options.Overwrite settles.
	Conflict bool
	// Message says what is wrong and what to write instead. A contradiction may have none.
	Message string
	// APIVersion is the document's, where kubeadm of the release does not read it.
	APIVersion string
	// Class says what the component makes of it.
	Class setting.Class
}

// Document edits one document. tree is not changed; edited shares parts with it. known
// is false for a document that has no settings of tracing, or none in this version of its
// API.
func Document(r tracing.Resolved, tree map[string]any, o Options) (edited map[string]any, report Report, known bool) {
	edit := editorOf(tree)
	if edit == nil {
		return tree, Report{}, false
	}
	kind, _ := tree["kind"].(string)
	d := &document{pass: &pass{Resolved: r, Options: o, Report: Report{Untraced: map[tracing.Component]string{}}}, kind: kind, tree: copied(tree)}
	for _, c := range Carries(tree) {
		d.untraced(c, Untraced(r, c))
	}
	edit(d)
	return d.tree, d.pass.Report, true
}

// pass is what is shared by the documents within a document.
type pass struct {
	tracing.Resolved
	Options
	Report
}

// Group is the API group of an apiVersion, or nothing for the core group.
func Group(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// IsKubeadm says whether a document is kubeadm's.
func IsKubeadm(tree map[string]any) bool {
	apiVersion, _ := tree["apiVersion"].(string)
	return Group(apiVersion) == groupKubeadm
}

// groups are those of the kinds that are edited.
var groups = map[string]string{
	"ClusterConfiguration":   groupKubeadm,
	"InitConfiguration":      groupKubeadm,
	"JoinConfiguration":      groupKubeadm,
	"UpgradeConfiguration":   groupKubeadm,
	"KubeletConfiguration":   groupKubelet,
	"KubeProxyConfiguration": groupKubeProxy,
	"Cluster":                groupKind,
	"TracingConfiguration":   groupAPIServer,
	KindK0s:                  groupK0s,

	"KubeadmControlPlane":         groupKubeadmControlPlane,
	"KubeadmControlPlaneTemplate": groupKubeadmControlPlane,
	"KubeadmConfig":               groupKubeadmConfig,
	"KubeadmConfigTemplate":       groupKubeadmConfig,
}

const (
	groupKubeadm   = "kubeadm.k8s.io"
	groupKubelet   = "kubelet.config.k8s.io"
	groupKubeProxy = "kubeproxy.config.k8s.io"
	groupKind      = "kind.x-k8s.io"
	groupOldKind   = "kind.sigs.k8s.io" // up to kind 0.10
	groupAPIServer = "apiserver.config.k8s.io"
)

// GroupOf returns the API group that a kind of document belongs to, for who forgot its
// apiVersion.
func GroupOf(kind string) (group string, ok bool) {
	group, ok = groups[kind]
	return group, ok
}

// editorOf returns what is to be done with a document, or nil.
func editorOf(tree map[string]any) func(*document) {
	apiVersion, _ := tree["apiVersion"].(string)
	kind, _ := tree["kind"].(string)
	group := Group(apiVersion)
	if of, ok := groups[kind]; ok && of == group {
		return editorFor(kind)
	}
	switch {
	case kind == "Cluster" && group == groupOldKind: // which kind no longer reads
		return (*document).kindCluster
	case IsK0sctl(tree):
		return (*document).k0sctlCluster
	case apiVersion == "v1" && kind == "Pod" && staticPod(tree) != "":
		return (*document).staticPod
	case group == groupKubeadm:
		return (*document).readable
	}
	return nil
}

// editorFor returns what is to be done with a kind of document, or nil.
func editorFor(kind string) func(*document) {
	switch kind {
	case "ClusterConfiguration":
		return (*document).clusterConfiguration
	case "InitConfiguration", "JoinConfiguration":
		return (*document).nodeRegistration
	case "UpgradeConfiguration":
		return (*document).upgradeConfiguration
	case "KubeletConfiguration":
		return (*document).kubeletConfiguration
	case "KubeProxyConfiguration":
		return (*document).kubeProxyConfiguration
	case "Cluster":
		return (*document).kindCluster
	case "TracingConfiguration":
		return (*document).tracingConfiguration
	case KindK0s:
		return (*document).k0sCluster
	case "KubeadmControlPlane", "KubeadmControlPlaneTemplate", "KubeadmConfig", "KubeadmConfigTemplate":
		return (*document).clusterAPI
	}
	return nil
}

// Carries returns the components whose settings a document holds, or gets.
func Carries(tree map[string]any) []tracing.Component {
	kind, _ := tree["kind"].(string)
	if IsK0sctl(tree) {
		kind = KindK0s
	}
	switch kind {
	case "ClusterConfiguration":
		return []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer}
	case "Cluster", KindK0s:
		return []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer, tracing.ComponentKubelet}
	case "KubeletConfiguration":
		return []tracing.Component{tracing.ComponentKubelet}
	case "Pod":
		return []tracing.Component{tracing.Component(staticPod(tree))}
	case "KubeadmControlPlane", "KubeadmControlPlaneTemplate", "KubeadmConfig", "KubeadmConfigTemplate":
		return clusterAPICarries(tree)
	}
	return nil
}

// Untraced says why no document traces a component, or nothing where one may.
func Untraced(r tracing.Resolved, c tracing.Component) string {
	switch why := r.NotGenerated(c); {
	case why != nil:
		return why.Field + ": " + why.Reason
	case c == tracing.ComponentEtcd && r.Spec().Etcd.External:
		return "kubeadm does not run it: give it the flags of etcd.Args where it runs"
	}
	return ""
}

// untraced notes why a component is not traced, or that it is.
func (d *document) untraced(c tracing.Component, why string) {
	if delete(d.Untraced, c); why != "" {
		d.Untraced[c] = why
	}
}

// appending returns a path with more steps, which shares nothing with it.
func appending(path []any, steps ...any) []any { return append(slices.Clone(path), steps...) }
