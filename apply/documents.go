package apply

import (
	"errors"
	"maps"
	"slices"

	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// Options say how to lay tracing into documents. The zero Options are fine for
// all but kind clusters.
type Options struct {
	// Overwrite puts the spec's value in the place of one that somebody else
	// wrote, instead of the error. Result.Replaced has what was there.
	Overwrite bool
	// HostDir is the folder of the bundle's files on the machine that runs kind.
	// It is needed for a kind cluster whose kube-apiserver is traced; see
	// kind.Cluster.
	HostDir string
	// From is the minor release that the documents are of, "1.36", where they are
	// edited before an upgrade to the spec's release. Their kubernetesVersion may
	// then be of it, and an image of etcd is replaced.
	From string
	// NoNewDocument leaves a stream with as many documents as it has, such as the
	// ClusterConfiguration that kubeadm keeps in the ConfigMap kubeadm-config.
	NoNewDocument bool
}

// Result is what [Documents] has made.
type Result struct {
	// Text is the stream with tracing in it.
	Text []byte
	// Receipt says what was edited, for [Undo]. It has no edits where tracing was
	// there already.
	Receipt Receipt
	// Replaced are the settings of tracing that were there and had to go or
	// change, in the order of the documents: those that the release or its etcd
	// no longer takes, and with Options.Overwrite those that contradicted the
	// spec.
	Replaced []Setting
}

// Setting is one setting of tracing in a document.
type Setting struct {
	// Line is where it stands, or what it belongs to, beginning with 1.
	Line int `json:"line"`
	// Document is the kind of the document, "ClusterConfiguration".
	Document string `json:"document"`
	// Name is what it sets, "etcd --experimental-enable-distributed-tracing".
	Name string `json:"name"`
	// Old is the value that was there, and New what there is now, if anything.
	Old string `json:"old"`
	New string `json:"new,omitempty"`
}

// Documents lays what the spec asks for into a stream of YAML or JSON documents:
//
//   - ClusterConfiguration: flags of etcd and kube-apiserver, the mount of the
//     tracing file, etcd's image where the spec names one, and feature gates, which
//     are merged. A stream that has one and no KubeletConfiguration gets one.
//   - InitConfiguration and JoinConfiguration: the kubelet's feature gates, which go
//     before those of its configuration.
//   - KubeletConfiguration: tracing and its gate.
//   - KubeProxyConfiguration: gates of tracing with which kube-proxy does not start.
//   - kind's Cluster: what kind.Cluster does, with Options.HostDir.
//   - the static Pods of etcd and kube-apiserver: flags and the mount.
//   - TracingConfiguration, the file of kube-apiserver: endpoint, rate and
//     apiVersion.
//
// Other documents stay as they are. What the spec disables or the release cannot
// do is left alone. Flags in the spelling of another etcd are renamed, and gates that
// the release does not know are taken out, for the component would not start. A
// number where a text is read becomes a text, and the reverse. Result.Replaced names
// all of these. Doing it twice changes nothing.
//
// The files that the settings name, first of all that of kube-apiserver, are not
// part of it; they are in kubetrace.Bundle.FS.
//
// The error is a *tracing.InvalidSpecError, a *[SyntaxError] for text that is no
// YAML, or joins all that is wrong with the documents: a *[ConflictError] for each
// setting that contradicts the spec, an *[UnreadableAPIError] for each document in
// a version of kubeadm's API that the release refuses, and a *[DocumentError] for
// anything else: another Kubernetes minor release, an external etcd of which the
// spec says nothing (or the reverse), an image of etcd that takes other flags, a
// container whose command is a shell, YAML that cannot be edited in place because it
// is shared by an anchor or that Kubernetes reads otherwise than YAML's newer
// version says, a stream without any document that tracing belongs into. A kind
// cluster's is the *kind.InvalidClusterError of kind.Cluster.
func Documents(spec tracing.TracingSpec, text []byte, o Options) (Result, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return Result{}, err
	}
	return DocumentsFor(r, text, o)
}

// DocumentsFor is Documents of a spec that is resolved already.
func DocumentsFor(r tracing.Resolved, text []byte, o Options) (Result, error) {
	p, err := newPass(r, text, o, false)
	if err != nil {
		return Result{}, err
	}
	if err := p.run(); err != nil {
		return Result{}, err
	}
	return Result{Text: p.text.Bytes(), Receipt: p.receipt(), Replaced: p.replaced}, nil
}

// Removed is what [Remove] has made.
type Removed struct {
	// Text is the stream without the spec's settings.
	Text []byte
	// Receipt says what was taken out; [Undo] puts it back.
	Receipt Receipt
	// Left are the settings of tracing that are still there, because their values
	// are not the spec's.
	Left []Setting
}

// Remove takes out of a stream what [Documents] lays in, by meaning: settings that
// have the very values of the spec, whoever wrote them, and the mappings that are
// empty without them. What else there is of tracing stays and is in Removed.Left.
// Etcd's image stays too, and is not reported: an etcd is not changed on the way out.
// So does a TracingConfiguration, which nobody reads then: delete its file.
// A KubeletConfiguration that Documents added stays without its settings, which
// changes no kubelet.
//
// Use [Undo] where there is a receipt. The error is that of Documents, without
// conflicts.
func Remove(spec tracing.TracingSpec, text []byte, o Options) (Removed, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return Removed{}, err
	}
	return RemoveFor(r, text, o)
}

// RemoveFor is Remove of a spec that is resolved already.
func RemoveFor(r tracing.Resolved, text []byte, o Options) (Removed, error) {
	p, err := newPass(r, text, o, true)
	if err != nil {
		return Removed{}, err
	}
	if err := p.run(); err != nil {
		return Removed{}, err
	}
	return Removed{Text: p.text.Bytes(), Receipt: p.receipt(), Left: p.left}, nil
}

// pass goes through the documents of a stream once.
type pass struct {
	tracing.Resolved
	Options
	remove bool // instead of laying in

	given    []byte
	text     *yamledit.Text
	replaced []Setting
	left     []Setting
	errs     []error
}

func newPass(r tracing.Resolved, text []byte, o Options, remove bool) (*pass, error) {
	parsed, err := yamledit.Parse(text)
	if err != nil {
		return nil, syntaxError(err)
	}
	return &pass{Resolved: r, Options: o, remove: remove, given: text, text: parsed}, nil
}

func (p *pass) run() error {
	var kinds []string
	// The text is edited when all documents are judged, so that the lines of what is
	// reported are those of the text as it was given.
	edited := map[int]*document{}
	for i := range p.text.Len() {
		tree := p.tree(i)
		kind, _ := tree["kind"].(string)
		edit := editorOf(tree)
		if edit == nil {
			if group, ours := groups[kind]; ours && tree["apiVersion"] == nil {
				p.errs = append(p.errs, &DocumentError{Line: p.text.Line(i), Document: kind, Setting: "apiVersion", Message: "it is missing: write that of " + group})
			}
			if kind != "" {
				kinds = append(kinds, kind)
			}
			continue
		}
		edited[i] = &document{pass: p, at: func(path ...any) int { return p.text.Line(i, path...) }, kind: kind, tree: tree}
		edit(edited[i])
	}
	if len(edited) == 0 && len(p.errs) == 0 {
		p.errs = append(p.errs, noneKnown(kinds))
	}
	once, err := p.agrees(edited)
	if err != nil {
		p.errs = append(p.errs, err)
	}
	if len(p.errs) > 0 {
		return errors.Join(p.errs...)
	}
	for _, i := range slices.Sorted(maps.Keys(edited)) {
		if err := p.text.Become(i, edited[i].tree); err != nil {
			return p.cannotEdit(i, edited[i].kind, err)
		}
	}
	if len(p.text.Edits()) > 0 {
		still, err := p.agrees(edited)
		if once && !still { // what people had twice they have been warned of
			err = errors.Join(err, &DocumentError{Message: "a merge key (<<) has what an edit would write beside it, and kubeadm warns of keys that are there twice: write it out"})
		}
		if err != nil {
			return err
		}
	}
	if !p.remove && !p.NoNewDocument {
		return p.addKubelet()
	}
	return nil
}

// cannotEdit is the error of a document that yamledit refuses to edit, with the line
// that the place had in the text as it was given.
func (p *pass) cannotEdit(i int, kind string, err error) error {
	var place *yamledit.PlaceError
	if !errors.As(err, &place) {
		return &DocumentError{Document: kind, Message: err.Error()}
	}
	given, err := yamledit.Parse(p.given)
	if err != nil {
		return err // which was read before
	}
	return &DocumentError{Line: given.Line(i, place.Path...), Document: kind, Setting: name(place.Path), Message: place.Message}
}

// tree is a copy of what a document says, or nil where that is no mapping.
func (p *pass) tree(i int) map[string]any {
	value, _ := p.text.Value(i)
	tree, _ := value.(map[string]any)
	return tree
}

func (p *pass) receipt() Receipt {
	receipt := Receipt{Edits: []Edit{}}
	now := string(p.text.Bytes())
	for _, e := range p.text.Edits() {
		receipt.Edits = append(receipt.Edits, newEdit(now, e))
	}
	return receipt
}

// groups are those of the kinds that are edited, for who forgets the apiVersion.
var groups = map[string]string{
	"ClusterConfiguration":   "kubeadm.k8s.io",
	"InitConfiguration":      "kubeadm.k8s.io",
	"JoinConfiguration":      "kubeadm.k8s.io",
	"KubeletConfiguration":   "kubelet.config.k8s.io",
	"KubeProxyConfiguration": "kubeproxy.config.k8s.io",
	"Cluster":                "kind.x-k8s.io",
	"TracingConfiguration":   "apiserver.config.k8s.io",
}

// editorOf returns what is to be done with a document, or nil.
func editorOf(tree map[string]any) func(*document) {
	apiVersion, _ := tree["apiVersion"].(string)
	kind, _ := tree["kind"].(string)
	switch group(apiVersion) + " " + kind {
	case "kubeadm.k8s.io ClusterConfiguration":
		return (*document).clusterConfiguration
	case "kubeadm.k8s.io InitConfiguration", "kubeadm.k8s.io JoinConfiguration":
		return (*document).nodeRegistration
	case "kubelet.config.k8s.io KubeletConfiguration":
		return (*document).kubeletConfiguration
	case "kubeproxy.config.k8s.io KubeProxyConfiguration":
		return (*document).kubeProxyConfiguration
	case "kind.x-k8s.io Cluster":
		return (*document).kindCluster
	case "apiserver.config.k8s.io TracingConfiguration":
		return (*document).tracingConfiguration
	case " Pod":
		if name := staticPod(tree); name != "" {
			return (*document).staticPod
		}
	}
	if group(apiVersion) == "kubeadm.k8s.io" {
		return (*document).readable
	}
	return nil
}

// kinds of the documents of the stream.
func (p *pass) has(kinds ...string) bool {
	for i := range p.text.Len() {
		kind, _ := p.tree(i)["kind"].(string)
		if slices.Contains(kinds, kind) {
			return true
		}
	}
	return false
}
