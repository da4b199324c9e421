package reader

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/yamledit"

	"gopkg.in/yaml.v3"
	kjson "sigs.k8s.io/json"
	sigsyaml "sigs.k8s.io/yaml"

	tracingv1 "k8s.io/component-base/tracing/api/v1"
)

// TracingSettings is what a tracing file says.
type TracingSettings struct {
	// APIVersion and Kind may be empty: a file without them is read as if they were
	// there. Up to 1.26 nothing else in it is read then.
	APIVersion, Kind string
	tracingv1.TracingConfiguration
}

// tracingFields are what kube-apiserver knows, in each release from 1.22 on.
var tracingFields = []string{"apiVersion", "kind", "endpoint", "samplingRatePerMillion"}

// TracingFile reads the file of kube-apiserver's --tracing-config-file. The error is
// a *[Problem] that ends each release. The list has the fields that kube-apiserver
// does not know, such as one in another case, and those that are there twice. From
// 1.32 on, with strict, they end it. Before, it passes over a field that it does not
// know, so that nothing is set, and takes the last of those that are there twice. It
// reads the first document alone.
//
// The caller has to know which apiVersions a release reads.
//
// The sources are ReadTracingConfiguration in pkg/server/options/tracing.go of
// k8s.io/apiserver, strict from v0.32.0 on, and the serializer that it uses,
// pkg/runtime/serializer/json/json.go of k8s.io/apimachinery.
func TracingFile(text []byte, strict bool) (TracingSettings, []*Problem, error) {
	var s TracingSettings
	o, problem := readObject(text)
	if problem != nil {
		return s, nil, problem
	}
	s.APIVersion, s.Kind = o.apiVersion, o.kind
	if s.Endpoint, problem = o.text(o.fields, "endpoint", "endpoint"); problem != nil {
		return s, nil, problem
	}
	if s.SamplingRatePerMillion, problem = o.number(o.fields, "samplingRatePerMillion", "samplingRatePerMillion"); problem != nil {
		return s, nil, problem
	}
	return s, append(o.unknown(strict), o.twice(text, strict)...), nil
}

// unknown are the fields of a tracing file that kube-apiserver does not know.
func (o *object) unknown(strict bool) []*Problem {
	var problems []*Problem
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		if slices.Contains(tracingFields, key) {
			continue
		}
		message := "kube-apiserver passes over this field, which it does not know"
		if strict {
			message = "kube-apiserver does not start with this field, which it does not know"
		}
		if near := meant(key, tracingFields); near != "" {
			message += ": write " + near
		} else {
			message += ": take it out"
		}
		problems = append(problems, &Problem{lineOf(o.places, key), key, message})
	}
	slices.SortStableFunc(problems, func(a, b *Problem) int { return a.Line - b.Line })
	return problems
}

// twice are the fields that are there twice, as far as kube-apiserver notices.
func (o *object) twice(text []byte, strict bool) []*Problem {
	noticed := ""
	if o.isJSON {
		var value any
		errs, _ := kjson.UnmarshalStrict(text, &value, kjson.DisallowDuplicateFields)
		for _, err := range errs {
			noticed = err.Error()
		}
	} else if _, err := sigsyaml.YAMLToJSONStrict(text); err != nil {
		noticed = library.ReplaceAllString(err.Error(), "")
	}
	if noticed == "" {
		return nil
	}
	problem := func(line int, field, first string) *Problem {
		message := "it is written twice" + first + ", and kube-apiserver reads the last"
		if strict {
			message = "it is written twice" + first + ", and kube-apiserver does not start with it"
		}
		return &Problem{line, field, message + ": take one out"}
	}
	var problems []*Problem
	firsts := map[string]*yaml.Node{}
	for _, p := range o.places {
		if p.key == nil {
			continue
		}
		field := yamledit.Name(p.path)
		if first, there := firsts[field]; there {
			problems = append(problems, problem(p.line(), field, ", first in line "+strconv.Itoa(first.Line)))
			continue
		}
		firsts[field] = p.key
	}
	if len(problems) == 0 { // it is merged, or in another spelling
		problems = append(problems, problem(0, "", " ("+strings.TrimSpace(noticed)+")"))
	}
	return problems
}
