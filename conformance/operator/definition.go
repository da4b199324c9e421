package operator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"

	"kubetrace/conformance"
)

// FilesVariable names files with definitions beside the pinned one.
const FilesVariable = "KUBETRACE_OPERATOR_CRD"

// pinned is where a module carries the definition.
const (
	pinnedModule = "github.com/gardener/gardener"
	pinnedFile   = "pkg/component/observability/opentelemetry/operator/assets/crd-opentelemetry.io_opentelemetrycollectors.yaml"
)

// Files returns the files with definitions: the pinned one, which is downloaded,
// and those of [FilesVariable].
func Files(ctx context.Context) ([]string, error) {
	dir, err := conformance.Download(ctx, "pins", pinnedModule)
	if err != nil {
		return nil, fmt.Errorf("the operator's CustomResourceDefinition comes from a module: %w", err)
	}
	files := []string{filepath.Join(dir, filepath.FromSlash(pinnedFile))}
	return append(files, filepath.SplitList(os.Getenv(FilesVariable))...), nil
}

// Definition is v1beta1 of the operator's CustomResourceDefinition, as
// kube-apiserver holds it.
type Definition struct {
	schema    *structuralschema.Structural
	validator validation.SchemaValidator
	rules     *cel.Validator
}

// Read reads a file with a CustomResourceDefinition.
func Read(file string) (*Definition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s has to name a copy of config/crd/bases/opentelemetry.io_opentelemetrycollectors.yaml of the operator's repository; the pinned one is that of the module in pins/go.mod", err, FilesVariable)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	at := slices.IndexFunc(crd.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool {
		return v.Name == "v1beta1" && v.Served && v.Schema != nil
	})
	if crd.Name != "opentelemetrycollectors.opentelemetry.io" || at < 0 {
		return nil, fmt.Errorf("%s defines %q and not v1beta1 of opentelemetrycollectors.opentelemetry.io", file, crd.Name)
	}
	var schema apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(crd.Spec.Versions[at].Schema, &schema, nil); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := &Definition{}
	if d.schema, err = structuralschema.NewStructural(schema.OpenAPIV3Schema); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if d.validator, _, err = validation.NewSchemaValidator(schema.OpenAPIV3Schema); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d.rules = cel.NewValidator(d.schema, true, perCallLimit)
	return d, nil
}
