package apply_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/apply"
	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
)

// input is what the functions take together.
type input struct {
	Spec tracing.TracingSpec
	Text []byte
}

func TestPurity(t *testing.T) {
	for _, test := range added {
		in := func() input { return input{*test.spec.DeepCopy(), []byte(test.before)} }
		t.Run(test.name, func(t *testing.T) {
			puritytest.Check(t, in, func(i input) apply.Result {
				result, err := apply.Documents(i.Spec, i.Text, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				return result
			})
			puritytest.Check(t, in, func(i input) apply.Removed {
				result, err := apply.Remove(i.Spec, i.Text, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				return result
			})
			puritytest.Check(t, in, func(i input) []byte {
				result, err := apply.Documents(i.Spec, i.Text, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				text, err := apply.Undo(result.Text, result.Receipt)
				if err != nil {
					t.Fatal(err)
				}
				return text
			})
		})
	}
	t.Run("Cluster API", func(t *testing.T) {
		in := func() input { return input{spec("1.36"), []byte(controlPlane("{files: [{path: /a, content: b}]}"))} }
		puritytest.Check(t, in, func(i input) apply.Result {
			result, err := apply.Documents(i.Spec, i.Text, apply.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return result
		})
	})
	t.Run("Deletions", func(t *testing.T) {
		puritytest.Check(t, func() tracing.TracingSpec { return spec("1.34") }, func(spec tracing.TracingSpec) []runtime.Object {
			objects, err := apply.Deletions(spec)
			if err != nil {
				t.Fatal(err)
			}
			return objects
		})
	})
}
