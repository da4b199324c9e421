package k3s

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/internal/distribution"
	"kubetrace/internal/edit"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// Config returns a node's own config.yaml with the flags of [Settings] in it, as
// apply.Documents does for other documents: apply.Undo takes the Receipt. Everything else
// stays as it was written, comments too. Doing it twice changes nothing.
//
// Flags that the release no longer takes, or in another spelling, are changed; feature
// gates are merged; Replaced names them. Untraced are components of the role that the file
// does not have traced, among them a kubelet from 1.32 on, whose part is a file of [Node].
// Nothing of etcd is added where the file says that this server has none: with
// datastore-endpoint or disable-etcd. A k3s without cluster-init and server has none
// either, but these two may also be on its command line, so that is for
// [Options.ExternalDatastore] to say, and [WarnDatastore] is among the Warnings, which are
// those of [Resolve] otherwise. A key that ends in + is kept and added to. The files of
// [Node] are needed beside it, but for [Options.DropInPath].
//
// The error is that of Settings, or an *[InvalidConfigError] for the file: text that is no
// YAML, a flag that contradicts the spec, a gate of tracing that is switched off, another
// configuration file of the kubelet up to 1.31.
func Config(spec tracing.TracingSpec, role kubetrace.Role, base []byte, o Options) (apply.Result, error) {
	text, tree, err := parse(base)
	if err != nil {
		return apply.Result{}, err
	}
	if isSet(tree["datastore-endpoint"]) || isSet(tree["disable-etcd"]) {
		o.ExternalDatastore = true
	}
	r, o, err := resolve(spec, role, o)
	if err != nil {
		return apply.Result{}, err
	}
	edited, report := edit.K3s(r, tree, edit.K3sNode{Server: role == kubetrace.ControlPlane, Etcd: !o.ExternalDatastore, KubeletConfig: kubeletConfig(r, o)}, edit.Options{Overwrite: o.Overwrite})
	if len(report.Problems) > 0 {
		return apply.Result{}, &InvalidConfigError{Errors: edit.FieldErrors(report.Problems)}
	}
	result := apply.Result{
		Receipt: apply.Receipt{Edits: []apply.Edit{}}, Replaced: settings(text, report.Replaced), Unread: settings(text, report.Unread),
		Untraced: untraced(spec, r, role, o), Warnings: append(warnings(r, role, tree, o), r.Warnings...),
	}
	var edits []yamledit.Edit
	switch {
	case text != nil:
		if err := text.Become(0, edited); err != nil {
			return apply.Result{}, invalid("", "", err.Error())
		}
		result.Text, edits = text.Bytes(), text.Edits()
	default: // of nothing but comments
		content := []byte{}
		if len(edited) > 0 {
			if content, err = tracing.Marshal(edited); err != nil {
				return apply.Result{}, err
			}
			if len(base) > 0 && base[len(base)-1] != '\n' {
				content = append([]byte{'\n'}, content...)
			}
			edits = []yamledit.Edit{{From: len(base), To: len(base), At: len(base), New: string(content)}}
		}
		result.Text = slices.Concat(base, content)
	}
	for _, e := range edits {
		before, after := e.Around(string(result.Text))
		result.Receipt.Edits = append(result.Receipt.Edits, apply.Edit{From: e.From, To: e.To, Old: e.Old, At: e.At, New: e.New, Before: before, After: after})
	}
	return result, nil
}

// ConfigFor is Config of a spec that is resolved already, by [Resolve] or not.
func ConfigFor(r tracing.Resolved, role kubetrace.Role, base []byte, o Options) (apply.Result, error) {
	return Config(r.Spec(), role, base, o)
}

// settings are changes with their lines. There are none without a text.
func settings(text *yamledit.Text, changes []edit.Change) (all []apply.Setting) {
	for _, c := range changes {
		all = append(all, apply.Setting{Line: text.Line(0, c.Path...), Document: c.Document, Name: c.Name, Old: c.Old, New: c.New})
	}
	return all
}

// untraced are the components of a role that a configuration does not have traced, though
// the spec does not disable them.
func untraced(spec tracing.TracingSpec, r tracing.Resolved, role kubetrace.Role, o Options) (all []apply.Untraced) {
	add := func(c tracing.Component, disabled bool, why string) {
		if not := r.NotGenerated(c); not != nil && why == "" {
			why = not.Field + ": " + not.Reason
		}
		if !disabled && why != "" {
			all = append(all, apply.Untraced{Component: c, Reason: why})
		}
	}
	if role == kubetrace.ControlPlane {
		add(tracing.ComponentEtcd, spec.Etcd.Disabled, distribution.Distribution{Name: o.name(), OtherDatastore: o.ExternalDatastore}.EtcdUntraced(spec, r))
		add(tracing.ComponentAPIServer, spec.APIServer.Disabled, "")
	}
	inFile := ""
	if r.NotGenerated(tracing.ComponentKubelet) == nil && kubeletConfig(r, o) == "" {
		inFile = "config.yaml has no place for its settings: put the file of Node onto the node, " + o.kubeletDropIn()
	}
	add(tracing.ComponentKubelet, spec.Kubelet.Disabled, inFile)
	return all
}

// warnings says what a configuration leaves open: whether a server of k3s has an etcd.
//
// Source: https://docs.k3s.io/datastore
func warnings(r tracing.Resolved, role kubetrace.Role, tree map[string]any, o Options) []tracing.Warning {
	if o.Distribution != K3s || role != kubetrace.ControlPlane || r.NotGenerated(tracing.ComponentEtcd) != nil || isSet(tree["cluster-init"]) || isSet(tree["server"]) {
		return nil
	}
	return []tracing.Warning{{
		Code: WarnDatastore, Field: "etcd", Release: o.name(),
		Message: "config.yaml has neither cluster-init, server nor datastore-endpoint: where none of them is set elsewhere, k3s keeps its state in SQLite and runs no etcd, and etcd-arg does nothing",
		Cure:    "Set Options.ExternalDatastore where that is so, or write cluster-init: true for an etcd",
	}}
}

// parse reads a configuration. text is nil where nothing is in it but comments.
func parse(base []byte) (text *yamledit.Text, tree map[string]any, err error) {
	text, err = yamledit.Parse(base)
	if err != nil {
		return nil, nil, invalid("", "", err.Error())
	}
	if text.Len() > 1 {
		return nil, nil, invalid("", "", "k3s and RKE2 read the first document alone: write one")
	}
	if text.Len() == 0 {
		return nil, nil, nil
	}
	value, _ := text.Value(0)
	tree, ok := value.(map[string]any)
	switch {
	case value == nil:
		return nil, nil, nil
	case !ok:
		return nil, nil, invalid("", fmt.Sprint(value), "this is no configuration: write key: value for each flag")
	}
	return text, tree, nil
}

// isSet says whether something is written that is not off.
func isSet(value any) bool {
	return value != nil && value != "" && value != false && value != "false"
}

func invalid(path, value, message string) *InvalidConfigError {
	if path == "" {
		path = "config.yaml"
	}
	return &InvalidConfigError{Errors: field.ErrorList{field.Invalid(field.NewPath(path), value, message)}}
}
