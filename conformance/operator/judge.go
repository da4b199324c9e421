package operator

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	structurallisttype "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

const perCallLimit = celconfig.PerCallLimit

// Judge returns what kube-apiserver would refuse in a resource that is created,
// or drop from it: the steps are those of customresource_handler.go and of
// registry/customresource/strategy.go in k8s.io/apiextensions-apiserver, with
// fieldValidation: Strict.
func (d *Definition) Judge(ctx context.Context, document []byte) (problems []string, err error) {
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, err
	}
	resource := &unstructured.Unstructured{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &resource.Object); err != nil {
		return nil, err
	}
	problem := func(format string, arguments ...any) { problems = append(problems, fmt.Sprintf(format, arguments...)) }
	if got := resource.GroupVersionKind().String(); got != "opentelemetry.io/v1beta1, Kind=OpenTelemetryCollector" {
		problem("it is %s", got)
	}
	for _, err := range apivalidation.ValidateObjectMetaAccessor(resource, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata")) {
		problem("%v", err)
	}

	given := runtime.DeepCopyJSON(resource.Object)
	tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(resource.Object, d.schema, true, tracked) {
		problem("%s is unknown", path)
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(resource.Object, d.schema)
	for _, path := range lost(given, resource.Object, "") {
		problem("%s is dropped", strings.TrimPrefix(path, "."))
	}
	defaulting.Default(resource.Object, d.schema)
	for _, path := range lost(given, resource.Object, "") {
		problem("%s is not kept", strings.TrimPrefix(path, "."))
	}

	errs := validation.ValidateCustomResource(nil, resource.Object, d.validator)
	errs = append(errs, objectmeta.Validate(ctx, nil, resource.Object, d.schema, false)...)
	errs = append(errs, structurallisttype.ValidateListSetsAndMaps(nil, d.schema, resource.Object)...)
	if len(errs) == 0 { // rules are only asked of what has the right types
		errs, _ = d.rules.Validate(ctx, nil, d.schema, resource.Object, nil, celconfig.RuntimeCELCostBudget)
	}
	for _, err := range errs {
		problem("%v", err)
	}
	return problems, nil
}

// lost returns the paths of what was given and is not there or not the same any
// more. What was added is no loss.
func lost(given, got any, path string) (paths []string) {
	switch given := given.(type) {
	case map[string]any:
		entries, ok := got.(map[string]any)
		if !ok {
			return []string{path}
		}
		for key, value := range given {
			at := path + "." + key
			if entry, ok := entries[key]; ok {
				paths = append(paths, lost(value, entry, at)...)
			} else {
				paths = append(paths, at)
			}
		}
		return paths
	case []any:
		elements, ok := got.([]any)
		if !ok || len(elements) != len(given) {
			return []string{path}
		}
		for i, value := range given {
			paths = append(paths, lost(value, elements[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
		return paths
	}
	if !reflect.DeepEqual(given, got) {
		return []string{path}
	}
	return nil
}
