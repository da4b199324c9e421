package tracing

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Load reads a spec from YAML or JSON, strictly: a field that is unknown,
// written twice or in the wrong case is an error, as is a second document. For
// a field that is unknown or holds the wrong kind of value the error is an
// *[InvalidSpecError], which names the fields that are allowed there; what the
// YAML reader refuses is an error with its line.
//
// It neither fills in defaults nor judges the values; [Resolve] does.
//
// Loading goes through sigs.k8s.io/json, since sigs.k8s.io/yaml.UnmarshalStrict
// reads an unquoted 1.30 as "1.3" and accepts keys in the wrong case.
func Load(data []byte) (TracingSpec, error) {
	document, err := onlyDocument(data)
	if err != nil {
		return TracingSpec{}, fmt.Errorf("read a TracingSpec: %w", err)
	}
	asJSON, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return TracingSpec{}, fmt.Errorf("read a TracingSpec: %w", err)
	}
	if trimmed := bytes.TrimSpace(asJSON); len(trimmed) == 0 || trimmed[0] != '{' {
		return TracingSpec{}, errors.New(`read a TracingSpec: there are no fields: write at least kubernetesVersion: "1.34"`)
	}
	var spec TracingSpec
	strict, err := kjson.UnmarshalStrict(asJSON, &spec)
	if err != nil {
		return TracingSpec{}, decodeError(err, asJSON)
	}
	if len(strict) > 0 {
		invalid := &InvalidSpecError{}
		for _, problem := range strict {
			invalid.Errors = append(invalid.Errors, strictError(problem))
		}
		return TracingSpec{}, invalid
	}
	return spec, nil
}

// documentMarker is a line that begins or ends a YAML document. Within a
// document nothing else may stand so at the beginning of a line.
// https://yaml.org/spec/1.2.2/#914-explicit-documents
var documentMarker = regexp.MustCompile(`(?m)^(?:---|\.\.\.)(?:[ \t\r]+|$)`)

// onlyDocument returns the one document of a YAML stream. The decoder would
// read the first and silently drop the others.
func onlyDocument(data []byte) ([]byte, error) {
	var only []byte
	lines := 0
	for _, document := range documentMarker.Split(string(data), -1) {
		before := lines
		lines += strings.Count(document, "\n")
		var content any
		if err := yaml.Unmarshal([]byte(document), &content); err == nil && content == nil {
			continue // comments only
		}
		if only != nil {
			return nil, errors.New("there is more than one document: write one spec a file")
		}
		// Empty lines in place of what came before keep the line numbers right.
		only = []byte(strings.Repeat("\n", before) + document)
	}
	return only, nil
}
