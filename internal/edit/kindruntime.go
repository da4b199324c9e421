package edit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"kubetrace/containerd"
	"kubetrace/internal/kindnode"
	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/internal/yamledit"
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

// kindContainerds finds a node whose containerd does not read what the spec writes, and
// names the images of which it is not known.
func (d *document) kindContainerds() {
	for i, node := range d.nodes() {
		at := []any{"nodes", i, "image"}
		image := text(node.(map[string]any)["image"])
		version, known := kindnode.Containerd(image)
		if !known {
			if kindnode.IsPublished(image) { // whoever made another knows its containerd
				d.Unread = append(d.Unread, d.change(proposal{path: at, name: yamledit.Name(at), have: image}))
			}
			continue
		}
		row, traced := release.ContainerdOf(version)
		switch {
		case !traced:
			d.invalid(at, image, "its containerd is %s, which cannot be traced: take a newer image, or leave containerd out of the spec", version)
		case !setting.ContainerdFits(d.Resolved, row):
			d.invalid(at, image, "its containerd is %s, which does not read what is made for %s: write containerd: {version: %q} into the spec, or the image with the digest of the build that you have", version, d.Spec().Containerd.Version, version)
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
	for i, patch := range d.list(d.tree, containerdPatches) {
		var tree map[string]any
		if err := toml.Unmarshal([]byte(text(patch)), &tree); err != nil {
			patches = append(patches, patch) // kind says what is wrong with it
			continue
		}
		at, written := []any{containerdPatches, i}, setting.ReadTOML(tree, tracing.ComponentContainerd)
		same := ours != "" && samePatch(text(patch), ours)
		switch {
		case len(written) == 0:
			patches = append(patches, patch)
		case d.Remove && !same:
			d.leave(at, containerdPatches, "tracing")
			patches = append(patches, patch)
		case d.Remove:
		case same && !there:
			there = true
			patches = append(patches, patch)
		case isOurPatch(text(patch), written):
			d.replace(proposal{path: at, name: containerdPatches, have: "tracing of another spec", class: setting.OtherValue, cure: "It is what another spec has made"})
		default:
			if kept := d.foreignPatch(at, text(patch), written, ours != ""); kept != "" {
				patches = append(patches, kept)
			}
		}
	}
	if ours != "" && !d.Remove && !there {
		d.add(proposal{path: []any{containerdPatches}, name: containerdPatches, want: "tracing"})
		patches = slices.Insert(patches, 0, any(ours))
	}
	put(d.tree, containerdPatches, anyList(patches))
}

// foreignPatch judges the tracing of a patch that somebody wrote, and returns what stays
// of it. Where containerd reads tables it would win over ours. Else it does nothing that
// the variables do not, but for what containerd prints as its default.
func (d *document) foreignPatch(at []any, patch string, written []setting.Written, read bool) (kept string) {
	p := proposal{path: at, name: containerdPatches, have: "tracing of somebody's own", want: "that of the spec", class: setting.OtherValue, cure: "it may win over ours"}
	if !read {
		if len(setting.ContainerdVoid(written)) == 0 {
			return patch
		}
		p.class, p.want, p.cure = setting.Void, nil, "this containerd goes by the variables of its environment"
	}
	p.cure += ": take the tables " + strings.Join(tablesOf(written), " and ") + " out of it"
	if !d.conflict(p) {
		return patch
	}
	var without [][]string
	for _, w := range written {
		without = append(without, setting.TOMLPath(w.As))
	}
	parsed, err := tomledit.Parse([]byte(patch))
	if err == nil {
		var changed []byte
		if changed, _, err = parsed.Change(nil, without); err == nil {
			return strings.TrimLeft(string(changed), "\r\n")
		}
	}
	d.invalid(at, "tracing", "%s", err)
	return patch
}

// isOurPatch says whether a patch is what this package writes for some spec, but for the
// line break at its end, which YAML may take away.
func isOurPatch(patch string, written []setting.Written) bool {
	config := containerd.Config{OTLP: containerd.OTLP{Protocol: setting.ProtocolGRPC, Insecure: true}}
	for _, w := range written {
		switch w.As {
		case setting.ContainerdEndpoint:
			config.OTLP.Endpoint = w.Value
		case setting.ContainerdRatio:
			ratio, err := strconv.ParseFloat(w.Value, 64)
			if err != nil {
				return false
			}
			config.Tracing.SamplingRatio = &ratio
		}
	}
	return config.Tracing.SamplingRatio != nil && samePatch(patch, string(config.Marshal()))
}

// samePatch compares patches without the line break at their end.
func samePatch(a, b string) bool { return strings.TrimRight(a, "\n") == strings.TrimRight(b, "\n") }

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
