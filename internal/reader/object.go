package reader

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// object is a text as the serializers of Kubernetes read it: JSON, if it begins with
// {, or else the first document of YAML, and keys in the case in which they are
// written. apiVersion and kind are read in any case.
//
// The sources are pkg/runtime/serializer/json/json.go and meta.go of
// k8s.io/apimachinery.
type object struct {
	apiVersion, kind string
	fields           map[string]any
	json             []byte
	isJSON           bool
	places           []place
}

func readObject(text []byte) (*object, *Problem) {
	o := &object{json: text, isJSON: utilyaml.IsJSONBuffer(text), places: places(text)}
	if !o.isJSON {
		var err error
		if o.json, err = yaml.YAMLToJSON(text); err != nil {
			return nil, unreadable(text, err)
		}
	}
	var value any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(o.json, &value); err != nil {
		return nil, notJSON(text, err)
	}
	var isObject bool
	if o.fields, isObject = value.(map[string]any); !isObject && value != nil {
		return nil, &Problem{1, "", fmt.Sprintf("it is %s: write fields", described(value))}
	}
	meta := struct{ APIVersion, Kind string }{}
	if json.Unmarshal(o.json, &meta) != nil {
		for _, field := range []string{"apiVersion", "kind"} {
			if _, problem := o.text(o.fields, field, field); problem != nil {
				return nil, problem
			}
		}
		return nil, &Problem{1, "", "apiVersion or kind is no text: write them as texts"}
	}
	o.apiVersion, o.kind = meta.APIVersion, meta.Kind
	return o, nil
}

// Document returns the fields of a document. The error is a *[Problem].
func Document(text []byte) (map[string]any, error) {
	o, problem := readObject(text)
	if problem != nil {
		return nil, problem
	}
	return o.fields, nil
}

// notJSON is the problem of a text that begins as JSON does.
func notJSON(text []byte, err error) *Problem {
	line := 0
	if syntax, offset := kjson.SyntaxErrorOffset(err); syntax {
		line = 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
	}
	return &Problem{line, "", fmt.Sprintf("it begins with {, so that it is read as JSON, and is none (%s): write JSON, or YAML in lines", err)}
}

// text is a text at a key, or nil.
func (o *object) text(fields map[string]any, key, path string) (*string, *Problem) {
	switch value := fields[key].(type) {
	case nil:
		return nil, nil
	case string:
		return &value, nil
	default:
		return nil, o.wrong(path, value, "a text")
	}
}

// number is a number of 32 bits at a key, or nil.
func (o *object) number(fields map[string]any, key, path string) (*int32, *Problem) {
	switch value := fields[key].(type) {
	case nil:
		return nil, nil
	case int64:
		if value >= math.MinInt32 && value <= math.MaxInt32 {
			number := int32(value)
			return &number, nil
		}
	}
	return nil, o.wrong(path, fields[key], "a whole number up to 2147483647")
}

// mapping is the fields at a key, or nil.
func (o *object) mapping(fields map[string]any, key, path string) (map[string]any, *Problem) {
	switch value := fields[key].(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return value, nil
	default:
		return nil, o.wrong(path, value, "fields")
	}
}

// wrong is the problem of a value that is not what is wanted.
func (o *object) wrong(path string, value any, want string) *Problem {
	return &Problem{lineOf(o.places, path), path, fmt.Sprintf("it is %s: write %s", described(value), want)}
}

// described is a value for people.
func described(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "fields"
	case []any:
		return "a list"
	case string:
		return "the text " + strconv.Quote(value)
	case bool:
		return fmt.Sprintf("the boolean %t", value)
	default:
		return fmt.Sprintf("the number %v", value)
	}
}
