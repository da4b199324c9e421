package kind_test

import (
	"errors"
	"testing"

	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

func TestNodeImage(t *testing.T) {
	image, release, err := kind.NodeImage(spec("1.29.1"))
	if image != "kindest/node:v1.29.1" || release != "v0.22.0" || err != nil {
		t.Errorf("got %s, %s, %v", image, release, err)
	}
	var not *tracing.NotGeneratedError
	if image, release, err := kind.NodeImage(spec("1.38")); image != "" || release != "" || !errors.As(err, &not) || not.Component != kind.ComponentNode || not.Field != "kubernetesVersion" {
		t.Errorf("of a release without an image: got %q, %q, %v", image, release, err)
	}
	var invalid *tracing.InvalidSpecError
	if _, _, err := kind.NodeImage(spec("1.0")); !errors.As(err, &invalid) {
		t.Errorf("of a bad spec: got %v", err)
	}
}
