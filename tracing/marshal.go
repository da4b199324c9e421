package tracing

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Marshal returns obj as YAML that holds only the fields that were set: fields
// with their zero value are left out whether or not they say omitempty, and
// every pointer that is not nil stays, so that an explicit 0 or false does. It
// reads the json tags and MarshalJSON methods, sorts the keys, and prints the
// same bytes with the oldest and the newest k8s.io libraries. A list of objects
// becomes a list; see [MarshalAll] for a stream of documents.
//
// Use it for every typed output of kubetrace. sigs.k8s.io/yaml.Marshal prints
// some twenty zero fields of a KubeletConfiguration, which as a drop-in or a
// patch reset a node's settings, and an empty status for every object.
//
// What cannot be written as JSON, a channel or a function, is an error.
func Marshal(obj any) ([]byte, error) {
	tree, err := setFields(reflect.ValueOf(obj), 0)
	if err != nil {
		return nil, fmt.Errorf("marshal %T: %w", obj, err)
	}
	return yaml.Marshal(tree)
}

// MarshalAll returns objects as a stream of YAML documents, each as [Marshal]
// prints it, separated by lines of three dashes.
func MarshalAll[T any](objects []T) ([]byte, error) {
	var stream []byte
	for i, obj := range objects {
		document, err := Marshal(obj)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			stream = append(stream, "---\n"...)
		}
		stream = append(stream, document...)
	}
	return stream, nil
}

// maxDepth is deeper than any Kubernetes type; what goes on points to itself.
const maxDepth = 200

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// setFields turns a value into the maps, lists and scalars of JSON, without the
// fields that were not set.
func setFields(v reflect.Value, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply or contains itself")
	}
	if !v.IsValid() {
		return nil, nil
	}
	if v.Type().Implements(jsonMarshaler) || v.Type().Implements(textMarshaler) ||
		reflect.PointerTo(v.Type()).Implements(jsonMarshaler) {
		return viaJSON(v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		return setFields(v.Elem(), depth+1)
	case reflect.Struct:
		fields := map[string]any{}
		return fields, structFields(fields, v, depth)
	case reflect.Map:
		return mapEntries(v, depth)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return viaJSON(v) // base64
		}
		return elements(v, depth)
	case reflect.Array:
		return elements(v, depth)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return nil, fmt.Errorf("a %s has no JSON form", v.Type())
	}
	return v.Interface(), nil
}

// viaJSON asks the value itself, as encoding/json would. The copy is there for
// methods that want a pointer; numbers keep their digits.
func viaJSON(v reflect.Value) (any, error) {
	addressable := reflect.New(v.Type())
	addressable.Elem().Set(v)
	text, err := json.Marshal(addressable.Interface())
	if err != nil {
		return nil, err
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return tree, nil
}

func elements(v reflect.Value, depth int) (any, error) {
	list := make([]any, v.Len())
	for i := range list {
		element, err := setFields(v.Index(i), depth+1)
		if err != nil {
			return nil, err
		}
		list[i] = element
	}
	return list, nil
}

func mapEntries(v reflect.Value, depth int) (any, error) {
	if v.Type().Key().Kind() != reflect.String {
		return viaJSON(v)
	}
	entries := make(map[string]any, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		value, err := setFields(iter.Value(), depth+1)
		if err != nil {
			return nil, err
		}
		entries[iter.Key().String()] = value
	}
	return entries, nil
}

// structFields adds the set fields of a struct, and of what is inlined in it.
func structFields(fields map[string]any, v reflect.Value, depth int) error {
	for _, f := range fieldsOf(v.Type()) {
		value := v.Field(f.index)
		if f.inline {
			for value.Kind() == reflect.Pointer && !value.IsNil() {
				value = value.Elem()
			}
			if value.Kind() == reflect.Struct {
				if err := structFields(fields, value, depth+1); err != nil {
					return err
				}
			}
			continue
		}
		if value.IsZero() || (f.omitEmpty && empty(value)) {
			continue
		}
		tree, err := setFields(value, depth+1)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if f.quoted {
			text, err := json.Marshal(tree)
			if err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			tree = string(text)
		}
		fields[f.name] = tree
	}
	return nil
}

// empty says whether encoding/json would leave out a value for omitempty.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
		return v.Len() == 0
	}
	return false
}

// fieldTag is what the json tag of a field says.
type fieldTag struct {
	index                     int
	name                      string
	inline, omitEmpty, quoted bool
}

// fieldTags remembers the tags of the types seen: reading them costs more than
// all the rest. Every goroutine would compute the same.
var fieldTags sync.Map // reflect.Type to []fieldTag

func fieldsOf(t reflect.Type) []fieldTag {
	if known, ok := fieldTags.Load(t); ok {
		return known.([]fieldTag)
	}
	var tags []fieldTag
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("json") == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		tag := fieldTag{index: i, name: name}
		for _, option := range strings.Split(options, ",") {
			tag.omitEmpty = tag.omitEmpty || option == "omitempty"
			tag.quoted = tag.quoted || option == "string"
		}
		tag.quoted = tag.quoted && scalar(f.Type)
		tag.inline = f.Anonymous && name == "" && elem(f.Type).Kind() == reflect.Struct
		if f.Anonymous && !f.IsExported() && !tag.inline {
			continue
		}
		if name == "" {
			tag.name = f.Name
		}
		tags = append(tags, tag)
	}
	fieldTags.Store(t, tags)
	return tags
}

// elem returns what a pointer points to.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// scalar says whether encoding/json heeds the option string for a type.
func scalar(t reflect.Type) bool {
	kind := elem(t).Kind()
	return kind == reflect.String || kind >= reflect.Bool && kind <= reflect.Float64
}
