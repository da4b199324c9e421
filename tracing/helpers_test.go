package tracing

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// load reads the YAML of a test's spec. The release is 1.34 where it names none.
func load(t testing.TB, text string) TracingSpec {
	t.Helper()
	if text == "" {
		text = "{}"
	}
	spec, err := Load([]byte(text))
	if err != nil {
		t.Fatalf("load %s: %v", text, err)
	}
	if !strings.Contains(text, "kubernetesVersion:") {
		spec.KubernetesVersion = "1.34"
	}
	return spec
}

// resolved is the result of a spec that has to be valid.
func resolved(t testing.TB, text string) Resolved {
	t.Helper()
	r, err := Resolve(load(t, text))
	if err != nil {
		t.Fatalf("resolve %s: %v", text, err)
	}
	return r
}

// corpus is every valid spec of this package's tables, for the laws that hold of
// all of them.
func corpus() map[string]string {
	all := map[string]string{}
	for _, table := range []map[string]string{validKubernetes, validEndpoints, validEtcd, validCollectors, validLoads, validGateways, validExporters, validRuntimes} {
		maps.Copy(all, table)
	}
	return all
}

// problem is one error that an invalid spec has to give.
type problem struct {
	Type  field.ErrorType
	Field string
	Says  string // a part of the message
}

// invalidCase is a spec and all of its problems, in the order of its fields.
type invalidCase struct {
	name, spec string
	want       []problem
}

// advice is what a message holds that says what to write instead. Upstream's own
// messages about labels say what a label must be.
var advice = regexp.MustCompile(`\b(write|leave|choose|upgrade it|supported are|must)\b`)

// checkInvalid holds every rule of errors against a table: their types, fields
// and messages, that fields are real and messages give advice, that the order is
// stable and that Resolve agrees.
func checkInvalid(t *testing.T, cases []invalidCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			spec := load(t, c.spec)
			errs := spec.Validate()
			if diff := cmp.Diff(c.want, problems(errs, c.want)); diff != "" {
				t.Fatalf("problems (-want +got):\n%s", diff)
			}
			for _, err := range errs {
				if why := realField(err.Field); why != nil {
					t.Errorf("%s: %v", err.Field, why)
				}
				if !advice.MatchString(err.Detail) {
					t.Errorf("%s: %q does not say what to write instead", err.Field, err.Detail)
				}
			}
			// Maps are walked in another order each time.
			for range 10 {
				_, err := Resolve(spec)
				invalid, ok := err.(*InvalidSpecError)
				if !ok {
					t.Fatalf("Resolve returned %v, not what Validate did", err)
				}
				if diff := cmp.Diff(errs, invalid.Errors); diff != "" {
					t.Fatalf("Validate and Resolve differ (-Validate +Resolve):\n%s", diff)
				}
			}
		})
	}
}

// problems reduces errors to what a table says, with the message that is wanted
// where the error holds it.
func problems(errs field.ErrorList, want []problem) []problem {
	var got []problem
	for i, err := range errs {
		p := problem{err.Type, err.Field, err.Detail}
		if i < len(want) && strings.Contains(err.Detail, want[i].Says) {
			p.Says = want[i].Says
		}
		got = append(got, p)
	}
	return got
}

var pathStep = regexp.MustCompile(`^\.?([A-Za-z0-9]+)|^\[([^\]]*)\]`)

// realField says why a path names no JSON field of TracingSpec, or nil.
func realField(path string) error {
	at := reflect.TypeFor[TracingSpec]()
	for rest := path; rest != ""; {
		step := pathStep.FindStringSubmatch(rest)
		if step == nil {
			return fmt.Errorf("cannot read %q", rest)
		}
		rest = rest[len(step[0]):]
		for at.Kind() == reflect.Pointer {
			at = at.Elem()
		}
		switch {
		case step[1] == "" && (at.Kind() == reflect.Map || at.Kind() == reflect.Slice):
			at = at.Elem()
		case step[1] != "" && at.Kind() == reflect.Struct && slices.Contains(fieldNames(at), step[1]):
			at = fieldCalled(at, step[1])
		default:
			return fmt.Errorf("%s has no field %q", at, step[0])
		}
	}
	if path == "" {
		return fmt.Errorf("the path is empty")
	}
	return nil
}

// fieldCalled returns the type of a field that is there, inlined or not.
func fieldCalled(t reflect.Type, name string) reflect.Type {
	for _, f := range reflect.VisibleFields(t) {
		if jsonName(f) == name {
			return f.Type
		}
	}
	return nil
}

func TestRealField(t *testing.T) {
	for path, want := range map[string]bool{
		"etcd.version": true,
		"collector.exporter.headers[0].secretKeyRef.name": true,
		"collector.resources.limits[memory]":              true,
		"":                                                false,
		"etcd.Version":                                    false,
		"etcd[0]":                                         false,
		"collector.exporter.[0].x":                        false,
		"collector.labels.a":                              false,
	} {
		if got := realField(path) == nil; got != want {
			t.Errorf("realField(%q) is %t, want %t", path, got, want)
		}
	}
}
