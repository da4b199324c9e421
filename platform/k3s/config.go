package k3s

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace"
	"kubetrace/internal/edit"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// Config returns a node's own config.yaml with the flags of [Settings] in it. Everything
// else stays as it was written, comments too. Doing it twice changes nothing.
//
// Flags that the release no longer takes, or in another spelling, are changed; feature
// gates are merged. Nothing of etcd is added where the file says that this server has
// none: with datastore-endpoint or disable-etcd. A k3s without cluster-init and server has
// none either, but these two may also be on its command line, so that is for
// [Options.ExternalDatastore] to say. A key that ends in + is kept and
// added to. The files of [Node] are needed beside it, but for [Options.DropInPath].
//
// The error is that of Settings, or an *[InvalidConfigError] for the file: text that is no
// YAML, a flag that contradicts the spec, a gate of tracing that is switched off, another
// configuration file of the kubelet up to 1.31.
func Config(spec tracing.TracingSpec, role kubetrace.Role, base []byte, o Options) ([]byte, error) {
	text, tree, err := parse(base)
	if err != nil {
		return nil, err
	}
	if isSet(tree["datastore-endpoint"]) || tree["disable-etcd"] == true {
		o.ExternalDatastore = true
	}
	r, o, err := resolve(spec, role, o)
	if err != nil {
		return nil, err
	}
	edited, report := edit.K3s(r, tree, edit.K3sNode{Server: role == kubetrace.ControlPlane, Etcd: !o.ExternalDatastore, KubeletConfig: kubeletConfig(r, o)}, edit.Options{Overwrite: o.Overwrite})
	if len(report.Problems) > 0 {
		return nil, &InvalidConfigError{Errors: edit.FieldErrors(report.Problems)}
	}
	if text == nil {
		if len(edited) == 0 {
			return base, nil
		}
		content, err := tracing.Marshal(edited)
		if err != nil {
			return nil, err
		}
		return append(ended(base), content...), nil
	}
	if err := text.Become(0, edited); err != nil {
		return nil, invalid("", "", err.Error())
	}
	return text.Bytes(), nil
}

// ConfigFor is Config of a spec that is resolved already, by [Resolve] or not.
func ConfigFor(r tracing.Resolved, role kubetrace.Role, base []byte, o Options) ([]byte, error) {
	return Config(r.Spec(), role, base, o)
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

// isSet says whether something is written.
func isSet(value any) bool { return value != nil && value != "" }

// ended gives a text's last line an end.
func ended(text []byte) []byte {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		return append(append([]byte{}, text...), '\n')
	}
	return append([]byte{}, text...)
}

func invalid(path, value, message string) *InvalidConfigError {
	if path == "" {
		path = "config.yaml"
	}
	return &InvalidConfigError{Errors: field.ErrorList{field.Invalid(field.NewPath(path), value, message)}}
}
