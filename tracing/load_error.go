package tracing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// decodeError turns a value of the wrong type into an error of its field.
func decodeError(err error, asJSON []byte) error {
	if problems := unitErrors(asJSON); len(problems) > 0 {
		return &InvalidSpecError{Errors: problems}
	}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("read a TracingSpec: %w", err)
	}
	detail := "write " + kindName(wrong.Type)
	if scalar := wrong.Value != "object" && wrong.Value != "array"; scalar && wrong.Type.Kind() == reflect.String {
		detail = "write the value in quotes: without them YAML reads 1.30 as the number 1.3, and yes as true"
	}
	path, value := valueAt(asJSON, wrong.Offset)
	if value == nil {
		value = field.OmitValueType{} // a text may be a secret
	}
	if strings.HasSuffix(path.String(), "amplingRatePerMillion") {
		detail = "write a whole number from 0 to 1000000; 10000 is 1 %"
	}
	return &InvalidSpecError{Errors: field.ErrorList{field.TypeInvalid(path, value, detail)}}
}

// unitErrors finds what is no quantity and no duration: the decoder's own error
// names no field.
func unitErrors(asJSON []byte) field.ErrorList {
	type resources struct {
		Limits, Requests map[string]json.RawMessage
	}
	var spec struct {
		Collector struct {
			Load      struct{ Outage json.RawMessage }
			Resources resources
			Queue     struct{ Disk json.RawMessage }
		}
		Gateway struct{ Resources resources }
	}
	if json.Unmarshal(asJSON, &spec) != nil {
		return nil // the shape is wrong, which decodeError reports
	}
	var errs field.ErrorList
	check := func(path *field.Path, text json.RawMessage, into json.Unmarshaler, write string) {
		if text != nil && into.UnmarshalJSON(text) != nil {
			errs = append(errs, field.TypeInvalid(path, strings.Trim(string(text), `"`), write))
		}
	}
	collector := field.NewPath("collector")
	check(collector.Child("load", "outage"), spec.Collector.Load.Outage, &metav1.Duration{}, "write a duration, such as 10m or 1h30m")
	quantities := func(path *field.Path, values map[string]json.RawMessage) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			check(path.Key(name), values[name], &resource.Quantity{}, "write a quantity, such as 256Mi or 50m")
		}
	}
	quantities(collector.Child("resources", "limits"), spec.Collector.Resources.Limits)
	quantities(collector.Child("resources", "requests"), spec.Collector.Resources.Requests)
	check(collector.Child("queue", "disk"), spec.Collector.Queue.Disk, &resource.Quantity{}, "write a quantity, such as 256Mi")
	gateway := field.NewPath("gateway", "resources")
	quantities(gateway.Child("limits"), spec.Gateway.Resources.Limits)
	quantities(gateway.Child("requests"), spec.Gateway.Resources.Requests)
	return errs
}

// valueAt returns the path of the value that ends or begins at an offset: the
// decoder's own path leaves out where in a list or map it is. The value is
// returned only if it is a number or a boolean: a text may be a secret.
func valueAt(asJSON []byte, offset int64) (*field.Path, any) {
	var path *field.Path
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.UseNumber()
	// walk reads one value and says whether it is the one.
	var walk func(at *field.Path, t reflect.Type) (any, bool)
	walk = func(at *field.Path, t reflect.Type) (any, bool) {
		token, err := decoder.Token()
		if err != nil || decoder.InputOffset() >= offset {
			path = at
			return token, true
		}
		open, ok := token.(json.Delim)
		if !ok {
			return nil, false
		}
		for i := 0; decoder.More(); i++ {
			child, name := at.Index(i), ""
			if open == '{' {
				key, _ := decoder.Token()
				name, _ = key.(string)
				child = at.Child(name)
			}
			if t.Kind() == reflect.Map {
				child = at.Key(name)
			}
			if value, found := walk(child, inside(t, name)); found {
				return value, true
			}
		}
		_, _ = decoder.Token() // the closing bracket
		return nil, false
	}
	value, _ := walk(nil, reflect.TypeFor[TracingSpec]())
	switch value.(type) {
	case json.Number, bool:
		return path, value
	}
	return path, nil
}

// inside returns the type of an element or of the field that JSON calls name,
// and otherwise that of what has neither.
func inside(t reflect.Type, name string) reflect.Type {
	inner := reflect.TypeFor[any]()
	switch t.Kind() {
	case reflect.Map, reflect.Slice:
		inner = t.Elem()
	case reflect.Struct:
		if named, ok := jsonField(t, name); ok {
			inner = named
		}
	}
	return elem(inner)
}

// kindName names what a field holds in the words of YAML.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int32:
		return "a whole number, at most 2147483647"
	case reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	}
	return "a mapping of fields"
}

// strictError turns an unknown field into an error of that field. Fields that
// are written twice do not come so far: the YAML reader refuses them.
func strictError(err error) *field.Error {
	var path string
	var at interface{ FieldPath() string }
	if errors.As(err, &at) {
		path = at.FieldPath()
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
	return fieldNames(t)
}

// fieldNames returns the JSON names of a struct's fields, and of those of the
// structs that are inlined in it.
func fieldNames(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range t.NumField() {
		if name := jsonName(t.Field(i)); name != "" {
			names = append(names, name)
		} else if t.Field(i).Anonymous {
			names = append(names, fieldNames(t.Field(i).Type)...)
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
