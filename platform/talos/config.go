package talos

import (
	"bytes"
	"errors"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/config"
	documents "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/setting"
	"kubetrace/release"
	"kubetrace/tracing"
)

// Patches are what is merged into the configurations of nodes, with talosctl's
// --config-patch-control-plane and --config-patch-worker, or a provider's fields of that
// kind. Print one with [Marshal].
type Patches struct {
	// ControlPlane is for every control-plane node, or nil where it needs nothing.
	ControlPlane config.Provider
	// Worker is for every worker, or nil where it needs nothing. A worker's configuration
	// may hold nothing of etcd.
	Worker config.Provider
	// Warnings are what a person should know.
	Warnings []tracing.Warning
}

// ConfigPatches returns the patches of a spec for a release of Talos. Talos puts the items
// of a patch's lists behind those that are there, without looking whether they are there
// already, and a flag in the place of another: merge a patch once into each configuration,
// or change the configurations with [Config], which looks.
//
// The error is an *[InvalidOptionsError], or a *tracing.InvalidSpecError.
func ConfigPatches(spec tracing.TracingSpec, o Options) (*Patches, error) {
	e, err := newEditor(spec, o)
	if err != nil {
		return nil, err
	}
	patches := &Patches{Warnings: e.r.Warnings}
	for _, role := range []struct {
		controlPlane bool
		patch        *config.Provider
	}{{true, &patches.ControlPlane}, {false, &patches.Worker}} {
		tree, variables := map[string]any{}, e.variables()
		e.machine(tree, variables, role.controlPlane)
		if len(e.problems) > 0 {
			return nil, &InvalidOptionsError{Errors: e.problems}
		}
		if *role.patch, err = loadPatch(tree, variables); err != nil {
			return nil, err
		}
	}
	if patches.ControlPlane != nil && e.has(tracing.ComponentAPIServer) {
		for _, s := range setting.Of(e.r, tracing.ComponentAPIServer) {
			if s.Kind == setting.Gate {
				patches.Warnings = append(patches.Warnings, tracing.Warning{Code: WarnGates, Field: "kubernetesVersion", Release: "kube-apiserver " + e.r.KubernetesMinor(),
					Message: "The patch sets cluster.apiServer.extraArgs.feature-gates, and takes the place of one that is there",
					Cure:    "Where your configuration has that flag, write " + s.Argument() + " behind its gates and take it out of the patch, or use Config"})
			}
		}
	}
	return patches, nil
}

// Config returns a copy of a node's machine configuration with which the node is traced as
// the spec says. base is not changed. configloader.NewFromBytes of machinery reads it, and
// [Marshal] prints the result, without the comments.
//
// Everything of base is kept. Gates are added to those of a flag that is there, and
// settings that the releases no longer take are changed: flags of etcd in another spelling
// are renamed, and gates of tracing that the release does not know go. Giving the result
// as base again changes nothing. An etcd that cluster.etcd.image names decides on its
// flags, unless the spec names another.
//
// The error is an *[InvalidOptionsError], a *tracing.InvalidSpecError, or an
// *[InvalidConfigError] for base: another value of a setting of ours, unless
// Options.Overwrite is set, a file at the same path, an inline manifest of ours with other
// contents, a gate of tracing that is switched
// off, images of other releases than the spec's, or a document of Talos 1.14 beside which
// kube-apiserver or the kubelet cannot be configured.
func Config(spec tracing.TracingSpec, base config.Provider, o Options) (config.Provider, error) {
	return change(spec, base, o, false)
}

// Remove returns a copy of a configuration without the settings of the spec. What has
// another value stays, as it may be somebody's own, an inline manifest with other contents
// among them. base is not changed. Talos leaves the
// tracing file on the node, where it does no harm, and the objects of inline manifests in
// the cluster. The error is that of Config.
func Remove(spec tracing.TracingSpec, base config.Provider, o Options) (config.Provider, error) {
	return change(spec, base, o, true)
}

// Marshal prints what this package returns as YAML, without comments. A configuration that
// machinery's loader returned, and nobody changed, is printed as it was read.
func Marshal(p config.Provider) ([]byte, error) {
	if p == nil {
		return nil, errors.New("there is no configuration")
	}
	if p.Readonly() {
		return p.Bytes()
	}
	return p.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
}

// newEditor resolves a spec.
func newEditor(spec tracing.TracingSpec, o Options) (*editor, error) {
	r, err := resolve(spec, o)
	if err != nil {
		return nil, err
	}
	row, etcd, err := releaseOf(o.TalosVersion)
	if err != nil {
		return nil, err
	}
	return &editor{r: r, o: o, row: row, etcd: etcd}, nil
}

// variables are those of a document that is not there yet, or nil where this Talos does
// not have the document.
func (e *editor) variables() map[string]any {
	if e.row.Environment {
		return map[string]any{}
	}
	return nil
}

// multiDocument are documents that take the place of what is edited here.
// Source: github.com/siderolabs/talos pkg/machinery/config/types/k8s (v1.14.0-rc.1),
// V1Alpha1ConflictValidate.
var multiDocument = map[string]tracing.Component{
	"KubeAPIServerConfig": tracing.ComponentAPIServer,
	"KubeletConfig":       tracing.ComponentKubelet,
}

// change edits a configuration.
func change(spec tracing.TracingSpec, base config.Provider, o Options, remove bool) (config.Provider, error) {
	if base == nil {
		return nil, errors.New("there is no configuration: configloader.NewFromBytes reads one")
	}
	doc, problems, err := read(base)
	if err != nil {
		return nil, err
	}
	controlPlane, problem := roleOf(doc.tree)
	if problem != nil {
		problems = append(problems, problem)
	}
	if image := etcdImage(doc.tree); image != "" && !spec.Etcd.Disabled && controlPlane {
		where := at("cluster", "etcd", "image")
		tagged, ok := release.VersionOfTag(setting.TagOf(image))
		named, isNamed := release.ParseVersion(spec.Etcd.Version)
		switch {
		case !ok && spec.Etcd.Version == "":
			problems = append(problems, field.Invalid(where, image, "its tag names no version of etcd, and etcd's flags depend on it: write etcd.version into the spec"))
		case ok && isNamed && !named.Agrees(tagged):
			problems = append(problems, field.Invalid(where, image, "the spec says etcd "+named.String()+": write the same into both, or take etcd.version out of the spec"))
		case ok:
			spec.Etcd.Version = tagged.Numbers()
		}
	}
	if len(problems) > 0 {
		return nil, &InvalidConfigError{Errors: problems}
	}
	e, err := newEditor(spec, o)
	if err != nil {
		return nil, err
	}
	for _, document := range doc.others {
		if component, ok := multiDocument[document.Kind()]; ok && e.has(component) && !remove {
			e.problems = append(e.problems, field.Forbidden(at(document.Kind()), "beside this document of Talos 1.14 "+string(component)+" cannot be configured in the first, and it has no way to mount the tracing file: generate the configuration for an older contract, talosctl gen config --talos-version v1.13, or disable the component in the spec"))
		}
	}
	e.remove = remove
	if doc.variables == nil {
		doc.variables = e.variables()
	}
	e.machine(doc.tree, doc.variables, controlPlane)
	if len(e.problems) > 0 {
		return nil, &InvalidConfigError{Errors: e.problems}
	}
	return doc.load()
}

// parts are a configuration that is taken apart.
type parts struct {
	tree map[string]any // its first document
	// variables are those of its document EnvironmentConfig, which stands before the
	// others from at on. They are nil where there is none.
	variables map[string]any
	at        int
	others    []documents.Document // copies
}

// read takes a configuration apart.
func read(base config.Provider) (p parts, problems field.ErrorList, err error) {
	p.at = -1
	for _, document := range base.Documents() {
		main, isMain := document.(*v1alpha1.Config)
		switch {
		case isMain:
			if p.tree, err = treeOf(main); err != nil {
				return p, nil, err
			}
		case document.Kind() == environmentKind:
			fields, err := treeOf(document)
			if err != nil {
				return p, nil, err
			}
			if p.variables, _ = fields["variables"].(map[string]any); p.variables == nil {
				p.variables = map[string]any{}
			}
			p.at = len(p.others)
		default:
			p.others = append(p.others, document.Clone())
		}
	}
	if p.at < 0 {
		p.at = len(p.others)
	}
	if p.tree == nil {
		problems = append(problems, field.Required(at("version"), "there is no document with version: v1alpha1"))
	}
	return p, problems, nil
}

// roleOf says whether a configuration is of a control-plane node.
func roleOf(tree map[string]any) (controlPlane bool, problem *field.Error) {
	fields, _ := tree["machine"].(map[string]any)
	kind, err := machine.ParseType(textOf(fields["type"]))
	if err != nil || kind == machine.TypeUnknown {
		return false, field.Invalid(at("machine", "type"), textOf(fields["type"]), "write controlplane or worker")
	}
	return kind.IsControlPlane(), nil
}

func etcdImage(tree map[string]any) string {
	cluster, _ := tree["cluster"].(map[string]any)
	etcd, _ := cluster["etcd"].(map[string]any)
	return textOf(etcd["image"])
}

// load puts a configuration together again, of machinery's types.
func (p parts) load() (config.Provider, error) {
	all := p.others
	for i, tree := range edited(p.tree, p.variables) {
		text, err := yaml.Marshal(tree)
		if err != nil {
			return nil, err
		}
		loaded, err := configloader.NewFromBytes(text)
		if err != nil {
			return nil, err
		}
		at := 0
		if i > 0 {
			at = p.at + 1
		}
		all = slices.Insert(all, at, loaded.Documents()...)
	}
	return container.New(all...)
}

// loadPatch makes machinery's types of a patch, which keep its text: printed anew they
// would have every field that machinery always writes. It is nil where nothing is left.
func loadPatch(tree, variables map[string]any) (config.Provider, error) {
	var text bytes.Buffer
	out := yaml.NewEncoder(&text)
	out.SetIndent(2)
	for _, tree := range edited(tree, variables) {
		if err := out.Encode(tree); err != nil {
			return nil, err
		}
	}
	if text.Len() == 0 {
		return nil, nil
	}
	return configloader.NewFromBytes(text.Bytes())
}

// edited are the documents of a configuration that are edited.
func edited(tree, variables map[string]any) (all []map[string]any) {
	if len(tree) > 0 {
		all = append(all, tree)
	}
	if len(variables) > 0 {
		all = append(all, map[string]any{"apiVersion": "v1alpha1", "kind": environmentKind, "variables": variables})
	}
	return all
}
