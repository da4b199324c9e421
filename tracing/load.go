package tracing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Load reads a spec from YAML or JSON, strictly: a field that is unknown,
// written twice or in the wrong case is an error, as is a second document. The
// error is an *[InvalidSpecError] wherever the problem is in a field, and names
// the fields that are allowed there.
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

// onlyDocument returns the one document of a YAML stream. The decoder would
// read the first and silently drop the others.
func onlyDocument(data []byte) ([]byte, error) {
	var only []byte
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return only, nil
		}
		if err != nil {
			return nil, err
		}
		var content any
		if err := yaml.Unmarshal(document, &content); err != nil {
			return nil, err
		}
		switch {
		case content == nil: // comments only
		case only != nil:
			return nil, errors.New("there is more than one document: write one spec a file")
		default:
			only = document
		}
	}
}

// decodeError turns a value of the wrong type into an error of its field.
func decodeError(err error, asJSON []byte) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("read a TracingSpec: %w", err)
	}
	detail := fmt.Sprintf("write a %s", kindName(wrong.Type))
	if wrong.Type.Kind() == reflect.String {
		detail = `write the value in quotes: without them YAML reads 1.30 as the number 1.3`
	}
	path := strings.TrimPrefix(wrong.Field, ".")
	return &InvalidSpecError{Errors: field.ErrorList{field.TypeInvalid(field.NewPath(path), valueAt(asJSON, path, wrong.Value), detail)}}
}

// valueAt returns what stands at a path of names, or else the kind of it that
// the decoder names.
func valueAt(asJSON []byte, path, kind string) any {
	var value any
	if err := json.Unmarshal(asJSON, &value); err != nil {
		return kind
	}
	for _, name := range strings.Split(path, ".") {
		fields, ok := value.(map[string]any)
		if !ok {
			return kind
		}
		value = fields[name]
	}
	return value
}

// kindName names what a field holds in the words of YAML.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int32, reflect.Int64:
		return "whole number"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map:
		return "mapping of fields"
	}
	return t.String()
}

// strictError turns an unknown or doubled field into an error of that field.
func strictError(err error) *field.Error {
	var at interface{ FieldPath() string }
	if !errors.As(err, &at) {
		return field.Invalid(field.NewPath("spec"), "", err.Error())
	}
	path := at.FieldPath()
	if strings.HasPrefix(err.Error(), "duplicate") {
		return &field.Error{Type: field.ErrorTypeDuplicate, Field: path, BadValue: path, Detail: "write the field once"}
	}
	detail := "there is no such field"
	if names := siblings(path); len(names) > 0 {
		detail += ": the fields here are " + strings.Join(names, ", ")
	}
	return &field.Error{Type: field.ErrorTypeInvalid, Field: path, BadValue: path[strings.LastIndexByte(path, '.')+1:], Detail: detail}
}

// siblings returns the JSON names of the fields of the struct that path ends
// in.
func siblings(path string) []string {
	t := reflect.TypeFor[TracingSpec]()
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		name, _, _ := strings.Cut(part, "[")
		child, ok := jsonField(t, name)
		if !ok {
			return nil
		}
		for t = child; t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice; {
			t = t.Elem()
		}
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range t.NumField() {
		if name := jsonName(t.Field(i)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// jsonField returns the type of the field that JSON calls name.
func jsonField(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if jsonName(t.Field(i)) == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// jsonName returns what JSON calls a field, or nothing.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
