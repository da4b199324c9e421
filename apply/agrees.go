package apply

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/yamledit"
)

// agrees says whether the libraries with which kubeadm, kube-apiserver and the
// kubelet read YAML see the documents that are edited as we do. They read an older
// YAML: there a merge key goes before what is above it, and an anchor does not
// reach the next document. kind reads with ours. once says whether no key is there
// twice.
func (p *pass) agrees() (once bool, err error) {
	theirs, once, refused := theirReading(p.text.Bytes())
	var errs []error
	for i := range p.text.Len() {
		kind, _ := p.trees[i]["kind"].(string)
		ours, _ := p.text.Value(i)
		if p.trees[i] == nil || isKind(p.trees[i]) || slices.ContainsFunc(theirs, func(v any) bool { _, differ := difference(ours, v, nil); return !differ }) {
			continue
		}
		errs = append(errs, p.disagreement(i, kind, ours, theirs, refused))
	}
	return once, errors.Join(errs...)
}

// disagreement is the error of a document that Kubernetes reads otherwise.
func (p *pass) disagreement(i int, kind string, ours any, theirs []any, refused error) error {
	e := &DocumentError{Line: p.text.Line(i), Document: kind}
	aliases, merges := p.text.Shares(i)
	advice := ""
	switch {
	case merges:
		advice = ": write out what aliases and merge keys (<<) mean"
	case aliases:
		advice = ": write out what aliases mean"
	}
	switch {
	case refused != nil:
		e.Message = libraries.ReplaceAllString(refused.Error(), "") + cmp.Or(advice, ": Kubernetes reads an older YAML, which refuses this: write it in another way")
		return e
	case merges:
		e.Message = "what Kubernetes reads here is not what this says, as it takes merge keys (<<) in another order: write out what they mean"
		return e
	}
	for _, other := range theirs {
		mapping, _ := other.(map[string]any)
		if at, differ := difference(ours, other, nil); differ && mapping["kind"] == kind {
			e.Line, e.Setting = p.text.Line(i, at...), yamledit.Name(at)
		}
	}
	e.Message = "Kubernetes reads an older YAML, in which this says something else" + cmp.Or(advice, ": write it in double quotes, or in lines of its own")
	return e
}

// libraries is what libraries put before their messages.
var libraries = regexp.MustCompile(`^(error converting YAML to JSON: )?(yaml: )?`)

// theirReading is what Kubernetes reads of a stream, whether no key is there twice,
// and the first error. A text in lines (|) at the end of a stream without a last line
// break is read in two ways: kubeadm reads line by line, and to it the last line has
// an end; to who reads the whole it has none.
func theirReading(stream []byte) (all []any, once bool, refused error) {
	once = true
	read := func(text []byte) {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		var value any
		if utilyaml.IsJSONBuffer(text) && json.Unmarshal(text, &value) == nil {
			all = append(all, value)
			return
		}
		if err := yaml.UnmarshalStrict(text, &value); err != nil {
			once, value = false, nil
			if err := yaml.Unmarshal(text, &value); err != nil {
				refused = cmp.Or(refused, err)
				return
			}
		}
		all = append(all, value)
	}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for last := []byte(nil); ; {
		text, err := reader.Read()
		if err != nil {
			if refused == nil && !errors.Is(err, io.EOF) {
				refused = err
			}
			if !bytes.HasSuffix(stream, []byte("\n")) {
				read(bytes.TrimSuffix(last, []byte("\n")))
			}
			return all, once, refused
		}
		last = text
		read(text)
	}
}

// difference is the path of the first key, item or text that two readings do not
// share. What else a scalar is depends on who asks: yes is a text and a truth value.
func difference(ours, theirs any, path []any) (at []any, differ bool) {
	switch ours := ours.(type) {
	case map[string]any:
		mapping, ok := theirs.(map[string]any)
		if !ok || len(mapping) != len(ours) {
			return path, true
		}
		for _, key := range slices.Sorted(maps.Keys(ours)) {
			other, there := mapping[key]
			if !there && isWord(key) {
				continue
			}
			if !there {
				return append(slices.Clone(path), key), true
			}
			if at, differ := difference(ours[key], other, append(slices.Clone(path), key)); differ {
				return at, true
			}
		}
	case []any:
		list, ok := theirs.([]any)
		if !ok || len(list) != len(ours) {
			return path, true
		}
		for i := range ours {
			if at, differ := difference(ours[i], list[i], append(slices.Clone(path), i)); differ {
				return at, true
			}
		}
	case string:
		text, ok := theirs.(string)
		return path, ok && text != ours
	}
	return nil, false
}

// isWord says whether a text is a truth value in older YAML.
func isWord(text string) bool { _, ok := yamledit.Truth(text); return ok }
