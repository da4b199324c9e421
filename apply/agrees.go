package apply

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/edit"
)

// agrees says whether the libraries with which kubeadm, kube-apiserver and the
// kubelet read YAML see the documents that are edited as we do. They read an older
// YAML: there a merge key goes before what stands above it, and an anchor does not
// reach the next document. kind reads with ours. once says whether no key is there
// twice.
func (p *pass) agrees() (once bool, err error) {
	theirs, once, refused := theirReading(p.text.Bytes())
	var errs []error
	for i := range p.text.Len() {
		kind, _ := p.trees[i]["kind"].(string)
		ours, _ := p.text.Value(i)
		if p.trees[i] == nil || kind == "Cluster" || slices.ContainsFunc(theirs, func(v any) bool { return same(ours, v) }) {
			continue
		}
		message := "what Kubernetes reads here is not what this says, as it takes merge keys (<<) in another order: write out what they stand for"
		if refused != nil {
			message = libraries.ReplaceAllString(refused.Error(), "") + ": write out what aliases and merge keys (<<) stand for"
		}
		errs = append(errs, &DocumentError{Line: p.text.Line(i), Document: kind, Message: message})
	}
	return once, errors.Join(errs...)
}

// libraries is what libraries put before their messages.
var libraries = regexp.MustCompile(`^(error converting YAML to JSON: )?(yaml: )?`)

// theirReading is what Kubernetes reads of a stream, whether no key is there twice,
// and the first error.
func theirReading(stream []byte) (all []any, once bool, refused error) {
	once = true
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		text, err := reader.Read()
		if err != nil {
			if refused == nil && !errors.Is(err, io.EOF) {
				refused = err
			}
			return all, once, refused
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		var value any
		if utilyaml.IsJSONBuffer(text) && json.Unmarshal(text, &value) == nil {
			all = append(all, value)
			continue
		}
		if err := yaml.UnmarshalStrict(text, &value); err != nil {
			once, value = false, nil
			if err := yaml.Unmarshal(text, &value); err != nil {
				refused = cmp.Or(refused, err)
				continue
			}
		}
		all = append(all, value)
	}
}

// same says whether two readings have the same keys, items and texts. What else a
// scalar is depends on who asks: yes is a text and a truth value.
func same(ours, theirs any) bool {
	switch ours := ours.(type) {
	case map[string]any:
		mapping, ok := theirs.(map[string]any)
		if !ok || len(mapping) != len(ours) {
			return false
		}
		for key, value := range ours {
			other, there := mapping[key]
			if !there && !isWord(key) || there && !same(value, other) {
				return false
			}
		}
		return true
	case []any:
		list, ok := theirs.([]any)
		if !ok || len(list) != len(ours) {
			return false
		}
		for i := range ours {
			if !same(ours[i], list[i]) {
				return false
			}
		}
		return true
	case string:
		text, ok := theirs.(string)
		return !ok || text == ours
	}
	return true
}

// isWord says whether a text is a truth value in older YAML.
func isWord(text string) bool { _, ok := edit.Truth(text); return ok }
