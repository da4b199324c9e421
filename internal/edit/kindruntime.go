package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"kubetrace/containerd"
	"kubetrace/internal/kindnode"
	"kubetrace/internal/setting"
	"kubetrace/release"
	"kubetrace/tracing"
)

// containerdPatches is the field of a kind cluster for patches of containerd's
// config.toml, which kind merges into that of every node.
// Source: sigs.k8s.io/kind pkg/apis/config/v1alpha4/types.go.
const containerdPatches = "containerdConfigPatches"

// kindRuntime judges the containerd of the nodes, and edits the patches of its
// configuration. The drop-in of its service is a mount, see kindMounts.
func (d *document) kindRuntime() {
	if crio := d.Spec().CRIO; crio != nil && !d.Remove {
		d.invalid([]any{"nodes"}, "crio "+crio.Version, "kind's nodes run containerd: leave crio out of the spec")
	}
	if d.NotGenerated(tracing.ComponentContainerd) != nil {
		return
	}
	if !d.Remove {
		d.kindContainerds()
	}
	d.containerdPatches()
}

// kindContainerds finds a node whose containerd does not read what the spec writes.
func (d *document) kindContainerds() {
	for i, node := range d.nodes() {
		image := text(node.(map[string]any)["image"])
		version, known := kindnode.Containerd(image)
		if !known {
			continue // whoever made it knows its containerd
		}
		if row, ok := release.ContainerdOf(version); ok && !setting.ContainerdFits(d.Resolved, row) {
			d.invalid([]any{"nodes", i, "image"}, image, "its containerd is %s, which does not read what is made for %s: write containerd: {version: %q} into the spec", version, d.Spec().Containerd.Version, version)
		}
	}
}

// containerdPatches adds our patch, replaces one of ours that another spec made, and
// judges those of others. A later patch wins.
func (d *document) containerdPatches() {
	var patches []any
	ours, there := "", false
	if config := containerd.ConfigFileFor(d.Resolved); config != nil {
		ours = string(config.Marshal())
	}
	wanted := ours != ""
	given := d.list(d.tree, containerdPatches)
	for i, patch := range given {
		var tree map[string]any
		if err := toml.Unmarshal([]byte(text(patch)), &tree); err != nil {
			patches = append(patches, patch) // kind says what is wrong with it
			continue
		}
		switch written := setting.ReadTOML(tree, tracing.ComponentContainerd); {
		case len(written) == 0:
			patches = append(patches, patch)
		case wanted && !d.Remove && text(patch) == ours && !there:
			there = true
			patches = append(patches, patch)
		case onlyTracing(tree) && len(written) == 4: // ours, of this spec or another
			if d.Remove && text(patch) != ours {
				d.leave([]any{containerdPatches, i}, containerdPatches, "tracing")
				patches = append(patches, patch)
			}
		case d.Remove:
			d.leave([]any{containerdPatches, i}, containerdPatches, "tracing")
			patches = append(patches, patch)
		default:
			patches = append(patches, patch)
			if wanted {
				p := proposal{path: []any{containerdPatches, i}, name: containerdPatches, have: "tracing of somebody's own", want: "that of the spec", class: setting.OtherValue,
					cure: "it may win over ours: take the tables " + strings.Join(tablesOf(written), " and ") + " out of it"}
				d.conflict(p)
			}
		}
	}
	if wanted && !d.Remove && !there {
		d.add(proposal{path: []any{containerdPatches}, name: containerdPatches, want: "tracing"})
		patches = slices.Insert(patches, 0, any(ours))
	}
	put(d.tree, containerdPatches, anyList(patches))
}

// onlyTracing says whether a patch holds nothing but tables of tracing.
func onlyTracing(tree map[string]any) bool {
	plugins, _ := tree["plugins"].(map[string]any)
	return len(tree) == 1 && len(plugins) == 2
}

func tablesOf(written []setting.Written) (names []string) {
	for _, w := range written {
		path := setting.TOMLPath(w.As)
		if name := setting.TOMLName(path[:len(path)-1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// kindMount is a file of the bundle that nodes of kind see.
type kindMount struct {
	// file is its name in Options.HostDir, and path where nodes have it.
	file, path string
	// everywhere says that workers have it too.
	everywhere bool
	// instead is what may be changed in the spec in place of a mount of somebody.
	instead string
}

// mounts are the files that nodes see: kube-apiserver's, which kubeadm then mounts into
// the static pod, and the drop-in of containerd's service, which is there before systemd
// starts.
func (d *document) mounts() (all []kindMount) {
	if d.NotGenerated(tracing.ComponentAPIServer) == nil {
		all = append(all, kindMount{d.TracingFile, d.Spec().APIServer.ConfigFile, false, ", or write another apiServer.configFile in the spec"})
	}
	if d.ContainerdVariables() {
		all = append(all, kindMount{d.ContainerdFile, d.ContainerdPath, true, ""})
	}
	return all
}

// cure says what to do with a mount of somebody at the same path.
func (m kindMount) cure(host string) string {
	return fmt.Sprintf("%s has to be mounted read-only at %s: take this mount out%s", host, m.path, m.instead)
}
