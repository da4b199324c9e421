package apply

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"kubetrace"
	"kubetrace/internal/edit"
	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// Options say how to add tracing to documents. The zero Options are fine for
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
	// Untraced are the components that are not traced by what is in the stream, though
	// the spec does not disable them, and why.
	Untraced []Untraced
	// Unread are settings that are not of tracing and may decide on it: that lead to files
	// which were not looked at and may change what the documents say, such as the folder
	// of kubeadm's patches, flags with which this etcd does not start, and images that kind
	// published whose containerd is not known here, for which the spec is believed.
	Unread []Setting
	// Warnings are what a person should know of the spec, those of tracing.Resolve or of
	// the documents' platform, which has an etcd of its own.
	Warnings []tracing.Warning
}

// Untraced is a component that a stream does not have traced.
type Untraced struct {
	Component tracing.Component `json:"component"`
	// Reason says why: the field of the spec that decides it, or what to give.
	Reason string `json:"reason"`
}

// Setting is one setting of tracing in a document.
type Setting struct {
	// Line is where it is, or what it belongs to, beginning with 1.
	Line int `json:"line"`
	// Document is the kind of the document, "ClusterConfiguration".
	Document string `json:"document"`
	// Name is what it sets, "etcd --experimental-enable-distributed-tracing".
	Name string `json:"name"`
	// Old is the value that was there, and New what there is now, if anything.
	Old string `json:"old"`
	New string `json:"new,omitempty"`
}

// Documents adds what the spec asks for to a stream of YAML or JSON documents:
//
//   - ClusterConfiguration: flags of etcd and kube-apiserver, the mount of the
//     tracing file, etcd's image where the spec names one, and feature gates, which
//     are merged. A stream that has one and no KubeletConfiguration gets one. Gates of
//     tracing in its own featureGates, which are kubeadm's, are taken out.
//   - InitConfiguration and JoinConfiguration: the kubelet's feature gates, which
//     override those of its configuration.
//   - KubeletConfiguration: tracing and its gate.
//   - KubeProxyConfiguration: gates of tracing with which kube-proxy does not start.
//   - kind's Cluster: what kind.Cluster does, with Options.HostDir. Patches that were
//     made for another spec are replaced.
//   - k0s' ClusterConfig: extraArgs of kube-apiserver and etcd, feature gates, and the
//     kubelet's part in every worker profile, that of the name default among them. The
//     etcd is that of k0s' release, and kube-apiserver's file in /etc/k0s unless the spec
//     names another place; see kubetrace/platform/k0s.
//   - k0sctl's Cluster: the same in its spec.k0s.config, which has to be there, or be a
//     document beside it. Its spec.k0s.dynamicConfig is in Result.Unread: k0sctl does not
//     write to the cluster then, where the worker profiles are.
//   - the static Pods of etcd and kube-apiserver: flags and the mount.
//   - TracingConfiguration, the file of kube-apiserver: endpoint, rate and
//     apiVersion.
//   - Cluster API's KubeadmControlPlane, KubeadmControlPlaneTemplate, KubeadmConfig and
//     KubeadmConfigTemplate, in v1beta1 and v1beta2: what is said above of kubeadm's
//     documents within them; the files that nodes of the role need
//     (kubetrace.Bundle.Node), the tracing file and the kubelet's patch among them; the
//     folder of kubeadm's patches, which is somebody's own where there is one; and the
//     commands with which a container runtime takes its settings over. Patches of the
//     kubelet in that folder are edited where they set tracing otherwise.
//
// Other documents stay as they are. What the spec disables or the release cannot
// do is left alone; Result.Untraced says which components that leaves untraced, and
// why. Flags in the spelling of another etcd are renamed, and gates that
// the release does not know are taken out, for the component would not start. A
// number where a text is read becomes a text, and the reverse; a key in the wrong case
// gets the right one. Result.Replaced names all of these. Doing it twice changes
// nothing.
//
// The files that the settings name, first of all that of kube-apiserver, are not
// part of it; they are in kubetrace.Bundle.FS.
//
// The error is a *tracing.InvalidSpecError, a *[SyntaxError] for text that is no
// YAML, or joins all that is wrong with the documents: a *[ConflictError] for each
// setting that contradicts the spec, an *[UnreadableAPIError] for each document in
// a version of kubeadm's API that the release refuses, and a *[DocumentError] for
// anything else: another Kubernetes minor release, an external etcd of which the
// spec says nothing (or the reverse), an image of etcd that takes other flags, an etcd
// that is given a configuration file by flag or variable, a container whose command is a
// shell, AllBeta=false without the gate of tracing beside it, a kind cluster that kind does not read or
// that kind.Cluster refuses, YAML that cannot be edited in place or that Kubernetes
// reads otherwise than YAML's newer version says, a stream without any document that
// holds settings of tracing.
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
	return Result{Text: p.text.Bytes(), Receipt: p.receipt(), Replaced: p.replaced, Untraced: p.untraced(), Unread: p.unread, Warnings: p.warnings}, nil
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

// Remove takes out of a stream what [Documents] adds, by meaning: settings that
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
	resolved tracing.Resolved
	options  Options
	remove   bool // instead of adding

	given    []byte
	text     *yamledit.Text
	trees    map[int]map[string]any // the documents that are edited, as they will be
	found    map[tracing.Component]bool
	why      map[tracing.Component]string // it is not traced, though a document carries it
	warnings []tracing.Warning
	replaced []Setting
	left     []Setting
	unread   []Setting
	errs     []error
}

func newPass(r tracing.Resolved, text []byte, o Options, remove bool) (*pass, error) {
	parsed, err := parse(text)
	if err != nil {
		return nil, syntaxError(err)
	}
	return &pass{resolved: r, options: o, remove: remove, given: text, text: parsed, trees: map[int]map[string]any{}, found: map[tracing.Component]bool{}, why: map[tracing.Component]string{}, warnings: r.Warnings}, nil
}

// parse reads a stream as who reads it does: kubeadm takes line by line, so that the
// last line has an end to it where it has none.
func parse(text []byte) (*yamledit.Text, error) {
	parsed, err := yamledit.Parse(text)
	if err != nil {
		return nil, err
	}
	for i := range parsed.Len() {
		value, _ := parsed.Value(i)
		tree, _ := value.(map[string]any)
		if edit.IsKubeadm(tree) {
			return yamledit.ParseLines(text)
		}
	}
	return parsed, nil
}

func (p *pass) run() error {
	// The text is edited when all documents are judged, so that the lines of what is
	// reported are those of the text as it was given.
	var kinds []string
	for i := range p.text.Len() {
		if kind := p.judge(i); kind != "" {
			kinds = append(kinds, kind)
		}
	}
	if len(p.trees) == 0 && len(p.errs) == 0 {
		p.errs = append(p.errs, noneKnown(kinds))
	}
	once, err := p.agrees()
	if err != nil {
		p.errs = append(p.errs, err)
	}
	if len(p.errs) > 0 {
		return errors.Join(p.errs...)
	}
	for _, i := range slices.Sorted(maps.Keys(p.trees)) {
		if err := p.text.Become(i, p.trees[i]); err != nil {
			return p.cannotEdit(i, err)
		}
	}
	if len(p.text.Edits()) > 0 {
		still, err := p.agrees()
		if once && !still && p.merges() { // what people had twice they have been warned of
			err = errors.Join(err, &DocumentError{Message: "a merge key (<<) has what an edit would write beside it, and kubeadm warns of keys that are there twice: write it out"})
		}
		if err != nil {
			return err
		}
	}
	if !p.remove && !p.options.NoNewDocument {
		return p.addKubelet()
	}
	return nil
}

// merges says whether there is a merge key.
func (p *pass) merges() bool {
	for i := range p.text.Len() {
		if _, merges := p.text.Shares(i); merges {
			return true
		}
	}
	return false
}

// readableByKind finds what kind does not read of a cluster. It reads the first
// document of a stream alone.
func (p *pass) readableByKind(i int) (ok bool) {
	if i > 0 {
		p.errs = append(p.errs, &DocumentError{Line: p.text.Line(i), Document: reader.KindCluster, Message: "kind reads the first document of a stream alone: write the cluster first, or into a file of its own"})
		return false
	}
	_, problems := reader.Cluster(p.given)
	for _, problem := range problems {
		p.errs = append(p.errs, &DocumentError{Line: problem.Line, Document: reader.KindCluster, Setting: problem.Field, Message: problem.Message})
	}
	return len(problems) == 0
}

// judge edits the tree of a document, or returns the kind of one that is none of ours.
func (p *pass) judge(i int) (otherKind string) {
	value, _ := p.text.Value(i)
	tree, _ := value.(map[string]any)
	kind, _ := tree["kind"].(string)
	if edit.NeedsK0s(tree) && p.hasK0s() {
		return ""
	}
	edited, report, known := edit.Document(p.resolved, tree, edit.Options{
		Overwrite: p.options.Overwrite, Remove: p.remove, HostDir: p.options.HostDir, TracingFile: kubetrace.FileTracingConfiguration,
		ContainerdFile: kubetrace.FileContainerd, ContainerdPath: kubetrace.NodeFileContainerd, From: p.options.From,
	})
	if !known {
		if group, ours := edit.GroupOf(kind); ours && tree["apiVersion"] == nil {
			p.errs = append(p.errs, &DocumentError{Line: p.text.Line(i), Document: kind, Setting: "apiVersion", Message: "it is missing: write that of " + group})
		}
		if apiVersion, _ := tree["apiVersion"].(string); kind != "" && apiVersion != "" {
			kind += " of " + apiVersion
		}
		return kind
	}
	if isKind(tree) && !p.readableByKind(i) {
		return ""
	}
	p.trees[i] = edited
	for _, component := range edit.Carries(tree) {
		if why, is := report.Untraced[component]; is {
			p.why[component] = why
			continue
		}
		p.found[component] = true
	}
	if report.Warnings != nil {
		p.warnings = report.Warnings
	}
	for _, problem := range report.Problems {
		p.errs = append(p.errs, p.problem(i, problem))
	}
	settings := func(changes []edit.Change) (all []Setting) {
		for _, c := range changes {
			all = append(all, Setting{Line: p.text.Line(i, c.Path...), Document: c.Document, Name: c.Name, Old: c.Old, New: c.New})
		}
		return all
	}
	p.replaced = append(p.replaced, settings(report.Replaced)...)
	p.left = append(p.left, settings(report.Left)...)
	p.unread = append(p.unread, settings(report.Unread)...)
	return ""
}

// hasK0s says whether a document is k0s' own, which k0sctl takes beside its own.
func (p *pass) hasK0s() bool {
	for i := range p.text.Len() {
		if kind, _ := p.text.Value(i, "kind"); kind == edit.KindK0s {
			return true
		}
	}
	return false
}

// isKind says whether a document is a cluster of kind.
func isKind(tree map[string]any) bool {
	return tree["kind"] == reader.KindCluster && !edit.IsK0sctl(tree)
}

// problem is the error of a problem in a document.
func (p *pass) problem(i int, problem edit.Problem) error {
	line, kind := p.text.Line(i, problem.Path...), problem.Document
	switch {
	case problem.APIVersion != "":
		return p.unreadable(line, kind, problem.APIVersion)
	case problem.Conflict:
		if problem.Adopt != "" && problem.Class == setting.OtherValue { // it only is another
			problem.Message = ""
		}
		return &ConflictError{Line: line, Document: kind, Setting: problem.Setting, Have: problem.Value, Want: problem.Want, Adopt: problem.Adopt, Message: problem.Message}
	case problem.Setting == edit.SettingHostDir:
		problem.Message += " (hostDir is Options.HostDir)"
	}
	return &DocumentError{Line: line, Document: kind, Setting: problem.Setting, Value: problem.Value, Message: problem.Message}
}

// unreadable is the error of a document that kubeadm of the release does not read.
func (p *pass) unreadable(line int, kind, apiVersion string) error {
	release := p.resolved.ControlPlane()
	return &UnreadableAPIError{Line: line, Document: kind, APIVersion: apiVersion, Release: p.resolved.KubernetesMinor(), Migrations: release.MigrationsFrom(apiVersion), Reads: release.KubeadmVersions()}
}

// cannotEdit is the error of a document that yamledit refuses to edit, with the line
// that the place had in the text as it was given.
func (p *pass) cannotEdit(i int, err error) error {
	kind, _ := p.trees[i]["kind"].(string)
	var place *yamledit.PlaceError
	if !errors.As(err, &place) {
		return &DocumentError{Document: kind, Message: err.Error()}
	}
	given, err := parse(p.given)
	if err != nil {
		return err // which was read before
	}
	return &DocumentError{Line: given.Line(i, place.Path...), Document: kind, Setting: yamledit.Name(place.Path), Message: place.Message}
}

// addKubelet gives a stream with a ClusterConfiguration the kubelet's part, where it
// has none.
func (p *pass) addKubelet() error {
	config := kubelet.ConfigurationFor(p.resolved)
	if config == nil || p.found[tracing.ComponentKubelet] || !p.has("ClusterConfiguration") {
		return nil
	}
	text, err := tracing.Marshal(config)
	if err != nil {
		return err
	}
	p.found[tracing.ComponentKubelet] = true
	return p.text.AppendDocument(string(text))
}

// has says whether a document of a kind is edited.
func (p *pass) has(kind string) bool {
	for _, tree := range p.trees {
		if tree["kind"] == kind {
			return true
		}
	}
	return false
}

// untraced are the components that the stream does not have traced, though the spec
// does not disable them.
func (p *pass) untraced() []Untraced {
	var all []Untraced
	spec := p.resolved.Spec()
	for _, c := range []struct {
		component tracing.Component
		disabled  bool
		needs     string
	}{
		{tracing.ComponentEtcd, spec.Etcd.Disabled, "a ClusterConfiguration, a kind Cluster, a KubeadmControlPlane, a ClusterConfig of k0s, a Cluster of k0sctl or the static Pod of etcd"},
		{tracing.ComponentAPIServer, spec.APIServer.Disabled, "a ClusterConfiguration, a kind Cluster, a KubeadmControlPlane, a ClusterConfig of k0s, a Cluster of k0sctl or the static Pod of kube-apiserver"},
		{tracing.ComponentKubelet, spec.Kubelet.Disabled, "a KubeletConfiguration, a ClusterConfiguration, a kind Cluster, a KubeadmConfigTemplate, a ClusterConfig of k0s or a Cluster of k0sctl"},
	} {
		if !c.disabled && !p.found[c.component] {
			all = append(all, Untraced{c.component, cmp.Or(p.why[c.component], edit.Untraced(p.resolved, c.component), "no document here configures it: give "+c.needs)})
		}
	}
	return all
}

func (p *pass) receipt() Receipt {
	receipt := Receipt{Edits: []Edit{}}
	now := string(p.text.Bytes())
	for _, e := range p.text.Edits() {
		receipt.Edits = append(receipt.Edits, newEdit(now, e))
	}
	return receipt
}
