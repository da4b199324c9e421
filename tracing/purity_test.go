package tracing_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
)

// full is a spec with something in every part that a result could share.
const full = `
kubernetesVersion: 1.29.1
clusterName: a
collector:
  labels: {a: b}
  annotations: {a: b}
  nodeSelector: {a: b}
  imagePullSecrets: [{name: a}]
  exporter:
    endpoint: a.example.com:4317
    tls: {ca: {name: a, key: b}, cert: {name: a, key: b}, key: {name: a, key: b}}
    headers: [{name: a, value: b}, {name: authorization, secretKeyRef: {name: a, key: b}}]
`

func mustLoad(t *testing.T) tracing.TracingSpec {
	t.Helper()
	spec, err := tracing.Load([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// TestPurity goes through the functions that take a spec or a text.
func TestPurity(t *testing.T) {
	spec := func() tracing.TracingSpec { return mustLoad(t) }
	t.Run("WithDefaults", func(t *testing.T) { puritytest.Check(t, spec, tracing.TracingSpec.WithDefaults) })
	t.Run("Validate", func(t *testing.T) {
		bad := func() tracing.TracingSpec { s := spec(); s.Endpoint = "localhost:1"; return s }
		puritytest.Check(t, bad, func(s tracing.TracingSpec) []string {
			var texts []string
			for _, err := range s.Validate() {
				texts = append(texts, err.Error())
			}
			return texts
		})
	})
	t.Run("Load", func(t *testing.T) {
		puritytest.Check(t, func() []byte { return []byte(full) }, func(text []byte) tracing.TracingSpec {
			loaded, _ := tracing.Load(text)
			return loaded
		})
	})
	t.Run("Marshal", func(t *testing.T) {
		puritytest.Check(t, spec, func(s tracing.TracingSpec) []byte {
			text, _ := tracing.Marshal(s)
			return text
		})
	})
	nothing := func() struct{} { return struct{}{} }
	t.Run("Releases", func(t *testing.T) {
		puritytest.Check(t, nothing, func(struct{}) []tracing.Release { return tracing.Releases() })
	})
	t.Run("EtcdReleases", func(t *testing.T) {
		puritytest.Check(t, nothing, func(struct{}) []tracing.EtcdRelease { return tracing.EtcdReleases() })
	})
	t.Run("CollectorReleases", func(t *testing.T) {
		puritytest.Check(t, nothing, func(struct{}) []tracing.CollectorRelease { return tracing.CollectorReleases() })
	})
	t.Run("ReservedLabels", func(t *testing.T) {
		puritytest.Check(t, nothing, func(struct{}) []string { return tracing.ReservedLabels() })
	})
}

// TestPurityOfResolved asks every question that needs no argument, changes the
// answer and asks again, of the same Resolved and of the spec's next one.
func TestPurityOfResolved(t *testing.T) {
	spec := mustLoad(t)
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for i := range reflect.TypeFor[tracing.Resolved]().NumMethod() {
		method := reflect.TypeFor[tracing.Resolved]().Method(i)
		if method.Type.NumIn() != 1 {
			continue
		}
		asked++
		want := answers(method, again)
		for _, answer := range method.Func.Call([]reflect.Value{reflect.ValueOf(resolved)}) {
			changeable := reflect.New(answer.Type())
			changeable.Elem().Set(answer)
			puritytest.Scribble(changeable.Interface())
		}
		if diff := cmp.Diff(want, answers(method, resolved)); diff != "" {
			t.Errorf("%s answers otherwise after its answer was changed (-want +got):\n%s", method.Name, diff)
		}
	}
	if asked < 15 {
		t.Errorf("only %d questions were asked", asked)
	}
	if diff := cmp.Diff(mustLoad(t), spec); diff != "" {
		t.Errorf("the spec was changed (-before +after):\n%s", diff)
	}
}

func answers(method reflect.Method, r tracing.Resolved) []any {
	var all []any
	for _, answer := range method.Func.Call([]reflect.Value{reflect.ValueOf(r)}) {
		all = append(all, answer.Interface())
	}
	return all
}
