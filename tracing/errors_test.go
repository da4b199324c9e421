package tracing

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestInvalidSpecError(t *testing.T) {
	_, err := Resolve(TracingSpec{KubernetesVersion: "1.20", Endpoint: "localhost:4317"})
	err = fmt.Errorf("generate: %w", err)

	var invalid *InvalidSpecError
	if !errors.As(err, &invalid) {
		t.Fatalf("%T holds no InvalidSpecError", err)
	}
	var first *field.Error
	if !errors.As(err, &first) || first != invalid.Errors[0] {
		t.Errorf("errors.As finds %v, not the first problem", first)
	}
	for _, problem := range invalid.Errors {
		if !errors.Is(err, problem) {
			t.Errorf("errors.Is does not find %v", problem)
		}
	}
	text := err.Error()
	if !strings.Contains(text, "2 problems") || strings.Count(text, "\n  ") != 2 || !strings.Contains(text, "\n  endpoint: Invalid value") {
		t.Errorf("the problems are not one a line: %s", text)
	}
	if one := (&InvalidSpecError{Errors: invalid.Errors[1:]}).Error(); strings.Contains(one, "\n") || !strings.HasPrefix(one, "invalid TracingSpec: endpoint: ") {
		t.Errorf("a single problem is not one line: %s", one)
	}
}

func TestNotGeneratedError(t *testing.T) {
	err := &NotGeneratedError{Component: ComponentEtcd, Field: "etcd.disabled", Reason: "it is disabled"}
	if got, want := err.Error(), "nothing is generated for etcd: etcd.disabled: it is disabled"; got != want {
		t.Errorf("Error is %q, want %q", got, want)
	}
}
