package apply

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kubetrace/internal/yamledit"
)

// SyntaxError says where a text cannot be read as YAML.
type SyntaxError struct {
	// Line and Column begin with 1. A column is a character.
	Line, Column int
	// Message is what is wrong there.
	Message string
}

// Error returns the place and the message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

func syntaxError(err error) error {
	var syntax *yamledit.SyntaxError
	if errors.As(err, &syntax) {
		return &SyntaxError{Line: syntax.Line, Column: syntax.Column, Message: syntax.Message}
	}
	return err
}

// ConflictError says that a document sets something that the spec wants
// otherwise, in a way that its release takes. Somebody meant it, so it is only
// replaced with Options.Overwrite.
type ConflictError struct {
	// Line is where the document says it, beginning with 1.
	Line int
	// Document is the kind of the document.
	Document string
	// Setting is what both set, "kube-apiserver --tracing-config-file".
	Setting string
	// Have is the document's value and Want the spec's.
	Have, Want string
	// Adopt is what to write into the spec to keep the document's value, such as
	// "apiServer.configFile: /etc/kubernetes/tracing.yaml", or two of these with " and "
	// between them. It is empty where no valid spec says it, and where another file of
	// the node is mounted at that path.
	Adopt string
	// Message says what is wrong with the document's value, if more than that it is
	// another, and what to write.
	Message string
}

// Error names the setting and both values.
func (e *ConflictError) Error() string {
	cure := cmp.Or(e.Message, "change one of them")
	switch {
	case e.Adopt != "" && e.Message != "":
		cure += ", or keep it and write " + e.Adopt + " into the spec"
	case e.Adopt != "":
		cure = "write " + e.Adopt + " into the spec, or change the document"
	}
	return fmt.Sprintf("line %d: %s: %s is %s and the spec says %s: %s, or set Options.Overwrite", e.Line, e.Document, e.Setting, cmp.Or(e.Have, "empty"), e.Want, cure)
}

// DocumentError says why tracing cannot be added to a document.
type DocumentError struct {
	// Line is where, beginning with 1, or 0 for the whole stream.
	Line int
	// Document is the kind of the document.
	Document string
	// Setting and Value are what is wrong, where it is one setting.
	Setting, Value string
	// Message says what is wrong and what to write instead.
	Message string
}

// Error returns the place and the message.
func (e *DocumentError) Error() string {
	var text strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&text, "line %d: ", e.Line)
	}
	if e.Document != "" {
		text.WriteString(e.Document + ": ")
	}
	if e.Setting != "" {
		text.WriteString(strings.TrimSpace(e.Setting+" "+e.Value) + ": ")
	}
	return text.String() + e.Message
}

// UnreadableAPIError says that kubeadm of the spec's release refuses a document
// because of its apiVersion.
type UnreadableAPIError struct {
	// Line is where the document begins, Document its kind.
	Line     int
	Document string
	// APIVersion is the document's, Release the spec's minor release, "1.34".
	APIVersion, Release string
	// Reads are the versions that kubeadm of that release reads, oldest first.
	Reads []string
	// Migrations are the releases of kubeadm whose config migrate leads to one of
	// them, in their order, one after the other: "1.26". They are empty where no
	// kubeadm does, since the document is too new or much too old.
	Migrations []string
}

// Error says what to run.
func (e *UnreadableAPIError) Error() string {
	text := fmt.Sprintf("line %d: %s: kubeadm %s does not read %s: ", e.Line, e.Document, e.Release, e.APIVersion)
	if len(e.Migrations) == 0 {
		return text + "write it in " + strings.Join(e.Reads, " or ") + ", which it reads"
	}
	return text + "run kubeadm config migrate --old-config OLD --new-config NEW with kubeadm " + strings.Join(e.Migrations, ", and then with kubeadm ")
}

// noneKnown is the error of a stream that has nothing for us.
func noneKnown(kinds []string) error {
	there := "there is nothing with a kind"
	if len(kinds) > 0 {
		there = "there is " + strings.Join(kinds, ", ")
	}
	if slices.Contains(kinds, "ConfigMap of v1") {
		return &DocumentError{Message: "a ConfigMap holds a document as text: give that text, data.ClusterConfiguration of kubeadm-config, data.kubelet of kubelet-config or config.conf of kube-proxy"}
	}
	return &DocumentError{Message: "no document that can be traced, " + there + ": give a ClusterConfiguration, InitConfiguration or JoinConfiguration of kubeadm, a KubeletConfiguration, a kind Cluster, a TracingConfiguration, a KubeadmControlPlane or KubeadmConfig of Cluster API or a template of one, a ClusterConfig of k0s, a Cluster of k0sctl, or the static Pod of etcd or kube-apiserver"}
}
