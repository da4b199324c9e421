package edit

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"kubetrace/internal/kindnode"
	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// The names in a kind cluster.
// Source: sigs.k8s.io/kind pkg/apis/config/v1alpha4/types.go.
const (
	controlPlane = "control-plane"
	worker       = "worker"

	mergePatches = "kubeadmConfigPatches"
	jsonPatches  = "kubeadmConfigPatchesJSON6902"
	extraMounts  = "extraMounts"
)

// kindCluster edits a cluster of kind.
func (d *document) kindCluster() {
	if have := text(d.tree["apiVersion"]); have != reader.KindAPIVersion {
		d.invalid([]any{"apiVersion"}, have, "write %s", reader.KindAPIVersion)
	}
	if d.Remove {
		d.leaveImages()
	} else {
		d.kindNodes()
	}
	d.kindMounts()
	d.kindRuntime()
	// kind gives the cluster's gates to every component.
	d.clusterGates()
	d.kindPatches()
}

// withoutNull is a copy of a list as kind reads it: its decoder drops items of null.
// Source: gopkg.in/yaml.v3 decode.go, sequence and null (v3.0.1).
func withoutNull(list []any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool { return item == nil })
}

// nodes returns the nodes of the cluster, each as a mapping of its own.
func (d *document) nodes() []any {
	list := withoutNull(d.list(d.tree, "nodes"))
	for i, element := range list {
		fields, ok := element.(map[string]any)
		if !ok {
			d.invalid([]any{"nodes", i}, element, "this is no node: write its fields, or take it out")
		}
		list[i] = copied(fields)
	}
	return list
}

func isControlPlane(node any) bool {
	fields, _ := node.(map[string]any)
	role := text(fields["role"])
	return role == controlPlane || role == "" // kind's default
}

// kindNodes judges the nodes' images and fills in those that are missing.
func (d *document) kindNodes() {
	nodes := d.nodes()
	if len(nodes) == 0 {
		nodes = []any{map[string]any{"role": controlPlane}}
	}
	if !slices.ContainsFunc(nodes, isControlPlane) {
		d.invalid([]any{"nodes"}, "without a control plane", "add a node with the role %s, which a cluster needs", controlPlane)
	}
	for i, element := range nodes {
		node, at := element.(map[string]any), []any{"nodes", i, "image"}
		if role := text(node["role"]); role != "" && role != controlPlane && role != worker {
			d.invalid([]any{"nodes", i, "role"}, role, "write %s or %s", controlPlane, worker)
		}
		image := text(node["image"])
		if image == "" {
			chosen, _, known := kindnode.Image(d.Resolved)
			if !known {
				d.invalid(at, "", "no kindest/node image is known for Kubernetes %s: write one", d.KubernetesMinor())
				continue
			}
			node["image"] = chosen
			continue
		}
		tag, err := kindnode.TagOf(image)
		if err == nil {
			err = d.CheckNodeVersion(tag, isControlPlane(node))
		}
		if err != nil {
			instead := ""
			if chosen, _, known := kindnode.Image(d.Resolved); known && strings.HasPrefix(image, kindnode.Repository+":") {
				instead = ", or take the image out for " + chosen
			}
			d.invalid(at, image, "%s%s", err, instead)
		}
	}
	d.tree["nodes"] = nodes
}

// leaveImages notes the nodes' images that may be those that kindNodes filled in.
func (d *document) leaveImages() {
	image, _, known := kindnode.Image(d.Resolved)
	for i, node := range d.nodes() {
		if fields := node.(map[string]any); known && fields["image"] == image {
			path := []any{"nodes", i, "image"}
			d.leave(path, yamledit.Name(path), image)
		}
	}
}

// badHostDir is what the engines read as the end of a path; the colon behind a
// driveLetter is none.
var (
	badHostDir  = regexp.MustCompile(`[:\x00-\x1f\x7f]`)
	driveLetter = regexp.MustCompile(`^[A-Za-z]:`)
)

// kindMounts mounts files of the bundle into nodes.
func (d *document) kindMounts() {
	mounts := d.mounts()
	switch {
	case len(mounts) == 0:
		return
	case d.Remove:
	case strings.TrimSpace(d.HostDir) == "":
		d.problem(Problem{Setting: SettingHostDir, Message: "write the folder that will hold " + mounts[0].file + ", best as an absolute path"})
		return
	case badHostDir.MatchString(driveLetter.ReplaceAllString(d.HostDir, "")):
		d.problem(Problem{Setting: SettingHostDir, Value: d.HostDir, Message: "container engines take a mount as host:container, so the path may hold neither ':' nor control characters: write another folder"})
		return
	}
	for _, m := range mounts {
		d.kindMount(m)
	}
}

// kindMount mounts one file into the nodes that need it.
func (d *document) kindMount(m kindMount) {
	host, file := path.Join(d.HostDir, m.file), m.path
	needs := func(node any) bool { return m.everywhere || isControlPlane(node) }
	mount := func() any {
		return map[string]any{"hostPath": host, "containerPath": file, "readOnly": true}
	}
	nodes := d.nodes()
	for i, element := range nodes {
		node := element.(map[string]any)
		at := []any{"nodes", i}
		mounts := d.list(node, extraMounts, at...)
		same := slices.IndexFunc(mounts, func(m any) bool {
			fields, _ := m.(map[string]any)
			return path.Clean(text(fields["containerPath"])) == file
		})
		if same < 0 {
			if !d.Remove && needs(node) {
				d.add(proposal{path: at, name: yamledit.Name(appending(at, extraMounts)), want: host + " at " + file})
				node[extraMounts] = appending(mounts, mount())
			}
			continue
		}
		fields, _ := mounts[same].(map[string]any)
		where := appending(at, extraMounts, same)
		readOnly, _ := d.truth(fields["readOnly"])
		ours := d.HostDir != "" && path.Clean(text(fields["hostPath"])) == host && readOnly
		switch {
		case d.Remove && ours:
			put(node, extraMounts, anyList(slices.Delete(slices.Clone(mounts), same, same+1)))
		case d.Remove:
			d.leave(where, yamledit.Name(where), text(fields["hostPath"])+" at "+file)
		case ours || !needs(node):
		default:
			p := proposal{path: where, name: yamledit.Name(where), have: text(fields["hostPath"]), want: host, class: setting.OtherValue,
				cure: m.cure(host)}
			if earlier := readOnly && strings.HasSuffix(text(fields["hostPath"]), "/"+m.file); earlier {
				d.replace(p) // ours, of another folder
			} else if !d.conflict(p) {
				continue
			}
			changed := slices.Clone(mounts)
			changed[same] = mount()
			node[extraMounts] = changed
		}
	}
	if len(nodes) > 0 {
		d.tree["nodes"] = nodes
	}
}

// SettingHostDir is what a problem with Options.HostDir is called.
const SettingHostDir = "hostDir"

// clusterGates edits the gates that kind gives to every component. What is missing is in
// our patches.
func (d *document) clusterGates() {
	known := append(setting.APIServerGates(d.Resolved), setting.KubeletGates(d.Resolved)...)
	d.gateMap(d.tree, nil, known, false)
}

// gatesOfCluster are those that kind writes into the flag of kube-apiserver.
func (d *document) gatesOfCluster() []setting.FeatureGate {
	fields, _ := d.tree[setting.FieldGates].(map[string]any)
	var all []setting.FeatureGate
	for name, value := range fields {
		if on, ok := d.truth(value); ok && name != tracing.GateNameAPIServer {
			all = append(all, setting.FeatureGate{Name: name, On: on})
		}
	}
	slices.SortFunc(all, func(a, b setting.FeatureGate) int { return strings.Compare(a.Name, b.Name) })
	return all
}
