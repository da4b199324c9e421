package edit

// versionK0sctl is that of k0sctl's Cluster, k0sctl.yaml. Its kind is also written in small
// letters.
//
// Source: github.com/k0sproject/k0sctl pkg/apis/k0sctl.k0sproject.io/v1beta1/cluster.go,
// Validate.
const versionK0sctl = "k0sctl.k0sproject.io/v1beta1"

// k0sctlConfig is where it has the ClusterConfig of k0s.
var k0sctlConfig = []any{"spec", "k0s", "config"}

// IsK0sctl says whether a document is k0sctl's.
func IsK0sctl(tree map[string]any) bool {
	return tree["apiVersion"] == versionK0sctl && (tree["kind"] == "Cluster" || tree["kind"] == "cluster")
}

// NeedsK0s says whether a document is k0sctl's without a ClusterConfig in it. k0sctl takes
// one then that is a document beside it.
//
// Source: as above, cluster/k0s.go, K0s.Config.
func NeedsK0s(tree map[string]any) bool {
	config, _ := below(tree, k0sctlConfig)
	return IsK0sctl(tree) && isEmpty(config)
}

// k0sctlCluster edits the ClusterConfig in a document of k0sctl.
func (d *document) k0sctlCluster() {
	spec := d.child(d.tree, "spec")
	k0s := d.child(spec, "k0s", "spec")
	d.versionAt(k0s, "spec", "k0s", "version")
	if NeedsK0s(d.tree) && !d.Remove {
		// Source: as above, phase/configure_k0s.go, Prepare.
		d.invalid(k0sctlConfig, nil, "k0sctl leaves the configuration as the first controller has it, or takes that of k0s config create: write it here, with all that you have set in it")
		return
	}
	if on, _ := d.truth(k0s["dynamicConfig"]); on {
		// k0sctl writes the parts of a controller anew, and not what is in the cluster.
		d.Unread = append(d.Unread, Change{Path: d.at([]any{"spec", "k0s", "dynamicConfig"}), Document: d.label(), Name: "spec.k0s.dynamicConfig", Old: shown(k0s["dynamicConfig"])})
	}
	inner := &document{pass: d.pass, kind: KindK0s, tree: d.child(k0s, "config", k0sctlConfig[:2]...), outer: d, outerPath: k0sctlConfig}
	inner.k0sCluster()
	keep(k0s, "config", inner.tree)
	keep(spec, "k0s", k0s)
	keep(d.tree, "spec", spec)
}
