package reader

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/internal/yamledit"
)

// The apiVersion and kind of the configuration of kind.
const (
	KindAPIVersion = "kind.x-k8s.io/v1alpha4"
	KindCluster    = "Cluster"
)

// Cluster reads a configuration as kind does: with yaml.v3, for which a number or
// boolean is a text where a text is wanted and yes is a boolean where that is wanted,
// strictly, and the first document alone. With problems there is no cluster.
//
// The source is sigs.k8s.io/kind pkg/internal/apis/config/encoding/load.go, which
// cannot be imported.
func Cluster(text []byte) (*v1alpha4.Cluster, []*Problem) {
	cluster := &v1alpha4.Cluster{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err := decoder.Decode(cluster)
	types := &yaml.TypeError{}
	isTypes := errors.As(err, &types)
	all := places(text)
	if err != nil && !isTypes && !errors.Is(err, io.EOF) && all == nil {
		return nil, []*Problem{unreadable(text, err)}
	}
	if problems := kindOf(cluster.TypeMeta, all); len(problems) > 0 {
		return nil, problems
	}
	var problems []*Problem
	for _, message := range types.Errors {
		problems = append(problems, kindProblem(message, all))
	}
	if err != nil && !isTypes {
		problems = append(problems, unknownWord(err, all))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return cluster, nil
}

// kindOf says what is wrong with the apiVersion and kind.
func kindOf(meta v1alpha4.TypeMeta, all []place) []*Problem {
	if len(all) == 0 {
		return []*Problem{{Message: fmt.Sprintf("there is nothing in the first document, and kind reads no other: write apiVersion: %s and kind: %s into it", KindAPIVersion, KindCluster)}}
	}
	var problems []*Problem
	for _, field := range []struct{ name, have, want string }{{"apiVersion", meta.APIVersion, KindAPIVersion}, {"kind", meta.Kind, KindCluster}} {
		line := lineOf(all, field.name)
		for _, p := range all { // of a mapping with a key twice the decoder reads nothing
			if field.have == "" && yamledit.Name(p.path) == field.name && p.value.ShortTag() == "!!str" {
				field.have = p.value.Value
			}
		}
		switch {
		case field.have == field.want:
		case field.have == "" && line == 0:
			problems = append(problems, &Problem{1, field.name, fmt.Sprintf("it is missing: write %s: %s", field.name, field.want)})
		default:
			problems = append(problems, &Problem{line, field.name, fmt.Sprintf("it is %q, and kind reads %s alone: write %s: %s", field.have, field.want, field.name, field.want)})
		}
	}
	return problems
}

// What yaml.v3 says of a document that does not fit its type.
var (
	unknownField = regexp.MustCompile(`^line (\d+): field (.*) not found in type `)
	writtenTwice = regexp.MustCompile(`^line (\d+): (?:mapping key "(.*)" already defined at line (\d+)|field (.*) already set in type .*)$`)
	wrongType    = regexp.MustCompile("^line (\\d+): cannot unmarshal (\\S+)(?: `((?s:.*))`)? into (\\S+)$")
)

// kindProblem is a message of yaml.v3 with the field's name, and without types of Go.
func kindProblem(message string, all []place) *Problem {
	if said := unknownField.FindStringSubmatch(message); said != nil {
		p, path := find(all, said[1], func(p place) bool { return p.key != nil && p.key.Value == said[2] })
		problem := &Problem{p, yamledit.Name(path), "kind knows no such field: take it out"}
		if path == nil {
			problem.Field = said[2]
		} else if near := meant(said[2], fields(typeAt(clusterType, path[:len(path)-1]))); near != "" {
			problem.Message = "kind knows no such field: write " + near
		}
		return problem
	}
	if said := writtenTwice.FindStringSubmatch(message); said != nil {
		key := said[2] + said[4]
		line, path := find(all, said[1], func(p place) bool { return p.key != nil && p.key.Value == key })
		first := ""
		if said[3] != "" {
			first = ", first in line " + said[3]
		}
		if path == nil {
			path = []any{key}
		}
		return &Problem{line, yamledit.Name(path), "it is written twice" + first + ": take one out"}
	}
	if said := wrongType.FindStringSubmatch(message); said != nil {
		line, path := find(all, said[1], func(p place) bool {
			t := typeAt(clusterType, p.path)
			return t != nil && t.String() == strings.TrimSuffix(said[4], "Alias") && // which is how kind's own UnmarshalYAML reads a type
				p.value.ShortTag() == said[2] && strings.HasPrefix(p.value.Value, strings.TrimSuffix(said[3], "..."))
		})
		problem := &Problem{line, yamledit.Name(path), written(said[2], said[3]) + ", which kind does not read here"}
		if path != nil {
			problem.Message = written(said[2], said[3]) + ": write " + wanted(typeAt(clusterType, path))
		}
		return problem
	}
	line, _ := strconv.Atoi(library.FindStringSubmatch(message)[1])
	return &Problem{line, "", library.ReplaceAllString(message, "")}
}

// find is the line and path of the place in a line that is meant.
func find(all []place, line string, meant func(place) bool) (int, []any) {
	n, _ := strconv.Atoi(line) // it is of digits
	for _, p := range all {
		if (p.line() == n || p.value.Line == n) && meant(p) {
			return n, p.path
		}
	}
	return n, nil
}

// written is what stands where something else is wanted.
func written(tag, value string) string {
	switch tag {
	case "!!map":
		return "there are fields"
	case "!!seq":
		return "there is a list"
	}
	if yamledit.Template(value) != "" {
		return "it is " + strconv.Quote(value) + ", a template that is not rendered"
	}
	return "it is " + strconv.Quote(value)
}

// wanted is what a type is for who writes a document.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int32:
		return "a whole number up to 2147483647"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "fields"
	}
	return "a text"
}

var clusterType = reflect.TypeFor[v1alpha4.Cluster]()

// typeAt is the type that a type has at a path, or nil.
func typeAt(t reflect.Type, path []any) reflect.Type {
	switch {
	case len(path) == 0:
		return t
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		return typeAt(t.Elem(), path[1:])
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			switch name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name {
			case path[0]:
				return typeAt(t.Field(i).Type, path[1:])
			case "": // inline
				if inner := typeAt(t.Field(i).Type, path); inner != nil {
					return inner
				}
			}
		}
	}
	return nil
}

// fields are the names of those that a type has.
func fields(t reflect.Type) []string {
	var names []string
	for i := 0; t != nil && t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name == "" {
			names = append(names, fields(t.Field(i).Type)...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

// unknownWord is the problem of a word that kind's types refuse themselves.
func unknownWord(err error, all []place) *Problem {
	field, what, _ := strings.Cut(strings.TrimPrefix(err.Error(), "Unknown "), ": ")
	words := map[string]struct{ field, words string }{
		"MountPropagation":    {"propagation", "None, HostToContainer or Bidirectional"},
		"PortMappingProtocol": {"protocol", "TCP, UDP or SCTP"},
	}
	known, ok := words[field]
	if !ok {
		return &Problem{Message: library.ReplaceAllString(err.Error(), "")}
	}
	value, _ := strconv.Unquote(what)
	for _, p := range all {
		if p.key != nil && p.key.Value == known.field && strings.EqualFold(p.value.Value, value) {
			return &Problem{p.line(), yamledit.Name(p.path), fmt.Sprintf("kind does not know %s: write %s", what, known.words)}
		}
	}
	return &Problem{Field: known.field, Message: fmt.Sprintf("kind does not know %s: write %s", what, known.words)}
}
