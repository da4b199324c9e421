package kubetrace

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// plan is what kind is given, which a test may change.
type plan struct {
	Resolved tracing.Resolved
	Files    fs.FS             // of the bundle
	Base     *v1alpha4.Cluster // nil where there is none
	HostDir  string            // as kubetrace was told
	Cluster  *v1alpha4.Cluster // what kubetrace returned
	Bare     *v1alpha4.Cluster // the same without kubetrace
}

// result is what kind did with a plan, and with the same cluster without
// kubetrace.
type result struct {
	plan
	Dir           string // the folder of the case, where kind ran
	With, Without *engine.Record
}

// plan makes the plan of a case for a release, in a folder.
func (c Case) plan(dir, minor string) (plan, error) {
	releases := tracing.Releases()
	at := slices.IndexFunc(releases, func(r tracing.Release) bool { return r.Kubernetes == minor })
	if at < 0 {
		return plan{}, fmt.Errorf("kubetrace has no release %s", minor)
	}
	spec := tracing.TracingSpec{KubernetesVersion: minor}
	if c.Spec != nil {
		c.Spec(&spec, releases[at])
	}
	p := plan{HostDir: filepath.Join(dir, "bundle")}
	if c.Relative {
		p.HostDir = "bundle"
	}
	var err error
	if p.Resolved, err = tracing.Resolve(spec); err != nil {
		return plan{}, err
	}
	bundle, err := kubetrace.GenerateFor(p.Resolved)
	if err != nil {
		return plan{}, err
	}
	if p.Files, err = bundle.FS(); err != nil {
		return plan{}, err
	}
	var text string
	if c.Base != nil {
		api, err := kubeadmAPI("v" + minor + ".0")
		if err != nil {
			return plan{}, err
		}
		text = c.Base(forms{API: api, Own: filepath.Join(dir, "own")})
		if !c.Whole {
			text = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n" + text
		}
		if p.Base, err = kind.Load([]byte(text)); err != nil {
			return plan{}, fmt.Errorf("%w\n%s", err, text)
		}
	}
	if _, _, known := kind.NodeImageFor(p.Resolved); !known && !c.Whole {
		if p.Base, text, err = withImage(p.Base, "kindest/node:v"+releases[at].Preview); err != nil {
			return plan{}, err
		}
	}
	if c.Whole {
		// What is stale in it goes, so that only apply can say what comes of it, and
		// what the cluster is without our settings.
		laid, err := apply.DocumentsFor(p.Resolved, []byte(text), apply.Options{HostDir: p.HostDir})
		if err != nil {
			return plan{}, err
		}
		if p.Cluster, err = kind.Load(laid.Text); err != nil {
			return plan{}, fmt.Errorf("%w\n%s", err, laid.Text)
		}
		removed, err := apply.RemoveFor(p.Resolved, laid.Text, apply.Options{HostDir: p.HostDir})
		if err != nil {
			return plan{}, err
		}
		if p.Base, err = kind.Load(removed.Text); err != nil {
			return plan{}, fmt.Errorf("%w\n%s", err, removed.Text)
		}
		p.Bare = bare(p.Base, p.Cluster)
		return p, nil
	}
	if p.Cluster, err = kind.ClusterFor(p.Resolved, p.Base, p.HostDir); err != nil {
		return plan{}, err
	}
	if c.Base != nil {
		if err := applied(p, text); err != nil {
			return plan{}, err
		}
	}
	p.Bare = bare(p.Base, p.Cluster)
	return p, nil
}

// withImage gives nodes without an image one that a person has built, as one does for
// a release that kind publishes none of, and returns the cluster as text too.
func withImage(base *v1alpha4.Cluster, image string) (*v1alpha4.Cluster, string, error) {
	cluster := &v1alpha4.Cluster{TypeMeta: v1alpha4.TypeMeta{APIVersion: "kind.x-k8s.io/v1alpha4", Kind: "Cluster"}}
	if base != nil {
		*cluster = *base
	}
	cluster.Nodes = slices.Clone(cluster.Nodes)
	if len(cluster.Nodes) == 0 {
		cluster.Nodes = []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}}
	}
	for i := range cluster.Nodes {
		if cluster.Nodes[i].Image == "" {
			cluster.Nodes[i].Image = image
		}
	}
	text, err := tracing.Marshal(cluster)
	return cluster, string(text), err
}

// applied says whether apply.Documents makes the same cluster of the base's text,
// so that what kind makes of the one it makes of the other.
func applied(p plan, text string) error {
	laid, err := apply.DocumentsFor(p.Resolved, []byte(text), apply.Options{HostDir: p.HostDir})
	if err != nil {
		return err
	}
	cluster, err := kind.Load(laid.Text)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, laid.Text)
	}
	if diff := cmp.Diff(said(p.Cluster), said(cluster), cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("apply.Documents differs from kind.Cluster (-cluster +document):\n%s", diff)
	}
	undone, err := apply.Undo(laid.Text, laid.Receipt)
	if err == nil && string(undone) != text {
		err = fmt.Errorf("undone it is\n%s", undone)
	}
	return err
}

// said is a cluster whose patches are written in one way: apply leaves those of the
// user in their words, with comments.
func said(cluster *v1alpha4.Cluster) *v1alpha4.Cluster {
	c := cluster.DeepCopy()
	write := func(text *string) {
		documents := strings.Split(*text, "\n---\n")
		for i, document := range documents {
			var tree any
			if err := yaml.Unmarshal([]byte(document), &tree); err != nil {
				return // kind says so itself
			}
			if written, err := yaml.Marshal(tree); err == nil {
				documents[i] = string(written)
			}
		}
		*text = strings.Join(documents, "---\n")
	}
	all := func(merge []string, json []v1alpha4.PatchJSON6902) {
		for i := range merge {
			write(&merge[i])
		}
		for i := range json {
			write(&json[i].Patch)
		}
	}
	all(c.KubeadmConfigPatches, c.KubeadmConfigPatchesJSON6902)
	for i := range c.Nodes {
		all(c.Nodes[i].KubeadmConfigPatches, c.Nodes[i].KubeadmConfigPatchesJSON6902)
	}
	return c
}

// bare is a base, with the images that kubetrace chose.
func bare(base, cluster *v1alpha4.Cluster) *v1alpha4.Cluster {
	c := &v1alpha4.Cluster{}
	if base != nil {
		c = base.DeepCopy()
	}
	c.TypeMeta = cluster.TypeMeta
	if len(c.Nodes) == 0 {
		c.Nodes = []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}}
	}
	for i := range c.Nodes {
		c.Nodes[i].Image = cluster.Nodes[i].Image
	}
	return c
}

// run has kind create a case's cluster for a release, and the cluster without
// kubetrace. The files that kind is given are written into dir and stay there.
// change alters the plan before that; nil leaves it.
func (c Case) run(ctx context.Context, docker, dir, minor string, change func(*plan)) (*result, error) {
	p, err := c.plan(dir, minor)
	if err != nil {
		return nil, err
	}
	if change != nil {
		change(&p)
	}
	if err := os.MkdirAll(filepath.Join(dir, "own"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "own", "file"), []byte("own\n"), 0o644); err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(dir, "bundle"), p.Files); err != nil {
		return nil, err
	}
	if err := writeYAML(filepath.Join(dir, "spec.yaml"), p.Resolved.Spec()); err != nil {
		return nil, err
	}
	r := &result{plan: p, Dir: dir}
	if r.With, err = create(ctx, docker, dir, "kind.yaml", p.Cluster); err != nil {
		return nil, err
	}
	if r.Without, err = create(ctx, docker, dir, "without.yaml", p.Bare); err != nil {
		return nil, fmt.Errorf("without kubetrace: %w", err)
	}
	return r, nil
}

// create runs kind in a folder, with a cluster that it writes there.
func create(ctx context.Context, docker, dir, file string, cluster *v1alpha4.Cluster) (*engine.Record, error) {
	if err := writeYAML(filepath.Join(dir, file), cluster); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "kubetrace-kind-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	return Create(ctx, docker, file, dir, scratch)
}

func writeYAML(file string, object any) error {
	text, err := tracing.Marshal(object)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
