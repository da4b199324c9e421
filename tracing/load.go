package tracing

import (
	"bytes"
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/yamldoc"
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
	document, err := yamldoc.Only(data)
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
