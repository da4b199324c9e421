package tracing

import (
	"errors"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// checkAttribute judges a value that becomes a span attribute. Empty is not
// set.
func (r *resolver) checkAttribute(p *field.Path, value string) {
	if len(value) > 253 || !printable(value) || strings.TrimSpace(value) != value {
		r.invalid(p, value, "write at most 253 bytes of printable characters, without spaces at the ends, such as %q", "prod-eu-1")
	}
}

// printable says whether text is valid UTF-8 without control characters.
func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) < 0
}

// checkArgument judges an attribute that etcd is given as a flag. The kubelet
// expands $(NAME) in the arguments of a static pod and turns $$ into $.
// https://pkg.go.dev/k8s.io/api/core/v1#Container
func (r *resolver) checkArgument(p *field.Path, value string) {
	if strings.Contains(value, "$") {
		r.invalid(p, value, "the kubelet expands a $ in the arguments of a static pod: write the text without it, such as %q", "etcd")
		return
	}
	r.checkAttribute(p, value)
}

var filePathPattern = regexp.MustCompile(`^/[^:$|` + "`" + `\x00-\x1f\x7f]+$`)

// cleanFilePath says whether file can be both a hostPath and a mountPath.
func cleanFilePath(file string) bool {
	return filePathPattern.MatchString(file) && utf8.ValidString(file) && path.Clean(file) == file
}

// checkLabel judges the name of an object that is also a label's value.
func (r *resolver) checkLabel(p *field.Path, value, example string) {
	if len(utilvalidation.IsDNS1123Label(value)) > 0 {
		r.invalid(p, value, "write at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, such as %q", example)
	}
}

// checkName judges the name of an object that somebody else made.
func (r *resolver) checkName(p *field.Path, value, example string) {
	if len(utilvalidation.IsDNS1123Subdomain(value)) > 0 {
		r.invalid(p, value, "write the name of an object: at most 253 lower-case letters, digits, '-' and '.', such as %q", example)
	}
}

// checkSecretKey judges a reference to a Secret. An optional one could silently
// leave out a certificate or a token.
func (r *resolver) checkSecretKey(p *field.Path, key *corev1.SecretKeySelector) {
	if key == nil {
		return
	}
	r.checkName(p.Child("name"), key.Name, "otlp-credentials")
	if problems := utilvalidation.IsConfigMapKey(key.Key); len(problems) > 0 {
		r.invalid(p.Child("key"), key.Key, "write a key of the Secret: letters, digits, '-', '_' and '.', such as %q", "token")
	}
	if key.Optional != nil && *key.Optional {
		r.forbidden(p.Child("optional"), "without the Secret the collector would send without it: leave optional out")
	}
}

// repository says whether text, with /etcd after it, is the name of an image. It
// may be a registry alone, whose port would be a tag without what follows.
func repository(text string) bool {
	named, err := reference.ParseNormalizedNamed(text + "/etcd")
	return err == nil && reference.IsNameOnly(named)
}

// image is a parsed image reference.
type image struct {
	name string // the last part of the repository
	repo string // the whole repository
	tag  string // may be empty
}

// parseImage reads an image reference and reports one that is none.
func (r *resolver) parseImage(p *field.Path, text string) (image, bool) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		shown := text
		if at := strings.LastIndexByte(text, '@'); at >= 0 && strings.ContainsAny(text[at:], "/.") {
			shown, err = hidden, errors.New("there is something before its registry") // a password, perhaps
		}
		r.invalid(p, shown, "this is not an image (%s): write one such as registry.example.com/team/image:1.2.3", err)
		return image{}, false
	}
	parsed := image{name: path.Base(named.Name()), repo: named.Name()}
	if tagged, ok := named.(reference.Tagged); ok {
		parsed.tag = tagged.Tag()
	}
	return parsed, true
}

// checkLabels judges keys and values of labels or of a node selector.
func (r *resolver) checkLabels(p *field.Path, labels map[string]string) {
	r.addSorted(metav1validation.ValidateLabels(labels, p))
}

// addSorted adds problems that upstream found in the random order of a map.
func (r *resolver) addSorted(errs field.ErrorList) {
	slices.SortFunc(errs, func(a, b *field.Error) int { return strings.Compare(a.Error(), b.Error()) })
	r.errs = append(r.errs, errs...)
}

// checkMetadata judges labels and annotations that go onto every object.
func (r *resolver) checkMetadata(p *field.Path, labels, annotations map[string]string) {
	r.checkLabels(p.Child("labels"), labels)
	r.addSorted(validation.ValidateAnnotations(annotations, p.Child("annotations")))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case slices.Contains(ReservedLabels(), key):
			r.forbidden(p.Child("labels").Key(key), "kubetrace sets this label itself, to find its own pods: choose another key")
		case strings.HasPrefix(key, "pod-security.kubernetes.io/"), slices.Contains(systemLabels, key):
			r.forbidden(p.Child("labels").Key(key), "Kubernetes gives this label a meaning that would break the collector: choose another key")
		}
	}
}

// ReservedLabels returns the keys of the labels that kubetrace sets on its
// objects and that CollectorSpec.Labels may not hold.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
func ReservedLabels() []string {
	return []string{
		"app.kubernetes.io/name",
		"app.kubernetes.io/instance",
		"app.kubernetes.io/component",
		"app.kubernetes.io/part-of",
		"app.kubernetes.io/managed-by",
	}
}

// systemLabels are set by Kubernetes on namespaces and on pods of a DaemonSet.
// https://kubernetes.io/docs/reference/labels-annotations-taints/
var systemLabels = []string{"controller-revision-hash", "kubernetes.io/metadata.name", "pod-template-generation", "pod-template-hash"}

// nodePorts are ports that a control-plane node's own components open.
//
// Source: https://kubernetes.io/docs/reference/networking/ports-and-protocols/
// and the defaults of etcd's metrics, the kubelet's and kube-proxy's health
// checks.
var nodePorts = map[int32]string{
	2379: "etcd", 2380: "etcd", 2381: "etcd",
	6443:  "kube-apiserver",
	10248: "the kubelet", 10250: "the kubelet", 10255: "the kubelet",
	10249: "kube-proxy", 10256: "kube-proxy",
	10257: "kube-controller-manager", 10258: "the cloud controller manager",
	10259: "kube-scheduler",
}

// checkPort judges a port that the collector opens in the node's network.
func (r *resolver) checkPort(p *field.Path, value any, port, example int32) {
	owner, taken := nodePorts[port]
	switch {
	case port < 1024 || port > 65535:
		r.invalid(p, value, "the collector runs without privileges: write a port from 1024 to 65535, such as %d", example)
	case taken:
		r.invalid(p, value, "port %d is that of %s on control-plane nodes: write another one, such as %d", port, owner, example)
	}
}
